#!/usr/bin/env python3
"""A whole optimisation of the L5PC model (BluePyOpt's example), 100 offspring and 100 generations, one thread, single precision: its core
hours, its scores, and what BluePyOpt + NEURON + eFEL would need for the same evaluations, from individuals of all of its generations that
BluePyOpt evaluates, too (--peers of them, evenly over the run). Processor time of both, on one pinned core. 20 minutes.

    build/venv/bin/python benchmarks/whole_optimisation.py --program build/cellwright --run-directory build/whole_optimisation

An earlier run in that directory is replaced. --seconds S: the run is there already and took S seconds of the processor; only BluePyOpt is measured.
"""

import argparse
import csv
import os
import pathlib
import shutil
import sys
import tempfile

from evaluate_l5pc import peer
from l5pc_program import run
from machine import write_result

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import l5pc  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402

OFFSPRING = GENERATIONS = 100
# The target, as a ratio to BluePyOpt on the same machine: 0.25 core hours where BluePyOpt takes 25.
TIMES = 100


def optimise(program, cell, atol, directory):
    """Processor seconds of the run."""
    if (directory / "run.json").exists():
        shutil.rmtree(directory)
    _, seconds, _, _ = run([program, "optimise", cell, "--numeric", "float", "--atol", atol, "--threads", 1, "--seed", 1, "--save-population",
                            "--offspring", OFFSPRING, "--generations", GENERATIONS, "--out", directory])  # fmt: skip
    return seconds


def evenly(rows, count):
    """The middle one of each of `count` equal parts."""
    return [rows[(2 * k + 1) * len(rows) // (2 * count)] for k in range(count)]


def measure(arguments, folder):
    example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
    cell = l5pc.write_cell_file(example, folder / "cell.json", simulator={"step": "variable"})
    seconds = arguments.seconds or optimise(arguments.program, cell, arguments.atol, arguments.run_directory)
    with open(arguments.run_directory / "population.csv", newline="") as stream:
        evaluated = list(csv.DictReader(stream))
    with open(arguments.run_directory / "logbook.csv", newline="") as stream:
        best = min(float(row["min"]) for row in csv.DictReader(stream))
    mechanisms = folder / "mechanisms"
    neuron_reference.compile_mechanisms(example / "mechanisms", mechanisms)
    names = l5pc.free_bounds(example)
    individuals = [{name: float(row[name]) for name in names} for row in evenly(evaluated, arguments.peers)]
    theirs = peer(example, mechanisms, individuals)
    hours = sum(theirs) / len(theirs) * len(evaluated) / 3600
    return {"atol": arguments.atol, "evaluations": len(evaluated), "best_sum_of_scores": best, "core_hours": seconds / 3600, "bluepyopt_s": theirs,
            "bluepyopt_core_hours": hours, "times": hours / (seconds / 3600), "target": TIMES}  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", type=pathlib.Path, default=ROOT / "build/cellwright")
    parser.add_argument("--run-directory", required=True, type=pathlib.Path)
    parser.add_argument("--atol", default="2e-5", help="default: 2e-5, of half the errors of BluePyOpt's default step (docs/reference/variable-step.md)")
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--real-models", type=pathlib.Path, default=ROOT / "build/real_models")
    parser.add_argument("--peers", type=int, default=10)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        found = measure(arguments, pathlib.Path(folder))
    print(f"{found['evaluations']} evaluations, atol {found['atol']}, best sum of scores {found['best_sum_of_scores']:.2f}: {found['core_hours']:.3f} core hours; "
          f"BluePyOpt {found['bluepyopt_core_hours']:.1f} (from {len(found['bluepyopt_s'])} of them, {min(found['bluepyopt_s']):.1f} to "
          f"{max(found['bluepyopt_s']):.1f} s): {found['times']:.0f} times (target {TIMES})")  # fmt: skip
    if arguments.out:
        write_result(arguments.out, **found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
