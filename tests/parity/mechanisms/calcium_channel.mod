TITLE High-threshold calcium channel for the comparison of ion rules

COMMENT
Not a model of a real channel: it reads a reversal potential that follows from concentrations (eca by Nernst's equation,
because calcium_pool.mod writes cai) and closes slowly with voltage.
ENDCOMMENT

NEURON {
    SUFFIX ProbeCa
    USEION ca READ eca WRITE ica
    RANGE gbar, g, open
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 2e-4 (S/cm2)
}

ASSIGNED {
    v    (mV)
    eca  (mV)
    ica  (mA/cm2)
    g    (S/cm2)
    open (1)
    ms   (1)
    tm   (ms)
}

STATE { m h }

INITIAL {
    rates(v)
    m = ms
    h = 1/(1 + exp((v + 50)/9))
}

BREAKPOINT {
    SOLVE gates METHOD cnexp
    open = m^2*h
    g = gbar*open
    ica = g*(v - eca)
}

DERIVATIVE gates {
    rates(v)
    m' = (ms - m)/tm
    h' = (1/(1 + exp((v + 50)/9)) - h)/35
}

PROCEDURE rates(u (mV)) {
    ms = 1/(1 + exp(-(u + 25)/7))
    tm = 0.6 + 4/(1 + ((u + 30)/20)^2)
}
