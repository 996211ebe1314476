TITLE Counts how often the voltage rises over a level, with WATCH

NEURON {
  POINT_PROCESS SpikeLatch
  RANGE level, count, last
}

UNITS { (mV) = (millivolt) }

PARAMETER { level = -20 (mV) }

ASSIGNED {
  v (mV)
  count
  last (ms)
}

INITIAL {
  count = 0
  last = -1
  net_send(0, 1)
}

NET_RECEIVE (w) {
  if (flag == 1) {
    WATCH (v > level) 2
  } else if (flag == 2) {
    count = count + 1
    last = t
    net_event(t)
    WATCH (v < level - 10) 3
  } else if (flag == 3) {
    WATCH (v > level) 2
  }
}
