TITLE Delayed rectifier

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrK
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
    n_inf (1)
    tau_n (ms)
}

STATE { n }

INITIAL {
    rates(v)
    n = n_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ik = gbar*n*n*n*n*(v - ek)
}

DERIVATIVE states {
    rates(v)
    n' = (n_inf - n)/tau_n
}

PROCEDURE rates(vm (mV)) {
    LOCAL u, a, b
    UNITSOFF
    u = vm + 58
    a = 0.16*linoid(u - 15, 5)
    b = 0.5*exp((10 - u)/40)
    n_inf = a/(a + b)
    tau_n = 1/(a + b)
    UNITSON
}

: (x/width)/(1 - exp(-x/width)), continued through x = 0.
FUNCTION linoid(x (mV), width (mV)) (1) {
    UNITSOFF
    if (fabs(x/width) < 1e-5) {
        linoid = 1 + x/(2*width)
    } else {
        linoid = (x/width)/(1 - exp(-x/width))
    }
    UNITSON
}
