TITLE Transient potassium current

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. It opens from rest and inactivates: spikes come later.
ENDCOMMENT

NEURON {
    SUFFIX KTransient
    USEION k READ ek WRITE ik
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.01 (S/cm2)    : conductance with every gate open
}

ASSIGNED {
    v   (mV)
    ek  (mV)
    ik  (mA/cm2)
    g   (S/cm2)
}

STATE { a b }

INITIAL {
    a = open_share(v, -34, 12)
    b = open_share(v, -66, -7)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*a*a*b
    ik = g*(v - ek)
}

DERIVATIVE states {
    a' = (open_share(v, -34, 12) - a)/0.4
    b' = (open_share(v, -66, -7) - b)/bell(v, -50, 25, 4, 12)
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
