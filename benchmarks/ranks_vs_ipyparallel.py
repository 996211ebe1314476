#!/usr/bin/env python3
"""Two workers on two cores: `mpirun -n 2 cellwright optimise` beside BluePyOpt's DEAPOptimisation over two engines of ipyparallel.
Evaluations per second of the example cell (variable step on both sides), and what happens when one worker is killed in the middle.

    build/venv/bin/python benchmarks/ranks_vs_ipyparallel.py --program build/bench/cellwright

BluePyOpt simulates inside its engines (isolate_protocols=False, the faster way).
"""

import argparse
import csv
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import threading
import time

from machine import write_result
from ranks_overhead import ROOT
from simple_cell_vs_bluepyopt import CELL_FILE, bluepyopt_evaluator

HERE = pathlib.Path(__file__).resolve().parent
PATIENCE_S = 120  # for a run that goes on after a death, or hangs


def optimisation(client, offspring):
    import bluepyopt

    view = client.load_balanced_view()
    return bluepyopt.deapext.optimisations.DEAPOptimisation(
        evaluator=bluepyopt_evaluator(json.loads(CELL_FILE.read_text()), "variable", False), map_function=view.map_sync, seed=1,
        offspring_size=offspring)


def peer(offspring, generations):
    """BluePyOpt's side, in a process of its own. Prints what it measured as JSON."""
    import ipyparallel

    with ipyparallel.Cluster(n=2, log_level=40) as client:
        client.wait_for_engines(2)
        client[:].execute(f"import os, sys; sys.path.insert(0, {str(HERE)!r}); os.environ['OMP_NUM_THREADS'] = '1'; import bluepyopt.ephys")
        pids = client[:].apply_sync(os.getpid)
        optimisation(client, 4).run(max_ngen=1)  # starts NEURON in the engines
        start = time.perf_counter()
        optimisation(client, offspring).run(max_ngen=generations)
        seconds = time.perf_counter() - start
        outcome = {}

        def run():
            try:
                optimisation(client, offspring).run(max_ngen=generations)
                outcome["text"] = "went on to the end"
            except BaseException as error:  # noqa: BLE001: whatever it is, it is the result
                outcome["text"] = f"ended with {type(error).__name__}: {str(error).strip().splitlines()[0] if str(error).strip() else ''}"

        thread = threading.Thread(target=run, daemon=True)
        thread.start()
        time.sleep(seconds / 2)
        os.kill(pids[0], signal.SIGKILL)
        killed = time.perf_counter()
        thread.join(PATIENCE_S)
        waited = time.perf_counter() - killed
        death = outcome.get("text", f"still waited for the dead engine after {PATIENCE_S} s")
        evaluations = offspring * (generations + 1)  # the first generation is evaluated as well
        print("RESULT", json.dumps({"evaluations_per_second": evaluations / seconds, "evaluations": evaluations, "engine_death": death,
                                    "seconds_after_death": waited}), flush=True)
        os._exit(0) if thread.is_alive() else None


def start(program, cell, folder, offspring, generations, *more):
    command = ["mpirun", "-n", "2", "--bind-to", "none", program, "optimise", cell, "--offspring", offspring, "--generations", generations,
               "--threads", "1", "--no-report", "--out", folder, *more]
    return subprocess.Popen(list(map(str, command)), env={**os.environ, **ROOT}, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)


def finish(process):
    text = process.stderr.read()
    return process.wait(), text


def ours(program, folder, offspring, generations):
    cell = folder / "cell.json"
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(CELL_FILE.parent, folder)
    description = json.loads(CELL_FILE.read_text())
    description["simulator"] = {"step": "variable"}
    cell.write_text(json.dumps(description))
    status, text = finish(start(program, cell, folder / "run", offspring, generations))
    if status != 0:
        raise RuntimeError(text)
    rows = list(csv.DictReader(open(folder / "run" / "timings.csv")))[1:]
    seconds = sum(float(row["seconds"]) for row in rows)
    process = start(program, cell, folder / "killed", offspring, generations)
    time.sleep(0.5)
    while not (folder / "killed" / "logbook.csv").exists() or len((folder / "killed" / "logbook.csv").read_text().splitlines()) < generations // 2:
        time.sleep(0.02)
    ranks = pathlib.Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    os.kill(int(ranks[1]), signal.SIGKILL)
    killed = time.perf_counter()
    status, text = finish(process)
    waited = time.perf_counter() - killed
    resumed, after = finish(start(program, cell, folder / "killed", offspring, generations, "--resume"))
    same = (folder / "run" / "history.csv").read_bytes() == (folder / "killed" / "history.csv").read_bytes()
    message = next((line for line in text.splitlines() if "signal 9" in line), "").strip()
    went_on = next(iter(re.findall(r"going on after generation \d+", after)), "")
    return {"evaluations_per_second": sum(int(row["nevals"]) for row in rows) / seconds, "rank_death": f"ended with status {status}: {message}",
            "seconds_after_death": waited, "resume": f"status {resumed}, {went_on}", "same_history_as_undisturbed": same}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program")
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--offspring", type=int, default=4000, help="of cellwright")
    parser.add_argument("--peer-offspring", type=int, default=100)
    parser.add_argument("--out", default="build/bench/ranks_vs_ipyparallel.json")
    arguments = parser.parse_args()
    if arguments.peer:
        return peer(arguments.peer_offspring, 4)
    out = pathlib.Path(arguments.out).resolve()
    out.parent.mkdir(parents=True, exist_ok=True)
    done = subprocess.run([sys.executable, __file__, "--peer", "--peer-offspring", str(arguments.peer_offspring)], capture_output=True, text=True,
                          timeout=10 * PATIENCE_S)
    answers = [line for line in done.stdout.splitlines() if line.startswith("RESULT ")]
    if not answers:
        raise RuntimeError(f"BluePyOpt: {done.stdout}\n{done.stderr}")
    results = {"BluePyOpt + ipyparallel": json.loads(answers[0].removeprefix("RESULT ")),
               "cellwright": ours(pathlib.Path(arguments.program).resolve(), out.parent / "ranks_vs_ipyparallel", arguments.offspring, 8)}
    ratio = results["cellwright"]["evaluations_per_second"] / results["BluePyOpt + ipyparallel"]["evaluations_per_second"]
    for name, values in results.items():
        print(f"{name}:", *(f"\n  {key}: {value if not isinstance(value, float) else round(value, 2)}" for key, value in values.items()))
    print(f"cellwright is faster by {ratio:.0f} times")
    write_result(out, benchmark="ranks_vs_ipyparallel", results=results, ratio=ratio)
    return 0 if results["cellwright"]["same_history_as_undisturbed"] else 1


if __name__ == "__main__":
    sys.exit(main())
