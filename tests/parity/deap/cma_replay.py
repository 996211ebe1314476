"""Compares cellwright's CMA evolution strategies with BluePyOpt's, number by number.

    cma_replay.py PATH/cma_dump [--whole]

What must agree, to 1e-9 of each parameter's range: every individual of every generation, scores and statistics, the hall
of fame, the final mean, step size, covariance matrix or parents, and the stopping criteria that ended the run.

The eigenvectors of multiple eigenvalues are arbitrary, and BLAS rounds differently on every processor. Where the
covariance matrix has such eigenvalues (fewer parents than parameters) no program can follow another one's vectors: in
these runs ("guided") cellwright is given NumPy's decompositions, each of which must fit cellwright's own matrix to 1e-10.
All other runs use cellwright's own solver.

NumPy's sorting of equal values depends on the processor too: the peer runs with its portable sort.
"""

import os
import sys

if "NPY_DISABLE_CPU_FEATURES" not in os.environ:
    os.environ["NPY_DISABLE_CPU_FEATURES"] = "X86_V4 X86_V3 AVX512_ICL AVX512_SPR"
    os.execv(sys.executable, [sys.executable, "-W", "ignore", *sys.argv])

import argparse
import logging
import subprocess
import time

import bluepyopt
import numpy
from bluepyopt.deapext import optimisationsCMA, utils

TOLERANCE = 1e-9


def objective(values, k):
    total = 0.0
    for i, value in enumerate(values):
        centre = float((7 * i + 3 * k) % 11) / 10.0 - 0.25
        weight = float(1 + (i + 2 * k) % 5)
        distance = value - centre
        total = total + weight * distance * distance
    return total / float(k + 1)


class Evaluator(bluepyopt.evaluators.Evaluator):
    def __init__(self, parameters, objectives):
        super().__init__(
            objectives=[bluepyopt.objectives.Objective(f"f{k}") for k in range(objectives)],
            params=[bluepyopt.parameters.Parameter(f"p{i}", bounds=[-1.0 - i, 2.0 + 0.5 * i]) for i in range(parameters)],
        )

    def init_simulator_and_evaluate_with_lists(self, values):
        return [objective([float(v) for v in values], k) for k in range(len(self.objectives))]


def case_of(selector, parameters, objectives, generations, seed=1, offspring=0, sigma=0.4, weight_hv=0.5, centroids=0,
            guided=False):
    return dict(locals())


def centroid_rows(case):
    return [[-0.5 + 0.1 * c + 0.01 * i for i in range(case["parameters"])] for c in range(case["centroids"])]


def peer_run(case):
    """The lines of the run as (name, numbers), and NumPy's eigen-decompositions."""
    lines, decompositions = [], []
    record_stats = utils.record_stats

    def watched(stats, logbook, gen, population, invalid_count):
        record_stats(stats, logbook, gen, population, invalid_count)
        for individual in population:
            lines.append(("x", [float(v) for v in individual]))
            lines.append(("f", list(individual.fitness.values)))
        lines.append(("log", [float(logbook[-1][c]) for c in ("gen", "nevals", "avg", "std", "min", "max")]))

    optimisation = optimisationsCMA.DEAPOptimisationCMA(
        evaluator=Evaluator(case["parameters"], case["objectives"]), seed=case["seed"],
        offspring_size=case["offspring"] or None, centroids=centroid_rows(case) or None, sigma=case["sigma"],
        selector_name=case["selector"], weight_hv=case["weight_hv"], map_function=map)
    strategies = []
    creator = optimisation.cma_creator

    def create(**arguments):
        strategies.append(creator(**arguments))
        return strategies[0]

    def noting_eigh(matrix):
        values, vectors = eigh(matrix)
        if case["guided"] and strategies:  # not that of the first, the unit matrix
            decompositions.append((values, vectors))
        return values, vectors

    eigh = numpy.linalg.eigh
    numpy.linalg.eigh = noting_eigh
    optimisation.cma_creator = create
    optimisationsCMA.utils.record_stats = watched
    try:
        _, hall_of_fame, _, _ = optimisation.run(max_ngen=case["generations"] - 1)
    finally:
        numpy.linalg.eigh = eigh
        optimisationsCMA.utils.record_stats = record_stats
    lines += [("hof", [float(v) for v in individual]) for individual in hall_of_fame]
    strategy = strategies[0]
    if case["selector"] == "single_objective":
        lines += [("centroid", list(strategy.centroid)), ("sigma", [float(strategy.sigma)]), ("C", list(strategy.C.ravel()))]
    else:
        lines += [("parent", [float(v) for v in parent]) for parent in strategy.parents]
    return lines, decompositions, ", ".join(c.name for c in strategy.stopping_conditions if c.criteria_met)


