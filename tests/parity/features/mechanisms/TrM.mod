TITLE Slow potassium current: adaptation

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrM
    USEION k READ ek WRITE ik
    RANGE gbar
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.001 (S/cm2)
}

ASSIGNED {
    v (mV)
    ek (mV)
    ik (mA/cm2)
    p_inf (1)
    tau_p (ms)
}

STATE { p }

INITIAL {
    rates(v)
    p = p_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*p*(v - ek)
}

DERIVATIVE states {
    rates(v)
    p' = (p_inf - p)/tau_p
}

PROCEDURE rates(vm (mV)) {
    UNITSOFF
    p_inf = 1/(1 + exp(-(vm + 35)/10))
    tau_p = 400/(3.3*exp((vm + 35)/20) + exp(-(vm + 35)/20))
    UNITSON
}
