TITLE Fast sodium current

COMMENT
For the traces on which features are compared with eFEL: made to spike, burst and stay up, not to match a channel.
ENDCOMMENT

NEURON {
    SUFFIX TrNa
    USEION na READ ena WRITE ina
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
    ena (mV)
    ina (mA/cm2)
    m_inf (1)
    tau_m (ms)
    h_inf (1)
    tau_h (ms)
}

STATE { m h }

INITIAL {
    rates(v)
    m = m_inf
    h = h_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    ina = gbar*m*m*m*h*(v - ena)
}

DERIVATIVE states {
    rates(v)
    m' = (m_inf - m)/tau_m
    h' = (h_inf - h)/tau_h
}

PROCEDURE rates(vm (mV)) {
    LOCAL u, a, b
    UNITSOFF
    u = vm + 58
    a = 1.28*linoid(u - 13, 4)
    b = 1.4*linoid(40 - u, 5)
    m_inf = a/(a + b)
    tau_m = 1/(a + b)
    a = 0.128*exp((17 - u)/18)
    b = 4/(1 + exp((40 - u)/5))
    h_inf = a/(a + b)
    tau_h = 1/(a + b)
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
