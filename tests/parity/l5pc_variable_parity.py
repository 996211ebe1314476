#!/usr/bin/env python3
"""The variable step on the L5PC example of BluePyOpt, against NEURON's CVODE with atol 1e-8 and against what BluePyOpt does by
default (CVODE with atol 1e-3): spike times of every recording, scores.

    l5pc_variable_parity.py --dump EVALUATION_DUMP --models CACHE --work FOLDER                        compare with the stored figures
    l5pc_variable_parity.py ... --neuron --update [--jobs N] [--sets release,near_01]      run NEURON (minutes a set) and store them

Required over all sets together, at the default atol: the same numbers of spikes, the mean score error at most 0.6 of that of
BluePyOpt's default, the worst spike-time error at most a fifth of its, spikes as in l5pc_parity.py.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))

import cellwright_program  # noqa: E402
import l5pc  # noqa: E402
import l5pc_reference  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402
from l5pc_parity import compact, upward_crossings  # noqa: E402

GOLDEN = HERE / "l5pc_variable_golden.json"
EXACT, DEFAULT = "1e-08", "0.001"  # atol of CVODE
STORED = "release,near_01,near_02,near_03,near_04"


def run_neuron(arguments, example, sets):
    """set -> atol -> {"spikes": recording -> times, "scores": objective -> score}"""
    work = pathlib.Path(arguments.work).resolve() / "neuron"
    if not (work / "built").exists():
        neuron_reference.compile_mechanisms(example / "mechanisms", work)
        (work / "built").touch()

    def simulate(task):
        name, atol = task
        file = work / f"{name}_{atol}.npz"
        if not file.exists():
            l5pc_reference.simulate(example, work, sets[name], file, float(atol))
        traces, scores, _ = l5pc_reference.load(file)
        return task, {"spikes": {r: upward_crossings(*trace) for r, trace in traces.items()}, "scores": scores}

    tasks = [(name, atol) for name in arguments.sets.split(",") for atol in (EXACT, DEFAULT)]
    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        done = dict(pool.map(simulate, tasks))
    return {name: {atol: done[name, atol] for atol in (EXACT, DEFAULT)} for name in arguments.sets.split(",")}


def store(references):
    golden = {
        "made by": "tests/parity/l5pc_variable_parity.py --neuron --update (see its --help)",
        "from": "BluePyOpt 1.14.26 examples/l5pc, NEURON 9.0.2 (CVODE), eFEL 5.7.34",
        "sets": references,
    }
    GOLDEN.write_text(compact(json.dumps(golden, indent=1)) + "\n")


def simulate(arguments, example, sets, atol):
    """set -> {"spikes", "scores"} by cellwright, and accepted and rejected steps a set"""
    work = pathlib.Path(arguments.work).resolve()
    simulator = {"step": "variable"} | ({"atol": atol} if atol else {})
    cell = l5pc.write_cell_file(example, work / f"variable_{atol}.json", simulator=simulator)
    dump = cellwright_program.EvaluationDump(arguments.dump)
    told, traces = dump.evaluate(cell, list(sets.values()), work / f"variable_{atol}", "fast", arguments.jobs)
    result, steps = {}, [0, 0]
    for row, name in enumerate(sets):
        spikes = {}
        for protocol in l5pc.PROTOCOLS:
            block = traces(row, protocol)
            recordings = [r for r in told[row]["responses"] if r.startswith(f"{protocol}.")]
            for k, recording in enumerate(recordings, start=1):
                spikes[recording] = upward_crossings(block[0], block[k])
            counts = (work / f"variable_{atol}" / f"{row}.{protocol}.steps").read_text().split()
            steps = [total + int(count) / len(sets) for total, count in zip(steps, counts)]
        result[name] = {"spikes": spikes, "scores": told[row]["objectives"]}
    return result, steps


def errors(ours, theirs):
    """{"missed": recordings with another number of spikes, "worst", "mean": of spike times (ms), "score": mean error}"""
    shifts, scores, missed = [], [], 0
    for name, exact in theirs.items():
        for recording, times in exact["spikes"].items():
            mine = ours[name]["spikes"][recording]
            missed += len(mine) != len(times)
            if len(mine) == len(times):
                shifts += [abs(a - b) for a, b in zip(mine, times)]
        scores += [abs(ours[name]["scores"][o] - score) for o, score in exact["scores"].items()]
    return {"missed": missed, "worst": max(shifts), "mean": sum(shifts) / len(shifts), "score": sum(scores) / len(scores)}


def text_of(e):
    return f"{e['missed']} recordings with another number of spikes, worst spike {e['worst']:.4f} ms, mean {e['mean']:.5f} ms, mean score error {e['score']:.5f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program evaluation_dump")
    parser.add_argument("--models", required=True, help="the cache of real_models.py")
    parser.add_argument("--work", required=True, help="a folder for traces and NEURON's build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes and threads at a time")
    parser.add_argument("--neuron", action="store_true", help="simulate with NEURON instead of reading stored figures")
    parser.add_argument("--update", action="store_true", help="with --neuron: store the figures")
    parser.add_argument("--sets", default=STORED, help="with --neuron: which parameter sets")
    parser.add_argument("--atol", default="", help="further tolerances to print figures for, separated by commas")
    arguments = parser.parse_args()

    example = real_models.fetch(arguments.models, "bluepyopt") / "examples/l5pc"
    sets = l5pc.parameter_sets(example)
    references = run_neuron(arguments, example, sets) if arguments.neuron else json.loads(GOLDEN.read_text())["sets"]
    if arguments.update:
        store(references)
    sets = {name: sets[name] for name in references}
    exact = {name: reference[EXACT] for name, reference in references.items()}
    peer = errors({name: reference[DEFAULT] for name, reference in references.items()}, exact)
    print(f"BluePyOpt's default: {text_of(peer)}")
    for atol in filter(None, arguments.atol.split(",")):
        ours, steps = simulate(arguments, example, sets, float(atol))
        print(f"atol {atol}: {steps[0]:.0f} + {steps[1]:.0f} steps, {text_of(errors(ours, exact))}")
    report = cellwright_program.Report()
    ours, steps = simulate(arguments, example, sets, None)
    own = errors(ours, exact)
    report.check(own["missed"] == 0, f"default atol: {steps[0]:.0f} + {steps[1]:.0f} steps, {text_of(own)}")
    report.check(own["worst"] <= peer["worst"] / 5, "worst spike-time error")
    report.check(own["score"] <= 0.6 * peer["score"], "mean score error")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
