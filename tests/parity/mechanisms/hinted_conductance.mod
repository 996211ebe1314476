TITLE CONDUCTANCE of an ion's and of a non-specific current, a procedure in SOLVE

NEURON {
  SUFFIX hinted_conductance
  USEION k READ ek WRITE ik
  NONSPECIFIC_CURRENT il
  RANGE g, gl, clock, kick
}

PARAMETER { gl = 2e-4 (S/cm2) }
ASSIGNED { v (mV) dt (ms) ek (mV) ik (mA/cm2) il (mA/cm2) g (S/cm2) clock kick }
STATE { n }
LOCAL calls
INITIAL {
  n = 0.3
  calls = 0
  clock = 0
}

BREAKPOINT {
  CONDUCTANCE g USEION k
  CONDUCTANCE gl
  SOLVE advance METHOD after_cvode
  g = 1e-3*n
  ik = g*(v - ek)
  il = gl*(v + 60)
}

PROCEDURE advance() {
  MUTEXLOCK
  PROTECT calls = calls + 1
  MUTEXUNLOCK
  clock = clock + dt
  at_time(3)
  IF (at_time(5)) {
    state_discontinuity(n, 0.9)
    kick = calls
  }
  n = n + dt*0.1*(1/(1 + exp(-(v + 40)/10)) - n)
  IF (n < 0) { printf("never: %g\n", n) }
}
