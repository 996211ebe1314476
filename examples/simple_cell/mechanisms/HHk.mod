TITLE Delayed rectifier potassium current of the squid axon

COMMENT
Four activation gates n, with the rate functions of Hodgkin and Huxley, J. Physiol. 117 (1952), 500-544, in today's sign:
u = v - vrest is the depolarisation from rest. Their axon was at 6.3 degrees.
ENDCOMMENT

NEURON {
    SUFFIX HHk
    USEION k READ ek WRITE ik
    RANGE gbar, g
    GLOBAL vrest, q10
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar  = 0.036 (S/cm2)   : conductance with every gate open
    vrest = -65   (mV)      : the resting potential to which the rates refer
    q10   = 3     (1)       : speed-up of the gates for ten degrees
}

ASSIGNED {
    v       (mV)
    celsius (degC)
    ek      (mV)
    ik      (mA/cm2)
    g       (S/cm2)
    n_inf   (1)
    tau_n   (ms)
}

STATE { n }

INITIAL {
    gate(v)
    n = n_inf
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*n^4
    ik = g*(v - ek)
}

DERIVATIVE states {
    gate(v)
    n' = (n_inf - n)/tau_n
}

: Steady state and time constant of the gate at a membrane potential and the present temperature.
PROCEDURE gate(vm (mV)) {
    LOCAL u, phi, opening, closing
    UNITSOFF
    u = vm - vrest
    phi = q10^((celsius - 6.3)/10)
    opening = 0.1*ramp_rate(10 - u, 10)
    closing = 0.125*exp(-u/80)
    n_inf = opening/(opening + closing)
    tau_n = 1/(phi*(opening + closing))
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
