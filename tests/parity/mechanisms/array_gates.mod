TITLE Three gates in an array, for the comparison of arrays and loops

COMMENT
Not a model of a real channel: its gates share one equation with three half-voltages, kept in arrays.
ENDCOMMENT

NEURON {
    SUFFIX ProbeArray
    NONSPECIFIC_CURRENT i
    RANGE gbar, e, i, mean
    GLOBAL spread
}

UNITS {
    (mV) = (millivolt)
    (mA) = (milliamp)
    (S)  = (siemens)
}

PARAMETER {
    gbar   = 3e-4 (S/cm2)
    e      = -80  (mV)
    spread = 12   (mV)
}

ASSIGNED {
    v         (mV)
    i         (mA/cm2)
    mean      (1)
    target[3] (1)
}

STATE { slow }

INITIAL {
    targets(v)
    slow = mean
}

BREAKPOINT {
    SOLVE gate METHOD cnexp
    i = gbar*slow*(v - e)
}

DERIVATIVE gate {
    targets(v)
    slow' = (mean - slow)/(2 + target[1])
}

PROCEDURE targets(u (mV)) { LOCAL k
    mean = 0
    FROM j = 0 TO 2 {
        k = j - 1
        target[j] = 1/(1 + exp(-(u + 40 + k*spread)/6))
        mean = mean + target[j]/3
    }
}
