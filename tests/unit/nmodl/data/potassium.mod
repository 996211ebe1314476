TITLE A delayed rectifier with rates in a table

NEURON {
    SUFFIX kdemo
    USEION k READ ek WRITE ik
    RANGE gbar, g
    GLOBAL ninf, ntau, q10
}

UNITS {
    (mA) = (milliamp)
    (mV) = (millivolt)
    (S) = (siemens)
}

PARAMETER {
    gbar = 0.01 (S/cm2) <0, 1e9>
    vhalf = -35 (mV)
    q10 = 2.3
}

ASSIGNED {
    v (mV)
    celsius (degC)
    ek (mV)
    ik (mA/cm2)
    g (S/cm2)
    ninf
    ntau (ms)
}

STATE { n }

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*n^4
    ik = g*(v - ek)
}

INITIAL {
    settle(v)
    n = ninf
}

DERIVATIVE states {
    settle(v)
    n' = (ninf - n)/ntau
}

PROCEDURE settle(v (mV)) {
    LOCAL alpha, beta
    TABLE ninf, ntau DEPEND celsius, q10 FROM -100 TO 100 WITH 200
    alpha = 0.02*linoid(v - vhalf, 9)
    beta = 0.002*linoid(vhalf - v, 9)
    ninf = alpha/(alpha + beta)
    ntau = 1/((alpha + beta)*q10^((celsius - 23)/10))
}

FUNCTION linoid(x, y) {
    IF (fabs(x/y) < 1e-6) {
        linoid = y*(1 + x/y/2)
    } ELSE {
        linoid = x/(1 - exp(-x/y))
    }
}
