#!/usr/bin/env python3
"""The same individuals give the same bytes in one batch, one by one and on any number of threads."""

import argparse
import json
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))

import cellwright_program  # noqa: E402

COUNT = 21  # more than a pack holds, and not a multiple of it


def without_seconds(evaluation):
    """The canonical text of an evaluation but for its timing; repr of a double is exact."""
    return json.dumps({key: value for key, value in evaluation.items() if key != "seconds"}, sort_keys=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--numeric", required=True)
    parser.add_argument("--step", required=True)
    arguments = parser.parse_args()

    work = pathlib.Path(arguments.work)
    work.mkdir(parents=True, exist_ok=True)
    config = json.loads(pathlib.Path(arguments.cell).read_text())
    free = {f"{p['param_name']}.{p['sectionlist']}": p["bounds"] for p in config["parameters"] if "bounds" in p}
    generator = random.Random(20)
    population = [{name: generator.uniform(*bounds) for name, bounds in free.items()} for _ in range(COUNT)]
    program = cellwright_program.Program(arguments.program)

    def evaluate(params, *options):
        file = work / "params.json"
        file.write_text(json.dumps(params))
        return program.run_json("evaluate", arguments.cell, "--params", file, "--numeric", arguments.numeric, "--step", arguments.step, *options)

    report = cellwright_program.Report()
    one_by_one = [without_seconds(evaluate(individual, "--threads", 1)) for individual in population]
    report.check(len(set(one_by_one)) == COUNT, "the individuals differ from one another")
    batches = {
        "one batch, 1 thread": (population, 1),
        "one batch, 2 threads": (population, 2),
        "one batch backwards, 2 threads": (population[::-1], 2),
        "a batch of 5, 2 threads": (population[:5], 2),
    }
    for label, (individuals, threads) in batches.items():
        results = [without_seconds(e) for e in evaluate(individuals, "--threads", threads)]
        expected = [one_by_one[population.index(individual)] for individual in individuals]
        report.check(results == expected, f"{arguments.numeric}, {arguments.step}: {label}, against one by one")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
