#!/usr/bin/env python3
"""Scores a postsynaptic current amplitude * (exp(-t/decay) - exp(-t/rise)) against three measured numbers.

One JSON line comes for each individual, one goes back. Standard output belongs to these lines; what is for people goes
to standard error, which ends up in worker-N.log.
"""

import json
import math
import sys

TARGETS = {"peak": (3.0, 0.2), "time_to_peak": (4.5, 0.3), "half_width": (9.0, 0.5)}  # mean, standard deviation
STEP_MS = 0.05


def current(params, t_ms):
    t_ms -= params["delay"]
    if t_ms <= 0:
        return 0.0
    return params["amplitude"] * (math.exp(-t_ms / params["decay"]) - math.exp(-t_ms / params["rise"]))


def features(params):
    values = [current(params, STEP_MS * i) for i in range(4000)]
    peak = max(values)
    if peak <= 0:
        raise ValueError("the current is nowhere positive: rise is longer than decay")
    above = [i for i, value in enumerate(values) if value >= peak / 2]
    return {"peak": peak, "time_to_peak": STEP_MS * values.index(peak), "half_width": STEP_MS * (above[-1] - above[0])}


def answer(request):
    try:
        found = features(request["params"])
    except ValueError as error:
        return {"id": request["id"], "error": str(error)}
    return {"id": request["id"], "objectives": [abs(found[name] - mean) / std for name, (mean, std) in TARGETS.items()]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
