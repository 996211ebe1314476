TITLE Current that hyperpolarisation opens: sag

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrH
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
    erev = -30 (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
    q_inf (1)
    tau_q (ms)
}

STATE { q }

INITIAL {
    rates(v)
    q = q_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gbar*q*(v - erev)
}

DERIVATIVE states {
    rates(v)
    q' = (q_inf - q)/tau_q
}

PROCEDURE rates(vm (mV)) {
    UNITSOFF
    q_inf = 1/(1 + exp((vm + 80)/7))
    tau_q = 60
    UNITSON
}
