TITLE Current that opens by hyperpolarisation

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. A mixed cation current that pulls the membrane back towards -45 mV.
ENDCOMMENT

NEURON {
    SUFFIX HCN
    NONSPECIFIC_CURRENT i
    GLOBAL eh
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.0001 (S/cm2)    : conductance with every gate open
    eh   = -45 (mV)       : reversal potential
}

ASSIGNED {
    v   (mV)
    i   (mA/cm2)
    g   (S/cm2)
}

STATE { q }

INITIAL {
    q = open_share(v, -84, -8)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*q
    i = g*(v - eh)
}

DERIVATIVE states {
    q' = (open_share(v, -84, -8) - q)/bell(v, -80, 20, 6, 28)
}

: Share of open gates at rest at v; half of them at `half`, more above it if `slope` is positive.
FUNCTION open_share(v (mV), half (mV), slope (mV)) (1) {
    open_share = 1/(1 + exp((half - v)/slope))
}

: A time constant that is longest at `middle` and falls to both sides.
FUNCTION bell(v (mV), middle (mV), width (mV), shortest (ms), longest (ms)) (ms) {
    LOCAL x
    x = (v - middle)/width
    bell = shortest + (longest - shortest)*2/(exp(x) + exp(-x))
}
