TITLE A current that follows a ramp in time
NEURON {
    POINT_PROCESS RampClamp
    RANGE start, slope, i
    ELECTRODE_CURRENT i
}
PARAMETER {
    start = 10 (ms)
    slope = 0.01 (nA/ms)
}
ASSIGNED { i (nA) elapsed[2] (ms) }
LOCAL calls
BREAKPOINT {
    LOCAL k
    FROM k = 0 TO 1 { elapsed[k] = t - start - k }
    k = 0
    WHILE (k < 2) {
        calls = calls + 1
        k = k + 1
    }
    if (elapsed[0] > 0) { i = slope*elapsed[0] } else { i = 0 }
}
