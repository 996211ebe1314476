#!/usr/bin/env python3
"""Runs an algorithm of pymoo on a problem of benchmarks/optimiser_quality, for tools/compare_optimisers.py --pymoo.

    pymoo_curves.py OPTIMISER_QUALITY nsga3|smsemoa OFFSPRING PROBLEM EVALUATIONS SEEDS

Needs a Python with pymoo 0.6.2 (pip install pymoo==0.6.2). Prints what optimiser_quality prints.
"""

import json
import subprocess
import sys

import numpy
from pymoo.algorithms.moo.nsga3 import NSGA3
from pymoo.algorithms.moo.sms import SMSEMOA
from pymoo.core.problem import Problem
from pymoo.optimize import minimize
from pymoo.util.ref_dirs import get_reference_directions


class Served(Problem):
    """The problem of a running `optimiser_quality serve`; keeps how the best sum of scores fell."""

    def __init__(self, program, problem):
        words = [program, "serve", problem]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        told = json.loads(self.process.stdout.readline())
        self.begin()
        super().__init__(n_var=len(told["lower"]), n_obj=told["objectives"], xl=numpy.array(told["lower"]), xu=numpy.array(told["upper"]))

    def begin(self):
        self.evaluations, self.best, self.curve = 0, float("inf"), []

    def _evaluate(self, x, out, *args, **kwargs):
        self.process.stdin.write(json.dumps(x.tolist()) + "\n")
        self.process.stdin.flush()
        scores = json.loads(self.process.stdout.readline())
        for row in scores:
            self.evaluations += 1
            if sum(row) < self.best:
                self.best = sum(row)
                self.curve.append([self.evaluations, self.best])
        out["F"] = numpy.array(scores)


def make(name, offspring, objectives):
    if name == "smsemoa":
        return SMSEMOA(pop_size=offspring)
    # About as many directions as individuals: of few objectives on one simplex, of many on two simplices as in Deb & Jain (2014).
    if objectives <= 5:
        return NSGA3(pop_size=offspring, ref_dirs=get_reference_directions("das-dennis", objectives, n_partitions={2: 99, 5: 5}[objectives]))
    layers = [get_reference_directions("das-dennis", objectives, n_partitions=1, scaling=scaling) for scaling in (1.0, 0.5)]
    return NSGA3(pop_size=offspring, ref_dirs=numpy.vstack(layers))


def main():
    program, name, offspring, problem, evaluations, seeds = sys.argv[1:]
    served = Served(program, problem)
    for seed in range(1, int(seeds) + 1):
        served.begin()
        minimize(served, make(name, int(offspring), served.n_obj), ("n_eval", int(evaluations)), seed=seed, verbose=False)
        print(json.dumps({"algorithm": name, "offspring": int(offspring), "seed": seed, "evaluations": served.evaluations, "curve": served.curve}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
