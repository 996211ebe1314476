TITLE Sodium current of the squid axon

COMMENT
Three activation gates m and one inactivation gate h, with the rate functions that Hodgkin and Huxley fitted in
"A quantitative description of membrane current and its application to conduction and excitation in nerve",
J. Physiol. 117 (1952), 500-544. They wrote the rates for the displacement of the membrane potential from rest, with the
sign of their day; here u = v - vrest is the depolarisation in today's sign. Their axon was at 6.3 degrees.
ENDCOMMENT

NEURON {
    SUFFIX HHna
    USEION na READ ena WRITE ina
    RANGE gbar, g
    GLOBAL vrest, q10
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar  = 0.12 (S/cm2)    : conductance with every gate open
    vrest = -65  (mV)       : the resting potential to which the rates refer
    q10   = 3    (1)        : speed-up of the gates for ten degrees
}

ASSIGNED {
    v       (mV)
    celsius (degC)
    ena     (mV)
    ina     (mA/cm2)
    g       (S/cm2)
    m_inf   (1)
    h_inf   (1)
    tau_m   (ms)
    tau_h   (ms)
}

STATE { m h }

INITIAL {
    gates(v)
    m = m_inf
    h = h_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*m*m*m*h
    ina = g*(v - ena)
}

DERIVATIVE states {
    gates(v)
    m' = (m_inf - m)/tau_m
    h' = (h_inf - h)/tau_h
}

: Steady states and time constants of both gates at a membrane potential and the present temperature.
PROCEDURE gates(vm (mV)) {
    LOCAL u, phi, opening, closing
    UNITSOFF
    u = vm - vrest
    phi = q10^((celsius - 6.3)/10)

    opening = ramp_rate(25 - u, 10)
    closing = 4*exp(-u/18)
    m_inf = opening/(opening + closing)
    tau_m = 1/(phi*(opening + closing))

    opening = 0.07*exp(-u/20)
    closing = 1/(1 + exp((30 - u)/10))
    h_inf = opening/(opening + closing)
    tau_h = 1/(phi*(opening + closing))
    UNITSON
}

: (x/width)/(exp(x/width) - 1): 0/0 at x = 0, where the first terms of its series stand in for it.
FUNCTION ramp_rate(x (mV), width (mV)) (/ms) {
    UNITSOFF
    if (fabs(x/width) < 1e-5) {
        ramp_rate = 1 - x/(2*width)
    } else {
        ramp_rate = (x/width)/(exp(x/width) - 1)
    }
    UNITSON
}
