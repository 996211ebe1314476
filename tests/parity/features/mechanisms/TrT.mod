TITLE Low-threshold calcium current: rebound and bursts

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrT
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
    s_inf (1)
    tau_s (ms)
    u_inf (1)
    tau_u (ms)
}

STATE { s u }

INITIAL {
    rates(v)
    s = s_inf
    u = u_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    i = gbar*s*s*u*(v - erev)
}

DERIVATIVE states {
    rates(v)
    s' = (s_inf - s)/tau_s
    u' = (u_inf - u)/tau_u
}

PROCEDURE rates(vm (mV)) {
    UNITSOFF
    s_inf = 1/(1 + exp(-(vm + 57)/6.2))
    tau_s = 1 + 3/(1 + exp((vm + 60)/10))
    u_inf = 1/(1 + exp((vm + 81)/4))
    tau_u = 20 + 50/(1 + exp((vm + 60)/5))
    UNITSON
}
