TITLE Calcium in four shells with a buffer and a pump, nonlinear

COMMENT
KINETIC with two molecules on one side and with a stoichiometric number, COMPARTMENT of arrays, sources, sinks, a CONSERVE
with volumes, a species that is no state, the ion's concentration assigned.
ENDCOMMENT

NEURON {
  SUFFIX kinetic_calcium
  USEION ca READ cai, cao WRITE cai
  RANGE pumped, entry, first, held
  GLOBAL total, k_on
}

DEFINE SHELLS 4

UNITS {
  (mM) = (milli/liter)
  (mV) = (millivolt)
  (um) = (micron)
}

PARAMETER {
  total = 0.03 (mM)
  k_on = 80 (/mM-ms)
  k_off = 0.1 (/ms)
  spread = 0.4 (um2/ms)
  energy = 1.5
}

ASSIGNED {
  v (mV)
  cai (mM)
  cao (mM)
  diam (um)
  pumped (mM/ms)
  entry (mM/ms)
  first (mM)
  held (mM)
}

STATE {
  ca[SHELLS] (mM)
  bound[SHELLS] (mM)
  pump (mM)
  busy (mM)
}

LOCAL size[SHELLS]

INITIAL {
  FROM i = 0 TO SHELLS - 1 {
    size[i] = (2*i + 1)/16
    ca[i] = cai
    bound[i] = total*cai/(cai + k_off/k_on)
  }
  pump = 0.002
  busy = 0
}

BREAKPOINT { SOLVE scheme METHOD sparse }

KINETIC scheme {
  COMPARTMENT i, diam*diam*size[i] { ca bound }
  COMPARTMENT 1.5 { pump busy }
  entry = 0.004*exp(v/30(mV))
  ~ ca[SHELLS - 1] << (entry)
  ~ 2 ca[0] + pump <-> busy (500*cao, 0.02)
  ~ busy + energy <-> pump (0.3, 0.001)
  pumped = f_flux - b_flux
  CONSERVE pump + busy = 0.003
  FROM i = 0 TO SHELLS - 2 {
    ~ ca[i] <-> ca[i + 1] (spread*size[i], spread*size[i])
  }
  FROM i = 0 TO SHELLS - 1 {
    ~ ca[i] + energy <-> bound[i] (k_on*(total - bound[i]), k_off)
  }
  ~ ca[1] -> (0.03*diam)
  cai = ca[SHELLS - 1]
  first = ca[0]
  held = bound[1]
}