def our_run(program, case, decompositions):
    words = [case["selector"], case["seed"], case["parameters"], case["objectives"], case["offspring"],
             case["generations"], case["sigma"], case["weight_hv"], case["centroids"], len(decompositions)]
    numbers = [v for row in centroid_rows(case) for v in row]
    for values, vectors in decompositions:
        numbers += [*values, *vectors.ravel()]
    text = " ".join(map(str, words)) + " " + " ".join("%.17g" % v for v in numbers) + "\n"
    output = subprocess.run([program], input=text, capture_output=True, text=True, check=True).stdout
    lines, finished = [], ""
    for line in output.splitlines():
        name, *rest = line.split(" ")
        if name == "finished":
            finished = " ".join(rest)
        elif name != "end":
            lines.append((name, [float(v) for v in rest]))
    return lines, finished


def difference(case, name, ours, theirs):
    scale = 1.0
    if name in ("x", "hof"):
        scale = numpy.array([3.0 + 1.5 * i for i in range(case["parameters"])])
    elif theirs:
        scale = max(1.0, max(abs(v) for v in theirs))
    return float(numpy.max(numpy.abs(numpy.array(ours) - numpy.array(theirs)) / scale)) if theirs else 0.0


def compare(program, case):
    """Largest difference, and where it is first beyond the tolerance."""
    theirs, decompositions, their_end = peer_run(case)
    ours, our_end = our_run(program, case, decompositions)
    residual = ours.pop()[1][0]
    if len(ours) != len(theirs) or our_end != their_end:
        return float("inf"), f"{len(ours)} lines, ended by '{our_end}'; the peer {len(theirs)}, by '{their_end}'"
    worst, generation, first = 0.0, 1, ""
    for (our_name, our_numbers), (name, numbers) in zip(ours, theirs):
        if our_name != name or len(our_numbers) != len(numbers):
            return float("inf"), f"{our_name} instead of {name} in generation {generation}"
        distance = difference(case, name, our_numbers, numbers)
        worst = max(worst, distance)
        if not distance <= TOLERANCE and not first:
            first = f"{name} of generation {generation} differs by {distance:.2g}"
        if name == "log":
            generation += 1
    if residual > 1e-10:
        first = first or f"NumPy's decomposition does not fit: {residual:.2g}"
    return worst, first


def quick_cases():
    yield case_of("single_objective", 2, 1, 30)
    yield case_of("single_objective", 2, 3, 30, seed=2, offspring=9)
    yield case_of("single_objective", 20, 1, 30, offspring=100)
    yield case_of("single_objective", 20, 1, 30, guided=True)
    for seed in (1, 2):
        yield case_of("multi_objective", 3, 3, 5, seed=seed)


def whole_cases():
    for seed in range(1, 6):
        for parameters, offspring in ((2, 0), (2, 20), (3, 0), (5, 30), (10, 50), (20, 120)):
            yield case_of("single_objective", parameters, 1 + seed % 3, 60, seed=seed, offspring=offspring)
        yield case_of("single_objective", 25, 2, 20, seed=seed, offspring=150)
        for parameters in (5, 10, 20, 30, 40):
            yield case_of("single_objective", parameters, 35, 60, seed=seed, guided=True)
        yield case_of("single_objective", 2, 2, 400, seed=seed, offspring=10)  # until a criterion ends it
        yield case_of("single_objective", 4, 2, 20, seed=seed, offspring=16, sigma=0.1, centroids=1)
        yield case_of("multi_objective", 2 + seed, 3, 10, seed=seed)
        yield case_of("multi_objective", 4, 2, 8, seed=seed, offspring=11, centroids=3)
        yield case_of("multi_objective", 20, 5, 4, seed=seed, offspring=8, weight_hv=1.0)
        yield case_of("multi_objective", 5, 35, 40, seed=seed, offspring=20, weight_hv=0.0)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="path of cma_dump")
    parser.add_argument("--whole", action="store_true", help="the long list of runs")
    arguments = parser.parse_args()
    logging.disable(logging.CRITICAL)
    started, failed = time.time(), 0
    cases = list(whole_cases() if arguments.whole else quick_cases())
    for case in cases:
        worst, first = compare(arguments.program, case)
        print(f"{case['selector']:16} n={case['parameters']:<2} m={case['objectives']:<2} lambda={case['offspring'] or 'default'} "
              f"generations={case['generations']} seed={case['seed']}{' guided' if case['guided'] else ''}: {worst:.1e} {first}",
              flush=True)
        failed += bool(first)
    print(f"{len(cases)} runs, {failed} differ by more than {TOLERANCE}, {time.time() - started:.0f} s")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
