TITLE synapse with an exponentially decaying conductance

COMMENT
Names, defaults and formulas are those of NEURON's mechanism of the same name: an event of weight w raises the
conductance g by w, and g decays with the time constant tau.
ENDCOMMENT

NEURON {
  POINT_PROCESS ExpSyn
  NONSPECIFIC_CURRENT i
  RANGE tau, e, i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER {
  tau = 0.1 (ms) <1e-9, 1e9>
  e = 0 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
}

STATE {
  g (uS)
}

INITIAL {
  g = 0
}

BREAKPOINT {
  SOLVE decay METHOD cnexp
  i = g*(v - e)
}

DERIVATIVE decay {
  g' = -g/tau
}

NET_RECEIVE (weight (uS)) {
  g = g + weight
}
