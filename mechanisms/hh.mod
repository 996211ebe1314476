TITLE Squid axon: sodium, potassium and leak

COMMENT
The model of Hodgkin and Huxley, J. Physiol. 117 (1952), 500-544, for a resting potential of -65 mV, with the names,
defaults and numbers of NEURON's hh: the rates come from a table with a step of 1 mV, so that its interpolation is part of
the result, and speed up threefold for ten degrees above the axon's 6.3.
ENDCOMMENT

NEURON {
    SUFFIX hh
    USEION na READ ena WRITE ina
    USEION k READ ek WRITE ik
    NONSPECIFIC_CURRENT il
    RANGE gnabar, gkbar, gl, el, gna, gk
    RANGE minf, hinf, ninf, mtau, htau, ntau
    THREADSAFE
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gnabar = 0.12   (S/cm2)
    gkbar  = 0.036  (S/cm2)
    gl     = 0.0003 (S/cm2)
    el     = -54.3  (mV)
}

ASSIGNED {
    v       (mV)
    celsius (degC)
    ena     (mV)
    ek      (mV)
    gna     (S/cm2)
    gk      (S/cm2)
    ina     (mA/cm2)
    ik      (mA/cm2)
    il      (mA/cm2)
    minf    (1)
    hinf    (1)
    ninf    (1)
    mtau    (ms)
    htau    (ms)
    ntau    (ms)
}

STATE { m h n }

INITIAL {
    rates(v)
    m = minf
    h = hinf
    n = ninf
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    gna = gnabar*m*m*m*h
    ina = gna*(v - ena)
    gk = gkbar*n*n*n*n
    ik = gk*(v - ek)
    il = gl*(v - el)
}

DERIVATIVE gates {
    rates(v)
    m' = (minf - m)/mtau
    h' = (hinf - h)/htau
    n' = (ninf - n)/ntau
}

: Steady states and time constants of the gates at a potential, for the present temperature.
PROCEDURE rates(u (mV)) {
    LOCAL speed, opening, closing, total
    TABLE minf, mtau, hinf, htau, ninf, ntau DEPEND celsius FROM -100 TO 100 WITH 200
    UNITSOFF
    speed = 3^((celsius - 6.3)/10)

    opening = 0.1*linoid(-(u + 40), 10)
    closing = 4*exp(-(u + 65)/18)
    total = opening + closing
    mtau = 1/(speed*total)
    minf = opening/total

    opening = 0.07*exp(-(u + 65)/20)
    closing = 1/(exp(-(u + 35)/10) + 1)
    total = opening + closing
    htau = 1/(speed*total)
    hinf = opening/total

    opening = 0.01*linoid(-(u + 55), 10)
    closing = 0.125*exp(-(u + 65)/80)
    total = opening + closing
    ntau = 1/(speed*total)
    ninf = opening/total
    UNITSON
}

: x/(exp(x/y) - 1), which is 0/0 at x = 0: there by the first two terms of its series.
FUNCTION linoid(x, y) {
    UNITSOFF
    if (fabs(x/y) < 1e-6) {
        linoid = y*(1 - x/y/2)
    } else {
        linoid = x/(exp(x/y) - 1)
    }
    UNITSON
}
