#!/usr/bin/env python3
"""Evaluations of the L5PC model (BluePyOpt's example: 4 protocols, 35 objectives) with the variable step, against BluePyOpt +
NEURON + eFEL as they come, in turn on one pinned core: seconds per individual, everything from parameters to scores (processor
time of both; of cellwright the best pass).

In double ("fast") and in single precision ("float"). Two populations: individuals drawn over the whole bounds (a batch of 128), and the release parameters with 20 sets around them
(evolved cells: many spikes). BluePyOpt evaluates a few of each, one after the other in one process.

    build/venv/bin/python benchmarks/evaluate_l5pc.py --rate-program build/bench/benchmarks/evaluate_rate
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

from machine import write_result

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import l5pc  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402

BATCH = 128
AROUND = 20
TARGETS = {"fast": {"random": 150, "near": 70}, "float": {"random": 250, "near": 130}}  # times BluePyOpt


def time_peer():
    """BluePyOpt's side, in a process of its own: CPU seconds of each individual."""
    question = json.load(sys.stdin)
    sys.path.insert(0, question["example"])
    import bluepyopt.ephys as ephys
    import l5pc_evaluator

    evaluator = l5pc_evaluator.create()
    evaluator.sim = ephys.simulators.NrnSimulator(mechanisms_directory=question["mechanisms"])
    seconds = []
    for params in question["individuals"]:
        start = sum(os.times()[:4])  # with the processes that BluePyOpt starts for the protocols
        evaluator.evaluate_with_dicts(params)
        seconds.append(sum(os.times()[:4]) - start)
    print("RESULT", json.dumps(seconds))


def peer(example, mechanisms, individuals):
    question = {"example": str(example), "mechanisms": str(mechanisms), "individuals": individuals}
    done = subprocess.run([sys.executable, __file__, "--peer"], input=json.dumps(question), capture_output=True, text=True)
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode != 0 or not answers:
        raise RuntimeError(f"BluePyOpt: {done.stdout}\n{done.stderr}")
    return json.loads(answers[0].removeprefix("RESULT "))


def native(program, cell, individuals, numeric):
    vectors = [list(params.values()) for params in individuals]
    done = subprocess.run([program, cell, numeric], input=json.dumps(vectors), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{program}: {done.stderr}")
    return json.loads(done.stdout)["seconds_per_evaluation"]


def measure(arguments, folder):
    example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
    mechanisms = folder / "mechanisms"
    neuron_reference.compile_mechanisms(example / "mechanisms", mechanisms)
    cell = l5pc.write_cell_file(example, folder / "cell.json", simulator={"step": "variable"})
    sets = l5pc.parameter_sets(example, AROUND, BATCH)
    populations = {
        "random": [params for name, params in sets.items() if name.startswith("deap")],
        "near": [params for name, params in sets.items() if not name.startswith("deap")],
    }
    rows = {}
    for name, individuals in populations.items():
        theirs = peer(example, mechanisms, individuals[: arguments.peers])
        mean = sum(theirs) / len(theirs)
        for numeric, targets in TARGETS.items():
            ours = native(arguments.rate_program, cell, individuals, numeric)
            rows[f"{name}, {numeric}"] = {
                "sets": name, "numeric": numeric, "batch": len(individuals), "bluepyopt_s": mean, "bluepyopt_individuals": len(theirs),
                "cellwright_ms": ours * 1e3, "times": mean / ours, "target": targets[name],
            }  # fmt: skip
    return rows


def main():
    if sys.argv[1:] == ["--peer"]:
        return time_peer()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True, type=pathlib.Path)
    parser.add_argument("--real-models", type=pathlib.Path, default=ROOT / "build/real_models")
    parser.add_argument("--peers", type=int, default=8, help="individuals that BluePyOpt evaluates of each population")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(arguments, pathlib.Path(folder))
    print("L5PC, variable step at its default tolerance, seconds per individual on one core")
    for name, row in rows.items():
        print(f"  {name:13s}  batch {row['batch']:3d}   BluePyOpt {row['bluepyopt_s']:6.2f} s (mean of {row['bluepyopt_individuals']})   "
              f"cellwright {row['cellwright_ms']:7.2f} ms   {row['times']:5.0f} times (target {row['target']})")
    if arguments.out:
        write_result(arguments.out, populations=rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
