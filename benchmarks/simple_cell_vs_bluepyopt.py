#!/usr/bin/env python3
"""Evaluations per second of one small problem: cellwright against BluePyOpt with NEURON and eFEL.

The problem has the size of BluePyOpt's smallest example (benchmarks/simple_cell). Both sides evaluate the same parameter
vectors, in the same run, on one pinned core; cellwright gets them in batches of 100, as an optimisation would hand them
over. Where both use the fixed step, the scores must agree: a benchmark of different work would say nothing.

    build/venv/bin/python benchmarks/simple_cell_vs_bluepyopt.py --rate-program build/bench/benchmarks/evaluate_rate
"""

import argparse
import datetime
import json
import os
import pathlib
import random
import subprocess
import sys
import time

from machine import commit, machine

HERE = pathlib.Path(__file__).resolve().parent
CELL_FILE = HERE / "simple_cell" / "cell.json"
BATCH = 100


def parameter_vectors(config, count, seed=1):
    generator = random.Random(seed)
    free = [p for p in config["parameters"] if "value" not in p]
    return [[generator.uniform(*p["bounds"]) for p in free] for _ in range(count)]


def bluepyopt_evaluator(config, step, isolated):
    """BluePyOpt's CellEvaluator for the cell file's problem; step: "variable" (its default) or "fixed"."""
    import bluepyopt.ephys as ephys

    somatic = ephys.locations.NrnSeclistLocation("somatic", seclist_name="somatic")
    soma = ephys.locations.NrnSeclistCompLocation(name="soma", seclist_name="somatic", sec_index=0, comp_x=0.5)
    morphology = ephys.morphologies.NrnFileMorphology(str(CELL_FILE.parent / config["morphology"]["file"]))
    mechanism = ephys.mechanisms.NrnMODMechanism(name="hh", suffix="hh", locations=[somatic])
    parameters = []
    for entry in config["parameters"]:
        frozen = "value" in entry
        values = {"value": entry["value"]} if frozen else {"bounds": entry["bounds"]}
        parameters.append(
            ephys.parameters.NrnSectionParameter(
                name=entry["param_name"], param_name=entry["param_name"], locations=[somatic], frozen=frozen, **values
            )
        )
    cell = ephys.models.CellModel("benchmark", morph=morphology, mechs=[mechanism], params=parameters)
    protocols, objectives = [], []
    for name, description in config["protocols"].items():
        (pulse,) = description["stimuli"]
        stimulus = ephys.stimuli.NrnSquarePulse(
            step_amplitude=pulse["amp"], step_delay=pulse["delay"], step_duration=pulse["duration"],
            total_duration=pulse["totduration"], location=soma,
        )
        recording = ephys.recordings.CompRecording(name=f"{name}.soma.v", location=soma, variable="v")
        protocols.append(ephys.protocols.SweepProtocol(name, [stimulus], [recording]))
        for feature, (mean, std) in config["features"][name]["soma"].items():
            efeature = ephys.efeatures.eFELFeature(
                f"{name}.{feature}", efel_feature_name=feature, recording_names={"": f"{name}.soma.v"},
                stim_start=pulse["delay"], stim_end=pulse["delay"] + pulse["duration"], exp_mean=mean, exp_std=std,
            )
            objectives.append(ephys.objectives.SingletonObjective(f"{name}.{feature}", efeature))
    simulator = ephys.simulators.NrnSimulator() if step == "variable" else ephys.simulators.NrnSimulator(dt=0.025, cvode_active=False)
    return ephys.evaluators.CellEvaluator(
        cell_model=cell, param_names=[p.name for p in parameters if not p.frozen],
        fitness_protocols={p.name: p for p in protocols},
        fitness_calculator=ephys.objectivescalculators.ObjectivesCalculator(objectives),
        sim=simulator, isolate_protocols=isolated,
    )


def time_bluepyopt(config, vectors, step, isolated, repeats):
    """Best of `repeats` passes over the vectors: (seconds per evaluation, scores)."""
    evaluator = bluepyopt_evaluator(config, step, isolated)
    evaluator.evaluate_with_lists(vectors[0])  # NEURON's first-time work is not the question
    best, scores = float("inf"), None
    for _ in range(repeats):
        start = time.perf_counter()
        scores = [list(evaluator.evaluate_with_lists(vector)) for vector in vectors]
        best = min(best, (time.perf_counter() - start) / len(vectors))
    return best, scores


def time_cellwright(program, vectors, numeric):
    """The library in a program of its own (benchmarks/evaluate_rate.cpp): warm, one thread, batches of BATCH."""
    request = json.dumps(vectors)
    done = subprocess.run([program, str(CELL_FILE), numeric], input=request, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"{program} failed:\n{done.stderr}")
    answer = json.loads(done.stdout)
    return answer["seconds_per_evaluation"], answer["objectives"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True, help="the built benchmarks/evaluate_rate")
    parser.add_argument("--out", default="build/bench/simple_cell_vs_bluepyopt.json")
    parser.add_argument("--evaluations", type=int, default=20, help="vectors that BluePyOpt evaluates (default 20)")
    parser.add_argument("--isolated-evaluations", type=int, default=5, help="the same for isolated protocols (default 5)")
    parser.add_argument("--repeats", type=int, default=3, help="passes, of which the best counts (default 3)")
    arguments = parser.parse_args()

    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # children inherit it
    config = json.loads(CELL_FILE.read_text())
    vectors = parameter_vectors(config, BATCH)
    some = vectors[: arguments.evaluations]

    seconds, scores = {}, {}
    for numeric in ("fast", "strict"):
        key = f"cellwright, {numeric}, batch of {BATCH}"
        seconds[key], scores[key] = time_cellwright(arguments.rate_program, vectors, numeric)
    for step in ("variable", "fixed"):
        key = f"BluePyOpt in process, {step} step"
        seconds[key], scores[key] = time_bluepyopt(config, some, step, False, arguments.repeats)
    key = "BluePyOpt as it comes (isolated processes, variable step)"
    seconds[key], scores[key] = time_bluepyopt(config, some[: arguments.isolated_evaluations], "variable", True, 1)

    expected = scores["BluePyOpt in process, fixed step"]
    agreement = all(a == b for a, b in zip(scores[f"cellwright, strict, batch of {BATCH}"], expected))
    ours = seconds[f"cellwright, fast, batch of {BATCH}"]
    report(seconds, ours, agreement, len(expected))
    result = {
        "benchmark": "simple_cell_vs_bluepyopt", "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(), "pinned_core": core, "commit": commit(), "batch": BATCH, "dt_ms": config["simulator"]["dt"],
        "seconds_per_evaluation": seconds, "evaluations_per_second": {name: 1 / value for name, value in seconds.items()},
        "ratio_to_cellwright_fast": {name: value / ours for name, value in seconds.items()}, "fixed_step_scores_agree": agreement,
    }
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written: {out}")
    return 0 if agreement else 1


def report(seconds, ours, agreement, compared):
    width = max(map(len, seconds))
    print(f"{'':{width}}  ms/evaluation  evaluations/s  cellwright is faster by")
    for name, value in seconds.items():
        ratio = "" if name.startswith("cellwright") else f"{value / ours:.0f} times"
        print(f"{name:{width}}  {value * 1e3:13.4f}  {1 / value:13.1f}  {ratio}")
    print(f"fixed step: the scores of {compared} vectors {'agree' if agreement else 'DIFFER'}")


if __name__ == "__main__":
    sys.exit(main())
