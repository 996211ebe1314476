TITLE A pool and its sensor solved by derivimplicit: linear equations, and a cnexp block that is not

NEURON {
  SUFFIX implicit_pool
  NONSPECIFIC_CURRENT i
  RANGE seen, rate
}

PARAMETER { rate = 0.4 (/ms) }
ASSIGNED { v (mV) i (mA/cm2) seen }
STATE { pool sensor gate }
INITIAL { pool = 0.1 gate = 0.5 }

BREAKPOINT {
  SOLVE states METHOD cnexp
  i = 1e-5*(sensor + gate)*(v + 40)
}

DERIVATIVE states {
  LOCAL influx
  influx = 0.001*exp(v/20)
  IF (influx > 0.01) { influx = 0.01 }
  pool' = influx - rate*(pool - sensor)
  sensor' = rate*(pool - sensor)/3 - 0.02*sensor
  gate' = 0.1*(1 - gate)/(1 + gate) - 0.05*gate
  seen = sensor
}
