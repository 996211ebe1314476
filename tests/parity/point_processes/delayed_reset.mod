TITLE A self event that further events postpone, with net_move

NEURON {
  POINT_PROCESS DelayedReset
  RANGE hold, level, resets, i
  ELECTRODE_CURRENT i
}

UNITS { (nA) = (nanoamp) }

PARAMETER { hold = 3 (ms) }

ASSIGNED {
  level (nA)
  resets
  waiting
  i (nA)
}

INITIAL {
  level = 0
  resets = 0
  waiting = 0
}

BREAKPOINT { i = level }

NET_RECEIVE (w (nA)) {
  if (flag == 1) {
    level = 0
    resets = resets + 1
    waiting = 0
  } else {
    level = level + w
    if (waiting == 1) {
      net_move(t + hold)
    } else {
      waiting = 1
      net_send(hold, 1)
    }
  }
}
