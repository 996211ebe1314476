TITLE Conductance synapse with short-term depression and facilitation

COMMENT
After Tsodyks, Pawelzik and Markram (Neural Computation 10, 1998): of the resources R a share u is used by each
event; R recovers with tau_rec, u relaxes to 0 with tau_facil and grows by U (1 - u) at each event. The variables
belong to the connection and are brought up to date when an event arrives.
ENDCOMMENT

NEURON {
  POINT_PROCESS DepressingSynapse
  RANGE tau, e, U, tau_rec, tau_facil, i, g
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  tau = 3 (ms)
  e = 0 (mV)
  U = 0.4
  tau_rec = 120 (ms)
  tau_facil = 30 (ms)
}

ASSIGNED {
  v (mV)
  i (nA)
}

STATE { g (uS) }

INITIAL { g = 0 }

BREAKPOINT {
  SOLVE decay METHOD cnexp
  i = g * (v - e)
}

DERIVATIVE decay { g' = -g / tau }

NET_RECEIVE (weight (uS), R, u, before (ms)) {
  INITIAL {
    R = 1
    u = 0
    before = t
  }
  u = u * exp(-(t - before) / tau_facil)
  R = 1 - (1 - R) * exp(-(t - before) / tau_rec)
  u = u + U * (1 - u)
  g = g + weight * u * R
  R = R - u * R
  before = t
}
