#!/usr/bin/env python3
"""Fits the example with several seeds and prints the README's table: how well, and how much better than chance.

A fit counts as found if every score of its best individual is at most 1 (within one standard deviation of each target) and
their sum at most a tenth of the best random individual's (the best of generation 1). The settings are those of `make demo`.

    tools/ten_seeds.py                          10 seeds, 9 must be found
    tools/ten_seeds.py --seeds 2 --require 2    what `make test` runs
"""

import argparse
import csv
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]


def fit(program, cell_file, seed, settings, folder):
    """Returns (best individual of the hall of fame, sum of the best random individual, seconds)."""
    run_folder = folder / f"seed-{seed}"
    start = time.perf_counter()
    command = [program, "optimise", cell_file, "--seed", seed, "--out", run_folder, *settings]
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    seconds = time.perf_counter() - start
    best = json.loads((run_folder / "hall_of_fame.json").read_text())[0]
    with open(run_folder / "logbook.csv", newline="") as stream:
        first = next(row for row in csv.DictReader(stream) if int(row["gen"]) == 1)
    return best, float(first["min"]), seconds


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build" / "cellwright")
    parser.add_argument("--cell", default=ROOT / "examples" / "simple_cell" / "cell.json")
    parser.add_argument("--seeds", type=int, default=10, help="seeds 1 to N (default 10)")
    parser.add_argument("--require", type=int, default=9, help="how many must be found (default 9)")
    parser.add_argument("--offspring", type=int, default=100)
    parser.add_argument("--generations", type=int, default=80)
    parser.add_argument("--out", help="keep the run folders here (default: a temporary folder)")
    arguments = parser.parse_args()

    folder = pathlib.Path(arguments.out or tempfile.mkdtemp(prefix="cellwright-seeds-"))
    if arguments.out and folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    settings = ["--offspring", arguments.offspring, "--generations", arguments.generations]
    print("| seed | largest score | sum of scores | best random sum | ratio | seconds | found |")
    print("|---:|---:|---:|---:|---:|---:|---|")
    found = 0
    for seed in range(1, arguments.seeds + 1):
        best, random_sum, seconds = fit(arguments.program, arguments.cell, seed, settings, folder)
        largest = max(best["objectives"].values())
        good = largest <= 1 and best["sum"] <= random_sum / 10
        found += good
        print(
            f"| {seed} | {largest:.2f} | {best['sum']:.2f} | {random_sum:.1f} | {best['sum'] / random_sum:.3f} | {seconds:.1f} | {'yes' if good else 'no'} |",
            flush=True,
        )
    if arguments.out is None:
        shutil.rmtree(folder)
    print(f"\n{found} of {arguments.seeds} found; at least {arguments.require} wanted")
    return 0 if found >= arguments.require else 1


if __name__ == "__main__":
    sys.exit(main())
