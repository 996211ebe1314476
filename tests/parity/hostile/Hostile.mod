: A mechanism that harms the program it runs in, for tests of isolation: after `when` ms it does what `mode` says.

NEURON {
  SUFFIX Hostile
  NONSPECIFIC_CURRENT i
  RANGE mode, when
}

UNITS {
  (mA) = (milliamp)
  (mV) = (millivolt)
}

PARAMETER {
  mode = 0
  when = 5 (ms)
}

ASSIGNED {
  v (mV)
  i (mA/cm2)
}

VERBATIM
#include <signal.h>
#include <stdlib.h>
static volatile double zero = 0;
static volatile double* nowhere = 0;
ENDVERBATIM

BREAKPOINT {
  i = 0
  if (t > when) {
    harm()
  }
}

PROCEDURE harm() {
VERBATIM
  if (mode == 1) exit(3);
  if (mode == 2) *nowhere = 1;
  if (mode == 3) while (1) zero = 0;
  if (mode == 4) i = 1 / zero;
  if (mode == 5) for (size_t n = 0; n < 100000; ++n) if (!malloc(1 << 28)) abort();  /* 25 TB, untouched */
  if (mode == 7) raise(SIGFPE);
  if (mode == 6) hoc_execerror("Hostile:", "does not want to");
ENDVERBATIM
}
