#!/usr/bin/env python3
"""Microseconds per step and individual of the L5PC model (BluePyOpt's example, protocol bAP, fixed step 0.025 ms): the native
engine in batches of 1, 16 and 64 against NEURON, in turn, on one pinned core; in double ("fast") and in single precision ("float").

The individuals are the release parameters and sets around them. NEURON's time is that of its run() alone; building the cell is
not counted. The best of several runs counts on both sides.

    build/venv/bin/python benchmarks/step_vs_neuron.py --rate-program build/bench/benchmarks/step_rate
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

from machine import write_result

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import l5pc  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402

PROTOCOL = "bAP"
DT_MS = 0.025
BATCHES = [1, 16, 64]
LARGEST_US = 7.0  # in double, in batches of 16 or more, on the server on which NEURON takes 84
NUMERICS = ["fast", "float"]


def time_neuron():
    """The peer's side, in a process of its own: seconds of NEURON's run() for one individual, and the model time."""
    question = json.load(sys.stdin)
    sys.path.insert(0, question["example"])
    import bluepyopt.ephys as ephys
    import l5pc_evaluator

    seconds = []

    class TimedSimulator(ephys.simulators.NrnSimulator):
        def run(self, tstop=None, **options):
            start = time.perf_counter()
            super().run(tstop, **options)
            seconds.append((time.perf_counter() - start, tstop))

    evaluator = l5pc_evaluator.create()
    evaluator.sim = TimedSimulator(dt=DT_MS, cvode_active=False, mechanisms_directory=question["mechanisms"])
    for _ in range(question["repeats"]):
        protocol = evaluator.fitness_protocols[PROTOCOL]
        protocol.run(evaluator.cell_model, question["params"], sim=evaluator.sim, isolate=False)
    best, tstop = min(seconds)
    print("RESULT", json.dumps({"us_per_step": best * 1e6 / round(tstop / DT_MS)}))


def neuron(example, mechanisms, params, repeats):
    question = {"example": str(example), "mechanisms": str(mechanisms), "params": params, "repeats": repeats}
    done = subprocess.run([sys.executable, __file__, "--peer"], input=json.dumps(question), capture_output=True, text=True)
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if done.returncode != 0 or not answers:
        raise RuntimeError(f"NEURON: {done.stdout}\n{done.stderr}")
    return json.loads(answers[0].removeprefix("RESULT "))["us_per_step"]


def native(program, cell, vectors, numeric):
    done = subprocess.run(
        [program, cell, numeric, PROTOCOL, *map(str, BATCHES)], input=json.dumps(vectors), capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"{program}: {done.stderr}")
    return {row["batch"]: row for row in json.loads(done.stdout)["batches"]}


def measure(arguments, folder):
    example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
    mechanisms = folder / "mechanisms"
    neuron_reference.compile_mechanisms(example / "mechanisms", mechanisms)
    cell = folder / "cell.json"
    l5pc.write_cell_file(example, cell)
    sets = l5pc.parameter_sets(example, around_release=15, individuals=0)
    vectors = [list(params.values()) for params in sets.values()]
    peer, ours = [], []
    for _ in range(arguments.repeats):
        peer.append(neuron(example, mechanisms, sets["release"], 1))
        ours.append({numeric: native(arguments.rate_program, cell, vectors, numeric) for numeric in NUMERICS})
    rows = []
    for numeric, batch in [(numeric, batch) for numeric in NUMERICS for batch in BATCHES]:
        best = min(run[numeric][batch]["us_per_step_and_individual"] for run in ours)
        memory = {key: ours[0][numeric][batch][key] for key in ("resident_mib", "kib_per_lane")}
        rows.append({"numeric": numeric, "batch": batch, "us": best, "times_neuron": min(peer) / best, **memory})
    return {"neuron_us": min(peer), "cellwright": rows}


def main():
    if sys.argv[1:] == ["--peer"]:
        return time_neuron()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True, type=pathlib.Path)
    parser.add_argument("--real-models", type=pathlib.Path, default=ROOT / "build/real_models")
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as folder:
        result = measure(arguments, pathlib.Path(folder))
    print(f"L5PC, {PROTOCOL}, fixed step {DT_MS} ms, microseconds per step and individual")
    print(f"  NEURON 9.0.2             {result['neuron_us']:8.1f}")
    for row in result["cellwright"]:
        print(f"  cellwright, {row['numeric']:5s}, {row['batch']:3d}   {row['us']:8.2f}   {row['times_neuron']:5.1f} times, {row['resident_mib']:.0f} MiB in all, "
              f"{row['kib_per_lane']:.0f} KiB a lane")
    if arguments.out:
        write_result(arguments.out, target_us=LARGEST_US, **result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
