TITLE Delayed rectifier potassium current

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. It ends the spike.
ENDCOMMENT

NEURON {
    SUFFIX KDelayed
    USEION k READ ek WRITE ik
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.05 (S/cm2)    : conductance with every gate open
}

ASSIGNED {
    v   (mV)
    ek  (mV)
    ik  (mA/cm2)
    g   (S/cm2)
}

STATE { n }

INITIAL {
    n = open_share(v, -12, 9)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*n*n
    ik = g*(v - ek)
}

DERIVATIVE states {
    n' = (open_share(v, -12, 9) - n)/bell(v, -20, 22, 0.25, 2.2)
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
