#!/usr/bin/env python3
"""The program on the L5PC model (BluePyOpt's example), beside BluePyOpt + NEURON + eFEL in the same run: the first result of a new
model, start from the cache, features and scores, the fixed step, memory, two threads. What takes long in batches is measured by
evaluate_l5pc.py and step_vs_neuron.py. Processor seconds on one pinned core; by the clock and on all cores: the first result and the two threads.

    build/venv/bin/python benchmarks/l5pc_program.py --program build/cellwright --rate-program build/bench/benchmarks/evaluate_rate
"""

import argparse
import json
import os
import pathlib
import statistics
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

BATCH = 128
FIXED_BATCH = 16  # fills the lanes of either precision
THREAD_RUNS = 5


def time_peer():
    """BluePyOpt's side, in a process of its own: processor seconds of one evaluation and of the features and scores of another."""
    question = json.load(sys.stdin)
    sys.path.insert(0, question["example"])
    import bluepyopt.ephys as ephys
    import l5pc_evaluator

    def clock():
        return sum(os.times()[:4])  # with the processes that BluePyOpt starts for the protocols

    evaluator = l5pc_evaluator.create()
    fixed = {"dt": 0.025, "cvode_active": False} if question["fixed"] else {}
    evaluator.sim = ephys.simulators.NrnSimulator(mechanisms_directory=question["mechanisms"], **fixed)
    start = clock()
    responses = evaluator.run_protocols(evaluator.fitness_protocols.values(), question["params"])
    simulated = clock()
    evaluator.fitness_calculator.calculate_scores(responses)
    print("RESULT", json.dumps({"simulate": simulated - start, "features": clock() - simulated}))


def run(command, environment=None, stdin=""):
    """(standard output, processor seconds, largest resident MiB, seconds by the clock) of one process"""
    with tempfile.TemporaryFile("w+") as source, tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as err:
        source.write(stdin)
        source.seek(0)
        start = time.perf_counter()
        child = subprocess.Popen([str(c) for c in command], stdin=source, stdout=out, stderr=err, env=environment)
        _, status, usage = os.wait4(child.pid, 0)
        seconds = time.perf_counter() - start
        child.returncode = os.waitstatus_to_exitcode(status)
        out.seek(0), err.seek(0)
        if child.returncode != 0:
            raise SystemExit(f"{' '.join(map(str, command))}: exit {child.returncode}\n{out.read()}{err.read()}")
        return out.read(), usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, seconds


def peer(example, mechanisms, params, fixed=False):
    question = {"example": str(example), "mechanisms": str(mechanisms), "params": params, "fixed": fixed}
    text, _, _, clock = run([sys.executable, __file__, "--peer"], stdin=json.dumps(question))
    answer = next(line for line in text.splitlines() if line.startswith("RESULT "))
    return {**json.loads(answer.removeprefix("RESULT ")), "clock": clock}


def row(what, theirs, ours, target, unit, at_least=None):
    """at_least: times the peer; otherwise `target` bounds `ours` from above."""
    ratio = theirs / ours if theirs else None
    holds = ratio >= at_least if at_least else ours <= target
    return {"what": what, "peer": theirs, "ours": ours, "unit": unit, "ratio": ratio,
            "target": f"{at_least} times" if at_least else f"at most {target:g} {unit}", "holds": holds}


def two_threads(command):
    """Seconds with one thread over those with two, median of several runs in turn."""
    ratios = []
    for _ in range(THREAD_RUNS):
        one, two = (run([*command, "--threads", n])[3] for n in (1, 2))
        ratios.append(one / two)
    return statistics.median(ratios)


def measure(arguments, folder):
    cores = os.sched_getaffinity(0)
    example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
    mechanisms = folder / "mechanisms"
    before = time.perf_counter()
    neuron_reference.compile_mechanisms(example / "mechanisms", mechanisms)
    nrnivmodl = time.perf_counter() - before
    sets = l5pc.parameter_sets(example, 20, BATCH)
    near = [params for name, params in sets.items() if not name.startswith("deap")]
    (folder / "one.json").write_text(json.dumps(near[0]))
    (folder / "near.json").write_text(json.dumps(near))
    (folder / "random.json").write_text(json.dumps([params for name, params in sets.items() if name.startswith("deap")]))
    cell = l5pc.write_cell_file(example, folder / "cell.json", simulator={"step": "variable"})
    fixed_cell = l5pc.write_cell_file(example, folder / "fixed.json")
    fresh = {**os.environ, "XDG_CACHE_HOME": str(folder / "cache")}
    evaluate = [arguments.program, "evaluate", cell, "--json", "--params"]

    # Compilers run side by side: by the clock, on all cores.
    first, their_first = run([*evaluate, folder / "one.json"], fresh)[3], nrnivmodl + peer(example, mechanisms, near[0])["clock"]
    os.sched_setaffinity(0, {max(cores)})
    theirs, theirs_fixed = peer(example, mechanisms, near[0]), peer(example, mechanisms, near[0], fixed=True)
    start = run([arguments.program, "check", cell], fresh)[1]
    again = run([*evaluate, folder / "one.json", "--threads", 1], fresh)[1]
    told = json.loads(run([*evaluate, folder / "near.json", "--threads", 1])[0])
    features = sum(individual["seconds"]["features"] for individual in told) / len(told)
    vectors = json.dumps([list(params.values()) for params in near[:FIXED_BATCH]])
    fixed = {numeric: json.loads(run([arguments.rate_program, fixed_cell, numeric], stdin=vectors)[0])["seconds_per_evaluation"]
             for numeric in ("fast", "float")}
    their_fixed_total = theirs_fixed["simulate"] + theirs_fixed["features"]
    memory = run([*evaluate, folder / "random.json", "--threads", 1])[2]
    rows = [
        row("features and scores of one individual", theirs["features"] * 1e3, features * 1e3, 4, "ms"),
        row("fixed step 0.025 ms, one evaluation, double", their_fixed_total, fixed["fast"], 0, "s", at_least=14),
        row("fixed step 0.025 ms, one evaluation, float", their_fixed_total, fixed["float"], 0, "s", at_least=35),
        row(f"memory for a batch of {BATCH}", None, memory, 300, "MiB"),
        row("first result of a new model", their_first, first, 4, "s"),
        row("start and compiled model from the cache", None, start, 0.3, "s"),
        row("one evaluation of one individual after that", theirs["simulate"] + theirs["features"], again - start, 1, "s"),
    ]
    if len(cores) > 1:
        os.sched_setaffinity(0, cores)
        ratio = two_threads([*evaluate, folder / "random.json"])
        rows.append({"what": f"two threads over one, batch of {BATCH}", "peer": None, "ours": ratio, "unit": "times", "ratio": None,
                     "target": "at least 1.9 times", "holds": ratio >= 1.9})
    return rows


def main():
    if sys.argv[1:] == ["--peer"]:
        return time_peer()
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, type=pathlib.Path, help="the cellwright program")
    parser.add_argument("--rate-program", required=True, type=pathlib.Path)
    parser.add_argument("--real-models", type=pathlib.Path, default=ROOT / "build/real_models")
    parser.add_argument("--out", type=pathlib.Path)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = measure(arguments, pathlib.Path(folder))
    for r in rows:
        theirs = "" if r["peer"] is None else f"BluePyOpt {r['peer']:9.2f} {r['unit']:4s}"
        print(f"  {r['what']:45s}  {theirs:25s}  cellwright {r['ours']:9.3f} {r['unit']:5s} (target: {r['target']}, {'holds' if r['holds'] else 'missed'})")
    if arguments.out:
        write_result(arguments.out, rows=rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
