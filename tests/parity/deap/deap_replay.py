"""Compares cellwright's optimiser with BluePyOpt and DEAP, bit for bit.

Both run the same test problems (replay_dump.cpp has the same functions, made of + - * / only) with the same seeds; every
number of every generation is compared by its bits: pools, evaluation counts, statistics, parents, final population, hall of
fame and the next number of the random stream.

    deap_replay.py PATH/replay_dump [--selector IBEA | NSGA2]

The grid is 5 seeds x {2, 3, 20} parameters x {1, 2, 35} objectives x {2, 10, 100} offspring x {10, 30} generations; further
runs have other settings, problems with ties and failures, and a continuation from the middle. A selector takes about a minute. Needs bluepyopt 1.14.26 and deap 1.4.4 on
CPython 3.11: from 3.12 on Python's sum() is compensated, which changes last bits.
"""

import argparse
import itertools
import logging
import math
import os
import random
import struct
import subprocess
import sys
import tempfile
import time

import bluepyopt
import bluepyopt.deapext.algorithms as algorithms
import bluepyopt.deapext.utils as utils


def smooth_objective(values, k):
    total = 0.0
    for i, value in enumerate(values):
        centre = float((7 * i + 3 * k) % 11) / 10.0 - 0.25
        weight = float(1 + (i + 2 * k) % 5)
        distance = value - centre
        total = total + weight * distance * distance
    return total / float(k + 1)


def objective(problem, values, k):
    smooth = smooth_objective(values, k)
    if problem == "ties":
        return float(math.floor(smooth / 2.0))
    if problem == "coarse":
        return float(math.floor(min(smooth, 8.0) / 2.0))
    if problem == "constant" and k % 2 == 0:
        return 3.0
    if problem == "failing" and values[k % len(values)] > 1.0:
        return 250.0  # cellwright's function gives NaN here, which must become the failed score
    if problem == "offset":
        return smooth - 20.0
    return smooth


class Evaluator(bluepyopt.evaluators.Evaluator):
    def __init__(self, problem, parameters, objectives):
        self.problem = problem
        super().__init__(
            objectives=[bluepyopt.objectives.Objective(f"f{k}") for k in range(objectives)],
            params=[
                bluepyopt.parameters.Parameter(f"p{i}", bounds=[-1.0 - i, 2.0 + 0.5 * i]) for i in range(parameters)
            ],
        )

    def init_simulator_and_evaluate_with_lists(self, values):
        return [objective(self.problem, values, k) for k in range(len(self.objectives))]


def bits(value):
    return struct.pack(">d", value).hex()


def rows_text(individuals):
    return ["".join(bits(v) + " " for v in [*ind, *ind.fitness.values]) for ind in individuals]


class Recorder:
    """Writes down what the peer does, by standing in front of its statistics and its selector."""

    def __init__(self):
        self.lines = []

    def record_stats(self, stats, logbook, gen, population, invalid_count):
        self.original(stats, logbook, gen, population, invalid_count)
        self.lines.append(f"generation {gen} nevals {invalid_count}")
        self.lines += rows_text(population)
        row = logbook[-1]
        self.lines.append("log " + " ".join(bits(float(row[column])) for column in ("avg", "std", "min", "max")))

    def watch(self, optimisation):
        select = optimisation.toolbox.select

        def watched(population, mu):
            parents = select(population, mu)
            self.lines.append("parents")
            self.lines.extend(rows_text(parents))
            return parents

        optimisation.toolbox.register("select", watched)

    def __enter__(self):
        self.original = utils.record_stats
        algorithms.utils.record_stats = self.record_stats
        return self

    def __exit__(self, *_):
        algorithms.utils.record_stats = self.original


def make_peer(case, seed):
    return bluepyopt.deapext.optimisations.DEAPOptimisation(
        Evaluator(case["problem"], case["parameters"], case["objectives"]),
        seed=seed,
        offspring_size=case["offspring"],
        eta=case["eta"],
        mutpb=case["mutpb"],
        cxpb=case["cxpb"],
        selector_name=case["selector"],
    )


def peer_lines(case, folder):
    with Recorder() as recorder:
        peer = make_peer(case, case["seed"])
        recorder.watch(peer)
        if case["save_after"]:
            checkpoint = os.path.join(folder, "checkpoint.pkl")
            peer.run(max_ngen=case["save_after"], cp_filename=checkpoint, cp_frequency=1)
            peer = make_peer(case, 54321)
            recorder.watch(peer)
            result = peer.run(max_ngen=case["generations"], continue_cp=True, cp_filename=checkpoint)
        else:
            result = peer.run(max_ngen=case["generations"])
    population, hall_of_fame, _, _ = result
    lines = recorder.lines + ["final", *rows_text(population), "hall of fame", *rows_text(hall_of_fame)]
    return lines + ["next " + bits(random.random()), "end"]


