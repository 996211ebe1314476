TITLE Calcium in a shell below the membrane

COMMENT
The calcium current fills a shell of the given depth, of which a share stays free; it decays to the concentration at rest
with one time constant. The formula of Destexhe et al. (1993), "A model for 8-10 Hz spontaneous oscillations in thalamic
relay cells", Biophys. J. 65:1538, without its pump.
ENDCOMMENT

NEURON {
    SUFFIX CaShell
    USEION ca READ ica WRITE cai
    RANGE tau, share
    GLOBAL depth, rest
}

UNITS {
    (mM) = (milli/liter)
    (mA) = (milliamp)
    (um) = (micron)
    FARADAY = (faraday) (coulombs)
}

PARAMETER {
    tau   = 40 (ms)       : of the decay
    share = 0.02 (1)      : of the calcium that comes in and stays free
    depth = 0.1 (um)
    rest  = 0.0001 (mM)
}

ASSIGNED {
    ica (mA/cm2)
}

STATE { cai (mM) }

INITIAL {
    cai = rest
}

BREAKPOINT {
    SOLVE pool METHOD cnexp
}

DERIVATIVE pool {
    cai' = -(10000)*ica*share/(2*FARADAY*depth) - (cai - rest)/tau
}
