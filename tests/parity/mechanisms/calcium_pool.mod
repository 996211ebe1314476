TITLE Calcium pool that owns the inner concentration

COMMENT
First-order removal towards a resting level and influx through half of the calcium current; a channel of its own carries
that current, so that the pool can be looked at alone.
ENDCOMMENT

NEURON {
    SUFFIX ProbePool
    USEION ca READ cao, eca, ica WRITE cai, ica
    RANGE decay, rest, gleak, drive
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
    (mM) = (milli/liter)
    F    = (faraday) (coulombs)
}

PARAMETER {
    decay = 25   (ms)
    rest  = 1e-4 (mM)
    gleak = 5e-6 (S/cm2)
    depth = 0.2  (um)
}

ASSIGNED {
    v     (mV)
    eca   (mV)
    ica   (mA/cm2)
    cao   (mM)
    drive (mM/ms)
}

STATE { cai (mM) }

INITIAL {
    cai = 2*rest
}

BREAKPOINT {
    SOLVE pool METHOD cnexp
    ica = gleak*(v - eca)
}

DERIVATIVE pool {
    drive = -10000*ica/(2*F*depth)
    cai' = drive - (cai - rest)/decay
}
