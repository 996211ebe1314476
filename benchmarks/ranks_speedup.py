#!/usr/bin/env python3
"""Evaluations per second of `cellwright optimise` with one rank and with two, one thread each, on two cores; alternating. The cell is
L5PC with the variable step (--simple: benchmarks/simple_cell).

    python3 benchmarks/ranks_speedup.py --program build/bench/cellwright

The ratio of the rates needs a machine on which nothing else runs. `by_cpu` is what it would be there, from figures that others hardly
change: 2 * (processor seconds of an evaluation with one rank) / (with two) * (1 - idle share).
"""

import argparse
import csv
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys

from machine import write_result
from ranks_overhead import ROOT

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests" / "support"))
import l5pc  # noqa: E402
import real_models  # noqa: E402


def run(program, cell, ranks, offspring, generations, folder, environment):
    """Evaluations per second after the first generation (timings.csv), processor seconds for each evaluation of the whole job, the
    share of time in which ranks had nothing to do, and MiB of the largest rank."""
    shutil.rmtree(folder, ignore_errors=True)
    launch = ["mpirun", "-n", str(ranks), "--bind-to", "none"] if ranks > 1 else []
    process = subprocess.Popen([*launch, str(program), "optimise", str(cell), "--offspring", str(offspring), "--generations",
                                str(generations), "--threads", "1", "--no-report", "--out", str(folder)], env=environment,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    text = process.stderr.read()
    _, status, usage = os.wait4(process.pid, 0)
    if status != 0:
        raise RuntimeError(f"{ranks} ranks: {text}")
    rows = list(csv.DictReader(open(folder / "timings.csv")))
    evaluations = [int(row["nevals"]) for row in rows]
    idle = [float(share) for share in re.findall(r"(\d+)% idle", text)]
    return {"evaluations_per_second": sum(evaluations[1:]) / sum(float(row["seconds"]) for row in rows[1:]),
            "cpu_seconds_per_evaluation": (usage.ru_utime + usage.ru_stime) / sum(evaluations),
            "idle_share": statistics.mean(idle) / 100 if idle else 0.0,
            "peak_mib": usage.ru_maxrss / 1024}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--simple", action="store_true")
    parser.add_argument("--real-models", default=HERE.parent / "build/real_models", type=pathlib.Path)
    parser.add_argument("--offspring", type=int)
    parser.add_argument("--generations", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--out", default="build/bench/ranks_speedup.json")
    arguments = parser.parse_args()
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    cell = HERE / "simple_cell" / "cell.json"
    if not arguments.simple:
        example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
        cell = out.parent / "ranks_l5pc" / "cell.json"
        cell.parent.mkdir(exist_ok=True)
        l5pc.write_cell_file(example, cell, simulator={"step": "variable"})
    offspring = arguments.offspring or (4000 if arguments.simple else 640)
    environment = {**os.environ, **ROOT}
    runs = {1: [], 2: []}
    for _ in range(arguments.repeats):
        for ranks in runs:
            runs[ranks].append(run(arguments.program, cell, ranks, offspring, arguments.generations, out.parent / "ranks_run", environment))
            print(ranks, "ranks:", ", ".join(f"{key} {value:.4g}" for key, value in runs[ranks][-1].items()), flush=True)
    by_wall = statistics.median(b["evaluations_per_second"] / a["evaluations_per_second"] for a, b in zip(runs[1], runs[2]))
    by_cpu = statistics.median(2 * a["cpu_seconds_per_evaluation"] / b["cpu_seconds_per_evaluation"] * (1 - b["idle_share"])
                               for a, b in zip(runs[1], runs[2]))
    print(f"{cell}: 2 ranks over 1: {by_wall:.3f} by the clock, {by_cpu:.3f} by processor time (medians of {arguments.repeats})")
    write_result(out, benchmark="ranks_speedup", cell=str(cell), offspring=offspring, runs=runs, ratio=by_wall, ratio_by_cpu=by_cpu)
    return 0


if __name__ == "__main__":
    sys.exit(main())
