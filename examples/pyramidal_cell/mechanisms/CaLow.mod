TITLE Calcium current of low threshold

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. It is inactivated at rest and makes a rebound after hyperpolarisation.
ENDCOMMENT

NEURON {
    SUFFIX CaLow
    USEION ca READ eca WRITE ica
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.0005 (S/cm2)    : conductance with every gate open
}

ASSIGNED {
    v   (mV)
    eca (mV)
    ica (mA/cm2)
    g   (S/cm2)
}

STATE { m h }

INITIAL {
    m = open_share(v, -52, 6)
    h = open_share(v, -78, -6)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*m*m*h
    ica = g*(v - eca)
}

DERIVATIVE states {
    m' = (open_share(v, -52, 6) - m)/bell(v, -55, 18, 0.8, 4)
    h' = (open_share(v, -78, -6) - h)/bell(v, -75, 18, 8, 30)
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
