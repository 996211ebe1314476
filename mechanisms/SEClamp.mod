TITLE voltage clamp with one electrode

COMMENT
Names, defaults and formulas are those of NEURON's SEClamp: through a series resistance rs the electrode pulls the
membrane to amp1 for dur1, then to amp2 for dur2 and amp3 for dur3; outside these times it is off.
ENDCOMMENT

NEURON {
  POINT_PROCESS SEClamp
  ELECTRODE_CURRENT i
  RANGE dur1, amp1, dur2, amp2, dur3, amp3, rs, vc, i
}

UNITS {
  (nA) = (nanoamp)
  (mV) = (millivolt)
}

PARAMETER {
  rs = 1 (megohm) <1e-9, 1e9>
  dur1 (ms)
  amp1 (mV)
  dur2 (ms) <0, 1e9>
  amp2 (mV)
  dur3 (ms) <0, 1e9>
  amp3 (mV)
}

ASSIGNED {
  v (mV)
  i (nA)
  vc (mV)
  tc2 (ms)
  tc3 (ms)
  on
}

INITIAL {
  tc2 = dur1 + dur2
  tc3 = tc2 + dur3
  on = 0
}

BREAKPOINT {
  SOLVE through_electrode METHOD after_cvode : so that i belongs to the v that is recorded with it
  if (dur1) {
    at_time(dur1)
  }
  if (dur2) {
    at_time(tc2)
  }
  if (dur3) {
    at_time(tc3)
  }
  on = 1
  if (t < dur1) {
    vc = amp1
  } else if (t < tc2) {
    vc = amp2
  } else if (t < tc3) {
    vc = amp3
  } else {
    vc = 0
    on = 0
  }
  through_electrode()
}

PROCEDURE through_electrode() {
  if (on) {
    i = (vc - v)/rs
  } else {
    i = 0
  }
}
