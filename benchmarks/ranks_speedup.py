#!/usr/bin/env python3
"""Evaluations per second of `cellwright optimise` with one rank and with two, one thread each, on two cores; alternating.

    python3 benchmarks/ranks_speedup.py --program build/bench/cellwright [--l5pc build/real_models/.../examples/l5pc] [--repeats 3]

Without --l5pc the cell is benchmarks/simple_cell. Wall-clock figures: nothing else may run.
"""

import argparse
import csv
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys

from machine import commit, machine
from ranks_overhead import ROOT

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))


def rate(program, cell, ranks, offspring, generations, folder, environment):
    """Evaluations per second after the first generation, from timings.csv."""
    shutil.rmtree(folder, ignore_errors=True)
    launch = ["mpirun", "-n", str(ranks), "--bind-to", "none"] if ranks > 1 else []
    subprocess.run([*launch, str(program), "optimise", str(cell), "--offspring", str(offspring), "--generations", str(generations),
                    "--threads", "1", "--out", str(folder), "-q"], env=environment, check=True, stdout=subprocess.DEVNULL)
    rows = list(csv.DictReader(open(folder / "timings.csv")))[1:]
    return sum(int(row["nevals"]) for row in rows) / sum(float(row["seconds"]) for row in rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--l5pc", help="the folder of BluePyOpt's example")
    parser.add_argument("--offspring", type=int)
    parser.add_argument("--generations", type=int, default=4)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", default="build/bench/ranks_speedup.json")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    cell = HERE / "simple_cell" / "cell.json"
    if arguments.l5pc:
        from l5pc import write_cell_file

        cell = write_cell_file(arguments.l5pc, out.parent / "ranks_l5pc" / "cell.json")
    offspring = arguments.offspring or (64 if arguments.l5pc else 4000)
    rates = {1: [], 2: []}
    environment = {**os.environ, **ROOT}
    for _ in range(arguments.repeats):
        for ranks in rates:
            rates[ranks].append(rate(arguments.program, cell, ranks, offspring, arguments.generations, out.parent / "ranks_run", environment))
    best = {ranks: max(values) for ranks, values in rates.items()}
    ratio = statistics.median(b / a for a, b in zip(rates[1], rates[2]))
    print(f"{cell}: 1 rank {best[1]:.2f}, 2 ranks {best[2]:.2f} evaluations/s; 2 over 1: {ratio:.3f} (median of {arguments.repeats})")
    out.write_text(json.dumps({"benchmark": "ranks_speedup", "machine": machine(), "commit": commit(), "cell": str(cell), "offspring": offspring,
                               "evaluations_per_second": rates, "ratio": ratio}, indent=2) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
