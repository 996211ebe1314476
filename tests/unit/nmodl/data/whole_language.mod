TITLE Every construct of the language, for the parser and the printer

COMMENT
This mechanism means nothing. Non-ASCII text may stand here: 5 µS.
ENDCOMMENT

NEURON {
    THREADSAFE
    POINT_PROCESS Everything
    USEION ca READ cai, cao, eca WRITE ica VALENCE 2
    USEION cl WRITE icl CHARGE -1 REPRESENTS CHEBI:17996
    NONSPECIFIC_CURRENT i
    ELECTRODE_CURRENT ie
    RANGE gmax, weights
    GLOBAL q10
    POINTER partner
    BBCOREPOINTER handle
    EXTERNAL far_away
    RANDOM stream, other
}

UNITS {
    (mV) = (millivolt)
    (mM) = (milli/liter)
    FARADAY = (faraday) (coulomb)
    DEPTH = 0.1 (micron)
}

DEFINE COUNT 3
UNITSOFF
LOCAL shared, last[2]

INDEPENDENT { t FROM 0 TO 1 WITH 1 (ms) }

PARAMETER {
    gmax = 1e-3 (uS) <0, 1e9>
    q10 = 2.3
    shift = -4.5 (mV)
    rates[COUNT] (1/ms)
}

CONSTANT { half = 0.5 (1) }

ASSIGNED {
    v (mV)
    dt (ms)
    weights[COUNT]
    partner handle far_away
    i (nA) ie (nA) ica (nA) icl (nA)
    cai (mM) cao (mM) eca (mV)
    flux_out FROM 0 TO 1 START 0.5 (mM/ms) <1e-3>
}

STATE {
    m FROM 0 TO 1 START 0.25 <1e-4>
    a b c[COUNT] (mM)
}

INCLUDE "more.inc"

BEFORE BREAKPOINT { shared = 1 }
AFTER SOLVE { shared = 0 }

INITIAL {
    SOLVE scheme STEADYSTATE sparse
    m = 0
    net_send(1.5, 2)
}

BREAKPOINT {
    SOLVE dynamics METHOD derivimplicit
    SOLVE scheme METHOD sparse IFERROR { shared = -1 }
    CONDUCTANCE gmax USEION ca
    CONDUCTANCE gmax
    i = gmax*m*(v - shift)
    ie = -2^2 + 2^-shift^2 - (-shift)^2
    ica = -(-i) - -i - (i - (i - i))/(i/(i*i))
    if (v > -20 && !(m < 0.5) || v == 3 (mV)) {
        icl = 1(nA)*v
    } else if (v != 2) {
        icl = 0
    } else {
        icl = min(v, 0) + f(v (mV), 2)
    }
}

DERIVATIVE dynamics {
    LOCAL x, y[COUNT]
    FROM k = 0 TO COUNT - 1 BY 1 {
        y[k] = k*x
    }
    WHILE (x < 3) { x = x + 1 }
    m' = (1 - m)/y[0]
    a'' = -a
}

KINETIC scheme {
    COMPARTMENT 1e10*gmax { a b }
    COMPARTMENT k, weights[k] { c }
    LONGITUDINAL_DIFFUSION k, gmax*weights[k] { c }
    ~ 2 a + b <-> c[0] (rates[0], rates[1]/half)
    ~ c[COUNT - 1] -> (rates[2])
    ~ b << (-ica/FARADAY)
    flux_out = f_flux - b_flux
    CONSERVE 2 a + b = 1
    CONSERVE b + c[0] = half*(1e10)
}

LINEAR balance SOLVEFOR a, b {
    ~ a + b*rates[0] = 1
    ~ -a = b - 1
}
NONLINEAR curve { ~ a*a = b }
DISCRETE jump {
    LAG a BY 2
    a = a + 1
}

FUNCTION_TABLE tau_table(v (mV)) (ms)

FUNCTION f(x (mV), n) (nA) {
    TABLE DEPEND q10 FROM -100 TO 100*half WITH 200
    UNITSOFF
    f = x*n
    UNITSON
}

PROCEDURE set(x) {
    TABLE shared, flux_out FROM 0 TO 1 WITH 10
    PROTECT shared = shared + x
    MUTEXLOCK
    printf("a \"quoted\" text %g", x)
    MUTEXUNLOCK
}

NET_RECEIVE (weight (uS), last_time (ms)) {
    INITIAL { last_time = t }
    if (flag == 0) {
        WATCH (v > -20) 2, (v < shift) 3
        net_event(t)
        net_move(t + 1)
        state_discontinuity(m, m + weight)
    } else {
        FOR_NETCONS(w (uS), tl (ms)) { w = w + 1 }
    }
}

CONSTRUCTOR {
VERBATIM
    /* C code: with ? and : and "quotes" */
ENDVERBATIM
}
DESTRUCTOR { }
VERBATIM
static int global_count;
ENDVERBATIM
