TITLE Algebraic equations: LINEAR at the beginning and in each step, NONLINEAR in each step

NEURON {
  SUFFIX equations
  NONSPECIFIC_CURRENT i
  RANGE k
}

PARAMETER { k = 3 }
ASSIGNED { v (mV) i (mA/cm2) }
STATE { a b c d p q }
INITIAL {
  p = 1
  q = 0.5
  SOLVE start
}

BREAKPOINT {
  SOLVE ladder
  SOLVE curves
  i = 1e-5*(a + b + p*q)*(v + 50)
}

LINEAR start {
  ~ a*k = b*exp(v/40)
  ~ b*0.2 - k*c = 0
  ~ a + b + c + d = 1
  ~ d = 3*c
}

LINEAR ladder {
  LOCAL up
  up = exp(v/40)
  ~ 0 = a*up - b - 0.1
  ~ 2*c/k - b/k = -c*up
  ~ c + a + b + d = 1 + 1e-3*v
  ~ d - 0.5*c = 0
}

NONLINEAR curves {
  ~ p*p + q = 2 + 0.001*v
  ~ p - q*q*q = k*0.1
}
