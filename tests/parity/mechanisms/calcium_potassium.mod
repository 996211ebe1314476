TITLE Potassium channel that a calcium concentration opens

COMMENT
Reads a concentration that nobody else owns when the mechanism stands alone (style: constant, eca derived once), and a
potassium potential that stays as assigned. Its table shows how NEURON interpolates and saturates.
ENDCOMMENT

NEURON {
    SUFFIX ProbeKCa
    USEION ca READ cai
    USEION k READ ek WRITE ik
    RANGE gbar, g, w_inf
    GLOBAL half
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 1e-3 (S/cm2)
    half = 3e-4 (mM)
}

ASSIGNED {
    v       (mV)
    celsius (degC)
    cai     (mM)
    ek      (mV)
    ik      (mA/cm2)
    g       (S/cm2)
    w_inf   (1)
    w_tau   (ms)
    block   (1)
}

STATE { w n }

INITIAL {
    calcium(cai)
    voltage(v)
    w = w_inf
    n = block
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*w*(1 - 0.5*n)
    ik = g*(v - ek)
}

DERIVATIVE states {
    calcium(cai)
    voltage(v)
    w' = (w_inf - w)/w_tau
    n' = (block - n)/3
}

PROCEDURE calcium(c (mM)) {
    LOCAL bound
    IF (c > 1e-7) {
        bound = (half/c)^4.8
    } ELSE {
        bound = 1e12
    }
    w_inf = 1/(1 + bound)
    w_tau = 2 + 3^((celsius - 30)/10)
}

PROCEDURE voltage(u (mV)) {
    TABLE block DEPEND celsius FROM -80 TO 20 WITH 50
    block = 1/(1 + exp(-(u + 30)/(8 + celsius/20)))
}
