#!/usr/bin/env python3
"""Runs an algorithm that was tried and is not in cellwright on a problem of benchmarks/optimiser_quality, for
tools/compare_optimisers.py --tried.

    tried_curves.py OPTIMISER_QUALITY nsga3|smsemoa|bipop|lshade OFFSPRING PROBLEM EVALUATIONS SEEDS

nsga3 and smsemoa are pymoo's, bipop (CMA evolution strategy with restarts of two regimes, on the sum of the scores) is pycma's;
lshade is differential evolution as cellwright's SHADE, whose population shrinks from OFFSPRING to 4 over the EVALUATIONS (Tanabe &
Fukunaga 2014, IEEE CEC:1658). Needs a Python with pymoo 0.6.2, which brings pycma. Prints what optimiser_quality prints.
"""

import contextlib
import json
import subprocess
import sys

import cma
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

    def scores(self, x):
        self.process.stdin.write(json.dumps(numpy.asarray(x).tolist()) + "\n")
        self.process.stdin.flush()
        scores = json.loads(self.process.stdout.readline())
        for row in scores:
            self.evaluations += 1
            if sum(row) < self.best:
                self.best = sum(row)
                self.curve.append([self.evaluations, self.best])
        return numpy.array(scores)

    def _evaluate(self, x, out, *args, **kwargs):
        out["F"] = self.scores(x)

    def sums(self, x):
        return self.scores(x).sum(axis=1)


def make(name, offspring, objectives):
    if name == "smsemoa":
        return SMSEMOA(pop_size=offspring)
    # No more directions than 100 individuals: of few objectives on one simplex, of many on two simplices as in Deb & Jain (2014).
    if objectives <= 5:
        return NSGA3(pop_size=offspring, ref_dirs=get_reference_directions("das-dennis", objectives, n_partitions={2: 99, 5: 4}[objectives]))
    layers = [get_reference_directions("das-dennis", objectives, n_partitions=1, scaling=scaling) for scaling in (1.0, 0.5)]
    return NSGA3(pop_size=offspring, ref_dirs=numpy.vstack(layers))


def bipop(served, offspring, evaluations, seed):
    """In the box [-1, 1], from random points, with the first step of cellwright's."""
    middle, radius = (served.xu + served.xl) / 2, (served.xu - served.xl) / 2
    random = numpy.random.RandomState(seed)
    options = {"popsize": offspring, "bounds": [-1, 1], "maxfevals": evaluations, "seed": seed, "verbose": -9}
    cma.fmin2(
        lambda z: float(served.sums([middle + radius * numpy.asarray(z)])[0]),
        lambda: random.uniform(-1, 1, served.n_var), 0.4, options, restarts=9, bipop=True)


def lshade(served, offspring, evaluations, seed):
    random = numpy.random.RandomState(seed)
    x = random.uniform(served.xl, served.xu, (offspring, served.n_var))
    f = served.sums(x)
    steps, rates, slot, archive = numpy.full(6, 0.5), numpy.full(6, 0.5), 0, []
    while served.evaluations < evaluations:
        n = len(x)
        r = random.randint(6, size=n)
        cr = numpy.clip(random.normal(rates[r], 0.1), 0, 1)
        step = numpy.minimum(abs(steps[r] + 0.1 * random.standard_cauchy(n)), 1)
        better = numpy.argsort(f)[random.randint(max(2, int(0.11 * n)), size=n)]
        pool = numpy.array([*x, *archive])
        first, second = random.randint(n, size=n), random.randint(len(pool), size=n)
        mutant = x + step[:, None] * (x[better] - x + x[first] - pool[second])
        mutant = numpy.where(mutant < served.xl, (served.xl + x) / 2, numpy.where(mutant > served.xu, (served.xu + x) / 2, mutant))
        crossed = random.uniform(size=x.shape) < cr[:, None]
        crossed[range(n), random.randint(x.shape[1], size=n)] = True
        trial = numpy.where(crossed, mutant, x)
        g = served.sums(trial)
        gain = f - g
        if (gain > 0).any():
            won, weight = gain > 0, gain[gain > 0]
            steps[slot] = (weight * step[won] ** 2).sum() / (weight * step[won]).sum()
            rates[slot] = (weight * cr[won] ** 2).sum() / max((weight * cr[won]).sum(), 1e-300)
            slot = (slot + 1) % 6
            archive += list(x[won])
        x, f = numpy.where((gain >= 0)[:, None], trial, x), numpy.minimum(f, g)
        left = max(4, round(offspring + (4 - offspring) * served.evaluations / evaluations))
        keep = numpy.argsort(f, kind="stable")[:left]
        x, f = x[keep], f[keep]
        random.shuffle(archive)
        archive = archive[: 2 * left]


def main():
    program, name, offspring, problem, evaluations, seeds = sys.argv[1:]
    served = Served(program, problem)
    for seed in range(1, int(seeds) + 1):
        served.begin()
        with contextlib.redirect_stdout(sys.stderr):  # pymoo and pycma have messages of their own
            if name in ("bipop", "lshade"):
                {"bipop": bipop, "lshade": lshade}[name](served, int(offspring), int(evaluations), seed)
            else:
                minimize(served, make(name, int(offspring), served.n_obj), ("n_eval", int(evaluations)), seed=seed, verbose=False)
        print(json.dumps({"algorithm": name, "offspring": int(offspring), "seed": seed, "evaluations": served.evaluations, "curve": served.curve}))
    return 0


if __name__ == "__main__":
    sys.exit(main())
