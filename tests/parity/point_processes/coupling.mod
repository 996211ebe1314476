TITLE Half of a gap junction: a current towards the voltage that a POINTER refers to

NEURON {
  POINT_PROCESS Coupling
  RANGE g, i
  POINTER other
  NONSPECIFIC_CURRENT i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
  (uS) = (microsiemens)
}

PARAMETER { g = 0.001 (uS) }

ASSIGNED {
  v (mV)
  other (mV)
  i (nA)
}

BREAKPOINT { i = g * (v - other) }
