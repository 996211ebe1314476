TITLE Leak of the squid axon's membrane

COMMENT
The ohmic rest of the membrane current after sodium and potassium: Hodgkin and Huxley, J. Physiol. 117 (1952), 500-544, who
chose its reversal potential, 10.6 mV above rest, so that no net current flows at rest.
ENDCOMMENT

NEURON {
    SUFFIX HHleak
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, i
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar = 0.0003 (S/cm2)
    e    = -54.4  (mV)
}

ASSIGNED {
    v (mV)
    i (mA/cm2)
}

BREAKPOINT {
    i = gbar*(v - e)
}
