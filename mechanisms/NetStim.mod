TITLE source of regular or random events

COMMENT
Names, defaults, formulas and the order of the random draws are those of NEURON's NetStim: `number` events from `start`
on, `interval` apart on average. noise 0: regular; noise 1: intervals are exponentially distributed; in between a sum of
both. An event of positive weight from outside starts the sequence while it is off, one of negative weight ends it.
ENDCOMMENT

NEURON {
  ARTIFICIAL_CELL NetStim
  RANGE interval, number, start, noise
  RANDOM ranvar
  THREADSAFE
}

UNITS {
  (ms) = (millisecond)
}

PARAMETER {
  interval = 10 (ms) <1e-9, 1e9>
  number = 10 <0, 1e9>
  start = 50 (ms)
  noise = 0 <0, 1>
}

ASSIGNED {
  event (ms)
  on
  ispike
}

INITIAL {
  random_setseq(ranvar, 0)
  on = 0
  ispike = 0
  if (noise < 0) {
    noise = 0
  }
  if (noise > 1) {
    noise = 1
  }
  if (start >= 0 && number > 0) {
    on = 1
    : on average the first event comes at start + noise*interval
    event = start + wait(interval) - interval*(1 - noise)
    if (event < 0) {
      event = 0
    }
    net_send(event, 3)
  }
}

PROCEDURE begin() {
  if (number > 0) {
    on = 1
    event = 0
    ispike = 0
  }
}

PROCEDURE plan_next() {
  if (number > 0) {
    event = wait(interval)
  }
  if (ispike >= number) {
    on = 0
  }
}

FUNCTION wait(mean (ms)) (ms) {
  if (mean <= 0) {
    mean = 0.01
  }
  if (noise == 0) {
    wait = mean
  } else {
    wait = (1 - noise)*mean + noise*mean*random_negexp(ranvar, 1)
  }
}

NET_RECEIVE (w) {
  if (flag == 0) {
    if (w > 0 && on == 0) {
      begin()
      plan_next()
      event = event - interval*(1 - noise)
      net_send(event, 1)
    } else if (w < 0) {
      on = 0
    }
  }
  if (flag == 3 && on == 1) {
    begin()
    net_send(0, 1)
  }
  if (flag == 1 && on == 1) {
    ispike = ispike + 1
    net_event(t)
    plan_next()
    if (on == 1) {
      net_send(event, 1)
    }
  }
}
