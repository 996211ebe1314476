: Calcium enters a shell below the membrane and leaves it exponentially.
NEURON {
    SUFFIX capool
    USEION ca READ ica WRITE cai
    RANGE depth, gamma, decay
}
UNITS {
    (mA) = (milliamp)
    (um) = (micron)
    (molar) = (1/liter)
    (mM) = (millimolar)
    FARADAY = (faraday) (coulombs)
}
PARAMETER {
    depth = 0.1 (um)
    gamma = 0.05 (1)
    decay = 80 (ms)
    rest = 1e-4 (mM)
}
ASSIGNED { ica (mA/cm2) }
STATE { cai (mM) }
INITIAL { cai = rest }
BREAKPOINT { SOLVE pool METHOD cnexp }
DERIVATIVE pool {
    cai' = -10000*ica*gamma/(2*FARADAY*depth) - (cai - rest)/decay
}
