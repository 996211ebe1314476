TITLE Transient sodium current

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. Three gates open within a fraction of a millisecond, one closes.
ENDCOMMENT

NEURON {
    SUFFIX NaFast
    USEION na READ ena WRITE ina
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.1 (S/cm2)    : conductance with every gate open
}

ASSIGNED {
    v   (mV)
    ena (mV)
    ina (mA/cm2)
    g   (S/cm2)
}

STATE { m h }

INITIAL {
    m = open_share(v, -38, 6)
    h = open_share(v, -55, -6)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*m*m*m*h
    ina = g*(v - ena)
}

DERIVATIVE states {
    m' = (open_share(v, -38, 6) - m)/bell(v, -38, 14, 0.02, 0.12)
    h' = (open_share(v, -55, -6) - h)/bell(v, -55, 14, 0.2, 2.5)
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
