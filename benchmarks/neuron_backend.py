#!/usr/bin/env python3
"""What `--engine neuron` costs beside NEURON's own simulation time, and beside BluePyOpt's use of NEURON: L5PC, variable step.

CPU seconds per evaluation (all four protocols), in one run on one core:
- neuron: NEURON's `run()` alone, for a cell that BluePyOpt built;
- bluepyopt: its evaluator, a new cell for every protocol, not isolated (isolation costs more);
- cellwright: the program and its NEURON process, from the parameters to the objectives; what is spent once a run (start, cell,
  mechanisms) is left out: the time of one set is taken from that of several, and eFEL's part is told by --profile.
Then wall seconds of several individuals with one worker and with two, on two cores: the ratio needs a machine on which nothing else
runs.

    build/venv/bin/python benchmarks/neuron_backend.py --program build/cellwright --models build/real_models --mechanisms FOLDER

`--mechanisms` is a folder in which nrnivmodl built the example's mods (tests/support/neuron_reference.py).
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "tests/support"))

import l5pc  # noqa: E402
import real_models  # noqa: E402
from machine import commit, machine  # noqa: E402

SETS = 3
RANDOM_SETS = 8  # drawn over the whole bounds: some take many times as long as others


def bluepyopt_seconds(example, mechanisms, sets):
    """(CPU seconds of sim.run, CPU seconds of whole evaluations without features) per set"""
    sys.path.insert(0, str(example))
    os.chdir(example)
    import bluepyopt.ephys as ephys
    import l5pc_evaluator

    evaluator = l5pc_evaluator.create()
    simulator = ephys.simulators.NrnSimulator(cvode_active=True, mechanisms_directory=mechanisms)
    own = {"seconds": 0.0}
    run = simulator.run

    def timed_run(*arguments, **keys):
        start = time.process_time()
        try:
            return run(*arguments, **keys)
        finally:
            own["seconds"] += time.process_time() - start

    simulator.run = timed_run
    evaluator.sim = simulator
    evaluator.isolate_protocols = False
    evaluator.run_protocols(list(evaluator.fitness_protocols.values())[:1], sets[0])  # loads everything
    own["seconds"], start = 0.0, time.process_time()
    for params in sets:
        evaluator.run_protocols(evaluator.fitness_protocols.values(), params)
    return own["seconds"] / len(sets), (time.process_time() - start) / len(sets)


def cellwright_seconds(program, cell, sets, work):
    """CPU seconds of the program and its child, and those of the features, for a list of sets."""
    (work / "sets.json").write_text(json.dumps(sets))
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [program, "evaluate", cell, "--params", work / "sets.json", "--engine", "neuron", "--step", "variable",
               "--threads", "1", "--json", "--profile"]
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True,
                          env=dict(os.environ, CELLWRIGHT_NEURON=sys.executable))
    if done.returncode != 0:
        raise SystemExit(f"{done.stdout}{done.stderr}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    features = sum(individual["seconds"]["features"] for individual in json.loads(done.stdout))
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, features


def worker_seconds(program, cell, sets, folder, workers):
    """Wall seconds of an evaluation of all sets by so many NEURON processes."""
    params = folder / "sets.json"
    params.write_text(json.dumps(sets))
    start = time.monotonic()
    subprocess.run([program, "evaluate", str(cell), "--params", str(params), "--engine", "neuron", "--json", "--threads", str(workers)],
                   check=True, capture_output=True, env=dict(os.environ, CELLWRIGHT_NEURON=sys.executable))
    return time.monotonic() - start


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--models", required=True, help="the cache of real_models.py")
    parser.add_argument("--mechanisms", required=True)
    parser.add_argument("--out", help="a JSON file for the result")
    arguments = parser.parse_args()
    cores = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {min(cores)})
    example = real_models.fetch(arguments.models, "bluepyopt").resolve() / "examples/l5pc"
    program, mechanisms = (str(pathlib.Path(p).resolve()) for p in (arguments.program, arguments.mechanisms))
    release = l5pc.parameter_sets(example)["release"]
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        cell = json.loads(l5pc.write_cell_file(example, work / "l5pc.json").read_text())
        del cell["simulator"]
        (work / "l5pc.json").write_text(json.dumps(cell))
        cellwright_seconds(program, work / "l5pc.json", [release], work)  # compiles the mechanisms
        one, one_features = cellwright_seconds(program, work / "l5pc.json", [release], work)
        more, more_features = cellwright_seconds(program, work / "l5pc.json", [release] * (1 + SETS), work)
        ours = (more - one) / SETS
        os.sched_setaffinity(0, cores)
        spread = [params for name, params in l5pc.parameter_sets(example, 0, RANDOM_SETS).items() if name != "release"]
        workers = {n: worker_seconds(program, work / "l5pc.json", spread, work, n) for n in (1, 2)}
        os.sched_setaffinity(0, {min(cores)})
        features = (more_features - one_features) / SETS
    own, whole = bluepyopt_seconds(example, mechanisms, [release] * SETS)
    result = {
        "benchmark": "neuron_backend", "commit": commit(), "machine": machine(), "evaluations": SETS,
        "cpu_seconds_per_evaluation": {"neuron": own, "bluepyopt": whole, "cellwright": ours, "cellwright_features": features},
        "overhead_percent": {"bluepyopt": 100 * (whole / own - 1), "cellwright": 100 * ((ours - features) / own - 1)},
        "workers_wall_seconds": workers, "two_workers_over_one": workers[1] / workers[2],
    }
    print(json.dumps(result, indent=1))
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(result, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
