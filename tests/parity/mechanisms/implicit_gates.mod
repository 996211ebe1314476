TITLE Two coupled gates solved by derivimplicit: nonlinear equations

NEURON {
  SUFFIX implicit_gates
  USEION k READ ek WRITE ik
  RANGE gbar, drive
}

PARAMETER { gbar = 0.003 (S/cm2) }
ASSIGNED { v (mV) ek (mV) ik (mA/cm2) drive }
STATE { n w }
INITIAL { n = 0.2 w = 0.05 }

BREAKPOINT {
  SOLVE gates METHOD derivimplicit
  ik = gbar*n*n*w*(v - ek)
}

DERIVATIVE gates {
  LOCAL product
  product = n*w
  drive = 1/(1 + exp(-(v + 30)/12))
  n' = (drive - n)/(1 + 4*w) - 0.3*product
  w' = 0.2*n*n - 0.5*w*fabs(w) - 0.01*exp(w)
}
