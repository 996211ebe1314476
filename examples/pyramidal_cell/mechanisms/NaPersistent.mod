TITLE Persistent sodium current

COMMENT
Made for this example: gates with logistic steady states, with numbers of the usual size for cortical neurons at 34
degrees; no recording stands behind them. It opens below the threshold of the spikes and does not inactivate.
ENDCOMMENT

NEURON {
    SUFFIX NaPersistent
    USEION na READ ena WRITE ina
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.0001 (S/cm2)    : conductance with every gate open
}

ASSIGNED {
    v   (mV)
    ena (mV)
    ina (mA/cm2)
    g   (S/cm2)
}

STATE { p }

INITIAL {
    p = open_share(v, -52, 5)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*p
    ina = g*(v - ena)
}

DERIVATIVE states {
    p' = (open_share(v, -52, 5) - p)/0.5
}

: Share of open gates at rest at v; half of them at `half`, more above it if `slope` is positive.
FUNCTION open_share(v (mV), half (mV), slope (mV)) (1) {
    open_share = 1/(1 + exp((half - v)/slope))
}