class Ours:
    """The program replay_dump, fed one case at a time."""

    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def lines(self, case):
        self.process.stdin.write(
            "{problem} {seed} {parameters} {objectives} {offspring} {generations} {eta!r} {mutpb!r} {cxpb!r} "
            "{selector} {save_after}\n".format(**case)
        )
        self.process.stdin.flush()
        lines = []
        while not lines or lines[-1] != "end":
            line = self.process.stdout.readline()
            if not line:
                raise SystemExit(f"replay_dump ended early at {case}")
            lines.append(line.rstrip("\n"))
        return lines

    def close(self):
        self.process.stdin.close()
        return self.process.wait()


def case_of(**changes):
    case = dict(problem="smooth", seed=1, parameters=3, objectives=2, offspring=10, generations=10, eta=10.0, mutpb=1.0,
                cxpb=1.0, selector="IBEA", save_after=0)
    case.update(changes)
    return case


def extra_cases(seeds):
    """Settings other than the defaults, ties, constants, failures, odd sizes and continuing from a checkpoint."""
    for selector, seed in itertools.product(("IBEA", "NSGA2"), seeds):
        for problem in ("ties", "coarse", "constant", "failing", "offset"):
            for parameters, objectives, offspring in ((2, 1, 10), (3, 2, 12), (20, 35, 12), (3, 5, 40)):
                yield case_of(problem=problem, seed=seed, parameters=parameters, objectives=objectives,
                              offspring=offspring, generations=15, selector=selector)
        for eta, mutpb, cxpb in ((20.0, 0.3, 0.7), (0.5, 1.0, 0.5), (10.0, 0.0, 1.0), (100.0, 0.5, 0.0), (0.0, 1.0, 1.0)):
            yield case_of(seed=seed, eta=eta, mutpb=mutpb, cxpb=cxpb, offspring=11, generations=15, selector=selector)
            yield case_of(seed=seed, eta=eta, mutpb=mutpb, cxpb=cxpb, problem="ties", offspring=20, generations=15,
                          selector=selector, save_after=7)
        for save_after in (2, 3, 9):
            yield case_of(seed=seed, save_after=save_after, parameters=20, objectives=35, selector=selector)
        yield case_of(seed=seed, offspring=1, selector=selector)
        yield case_of(seed=seed, generations=1, selector=selector)
        yield case_of(seed=-seed, offspring=3, selector=selector)


def grid_cases():
    for seed, parameters, objectives, offspring, generations, selector in itertools.product(
            (1, 2, 3, 4, 5), (2, 3, 20), (1, 2, 35), (2, 10, 100), (10, 30), ("IBEA", "NSGA2")):
        yield case_of(seed=seed, parameters=parameters, objectives=objectives, offspring=offspring,
                      generations=generations, selector=selector)


def whole_cases():
    yield from extra_cases((1, 2, 3, 4, 5))
    yield from grid_cases()


def report_difference(case, ours, theirs):
    print("DIFFERENT", case)
    for number, (our_line, their_line) in enumerate(itertools.zip_longest(ours, theirs)):
        if our_line != their_line:
            before = [line for line in theirs[:number] if line[:4] in ("gene", "log ", "pare", "fina", "hall", "next")]
            print(f"  line {number}, after '{before[-1] if before else 'the start'}'")
            print(f"  ours:   {our_line}\n  theirs: {their_line}")
            return


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("program", help="path of replay_dump")
    parser.add_argument("--selector", help="only the runs of this one")
    arguments = parser.parse_args()
    if sys.version_info[:2] != (3, 11):
        raise SystemExit("deap_replay.py needs CPython 3.11: later versions round sum() differently")
    logging.disable(logging.CRITICAL)

    ours = Ours(arguments.program)
    started = time.time()
    cases = [case for case in whole_cases() if arguments.selector in (None, case["selector"])]
    different = numbers = 0
    with tempfile.TemporaryDirectory() as folder:
        for case in cases:
            our_lines, their_lines = ours.lines(case), peer_lines(case, folder)
            numbers += sum(len(line.split()) for line in their_lines)
            if our_lines != their_lines:
                different += 1
                report_difference(case, our_lines, their_lines)
    status = ours.close()
    print(f"{len(cases)} runs, {numbers} numbers, {different} runs differ, {time.time() - started:.0f} s")
    return 1 if different or status else 0


if __name__ == "__main__":
    sys.exit(main())
