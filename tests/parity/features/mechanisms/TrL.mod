TITLE High-threshold calcium current: plateaus

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrL
    NONSPECIFIC_CURRENT i
    RANGE gbar, erev
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.001 (S/cm2)
    erev = 120 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    c_inf (1)
    tau_c (ms)
}

STATE { c }

INITIAL {
    rates(v)
    c = c_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gbar*c*c*(v - erev)
}

DERIVATIVE states {
    rates(v)
    c' = (c_inf - c)/tau_c
}

PROCEDURE rates(vm (mV)) {
    UNITSOFF
    c_inf = 1/(1 + exp(-(vm + 38)/5))
    tau_c = 5
    UNITSON
}
