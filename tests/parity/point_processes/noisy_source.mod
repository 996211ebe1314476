TITLE Events at exponentially distributed intervals behind a dead time

NEURON {
  ARTIFICIAL_CELL NoisySource
  RANGE mean, dead, count
  RANDOM intervals
}

PARAMETER {
  mean = 5 (ms)
  dead = 1 (ms)
}

ASSIGNED { count }

INITIAL {
  count = 0
  net_send(dead + random_negexp(intervals, mean), 1)
}

NET_RECEIVE (w) {
  if (flag == 1) {
    count = count + 1
    net_event(t)
    net_send(dead + random_negexp(intervals, mean), 1)
  }
}
