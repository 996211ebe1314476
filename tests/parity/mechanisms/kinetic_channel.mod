TITLE A potassium channel of five states in a ring, linear in them

COMMENT
KINETIC with one molecule on each side, CONSERVE, the steady state at the beginning, loops over an array of states.
ENDCOMMENT

NEURON {
  SUFFIX kinetic_channel
  USEION k READ ek WRITE ik
  RANGE gbar, g, through, first
  GLOBAL slow
}

DEFINE LAST 2

UNITS {
  (mV) = (millivolt)
  (mA) = (milliamp)
  (S) = (siemens)
}

PARAMETER {
  gbar = 0.004 (S/cm2)
  slow = 0.02 (/ms)
}

ASSIGNED {
  v (mV)
  ek (mV)
  ik (mA/cm2)
  g (S/cm2)
  through (/ms)
  first
  up (/ms)
  down (/ms)
}

STATE { closed[3] open shut }

INITIAL { SOLVE ring STEADYSTATE sparse }

BREAKPOINT {
  SOLVE ring METHOD sparse
  g = gbar*open
  ik = g*(v - ek)
}

KINETIC ring {
  LOCAL factor
  rates(v)
  FROM i = 0 TO LAST - 1 {
    factor = LAST - i
    ~ closed[i] <-> closed[i + 1] (factor*up, (i + 1)*down)
  }
  ~ closed[LAST] <-> open (1.5*up, 0.5*down)
  through = f_flux - b_flux
  first = closed[0]
  ~ open <-> shut (slow, 0.1*slow*exp(-v/60(mV)))
  ~ shut <-> closed[0] (0.05*slow, 0.002*slow)
  CONSERVE closed[0] + closed[1] + closed[2] + open + shut = 1
}

PROCEDURE rates(u (mV)) {
  up = 0.8*exp((u + 20)/35)
  down = 0.3*exp(-(u + 20)/40)
}
