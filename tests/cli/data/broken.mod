TITLE A leak that reverses at -70 mV
NEURON {
  SUFFIX leak
  NONSPECIFIC_CURRENT i
  RANGE g, e
}
UNITS {
  (mA) = (milliamp)
  (mV) = (millivolt)
  (S) = (siemens)
}
PARAMETER {
  g = 0.001 (S/cm2)
  e = -70 (mV)
}
ASSIGNED {
  v (mV)
  i (mA/cm2)
}
BREAKPOINT {
  i = gg * (v - e
}
