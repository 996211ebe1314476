TITLE Potassium current that calcium opens

COMMENT
Made for this example, with numbers of the usual size; no recording stands behind it. Half of the channels are open at
1 uM of calcium, of which the fourth power counts; the membrane potential does not matter. It comes after spikes and
spaces them out, as the current through channels of small conductance (SK) does.
ENDCOMMENT

NEURON {
    SUFFIX KCalcium
    USEION k READ ek WRITE ik
    USEION ca READ cai
    RANGE gbar, g
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
    (mM) = (milli/liter)
}

PARAMETER {
    gbar = 0.001 (S/cm2)    : conductance with every gate open
    half = 0.001  (mM)    : calcium that opens half of the channels
    tau  = 1.5 (ms)
}

ASSIGNED {
    v   (mV)
    ek  (mV)
    ik  (mA/cm2)
    cai (mM)
    g   (S/cm2)
}

STATE { z }

INITIAL {
    z = open_share(cai)
}

BREAKPOINT {
    SOLVE states METHOD cnexp
    g = gbar*z
    ik = g*(v - ek)
}

DERIVATIVE states {
    z' = (open_share(cai) - z)/tau
}

: Share of open channels at rest at a concentration of calcium.
FUNCTION open_share(ca (mM)) (1) {
    LOCAL ratio
    ratio = ca/half
    open_share = ratio^4/(1 + ratio^4)
}
