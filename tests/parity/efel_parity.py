#!/usr/bin/env python3
"""Every feature of the example by cellwright and by eFEL, on the same traces: 1e-9 relative.

Twice: each single value as `cellwright features` measures it from the CSV files that `simulate` wrote, and the mean as
`cellwright evaluate` uses it for a score; the score itself is computed again, too.
"""

import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402

TOLERANCE = 1e-9
MAX_SCORE = 250.0


def close(ours, theirs):
    return abs(ours - theirs) <= TOLERANCE * max(abs(ours), abs(theirs))


def efel_values(trace, pulse, names):
    """feature -> list of values, [] where eFEL finds none."""
    import efel
    import numpy

    efel.reset()
    efel.set_setting("Threshold", -20.0)
    times, voltages = (numpy.array(column) for column in trace)
    window = {"stim_start": [pulse["delay"]], "stim_end": [pulse["delay"] + pulse["duration"]]}
    values = efel.get_feature_values([{"T": times, "V": voltages, **window}], names, raise_warnings=False)[0]
    return {name: [] if values[name] is None else [float(x) for x in values[name]] for name in names}


def check_values(report, label, ours, theirs):
    ours = ours or []
    same = len(ours) == len(theirs) and all(close(a, b) for a, b in zip(ours, theirs))
    report.check(same, f"{label}: {len(theirs)} values" if same else f"{label}: {ours}, eFEL {theirs}")


def check_evaluation(report, label, evaluation, objective, target, theirs):
    mean, std = target
    our_mean, score = evaluation["features"][objective], evaluation["objectives"][objective]
    if theirs:
        their_mean = sum(theirs) / len(theirs)
        expected = sum(abs(value - mean) for value in theirs) / std / len(theirs)
        # A score is a small difference of large numbers: its tolerance is that of the values, carried through.
        allowed = TOLERANCE * max(abs(mean), *map(abs, theirs)) / std
        same = our_mean is not None and close(our_mean, their_mean) and abs(score - expected) <= allowed
        report.check(same, f"{label}: mean {our_mean}, eFEL {their_mean}; score {score}, expected {expected}")
    else:
        report.check(our_mean is None and score == MAX_SCORE, f"{label}: mean {our_mean}, eFEL none; score {score}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--work", required=True, help="a folder for the traces")
    arguments = parser.parse_args()

    cell_file = pathlib.Path(arguments.cell)
    config = json.loads(cell_file.read_text())
    targets = json.loads((cell_file.parent / config["features"]).read_text())
    program = cellwright_program.Program(arguments.program)
    report = cellwright_program.Report()
    for number, params in enumerate(json.loads((HERE / "simple_cell_parameters.json").read_text()), start=1):
        folder = pathlib.Path(arguments.work) / str(number)
        traces = program.simulate(cell_file, params, folder, "--step", "fixed")
        evaluation = program.run_json("evaluate", cell_file, "--params", folder / "params.json", "--step", "fixed")
        for protocol, locations in targets.items():
            pulse = config["protocols"][protocol]["stimuli"][0]
            recording = f"{protocol}.soma.v"
            theirs = efel_values(traces[recording], pulse, list(locations["soma"]))
            wanted = [option for name in locations["soma"] for option in ("--feature", name)]
            window = ["--stim-start", pulse["delay"], "--stim-end", pulse["delay"] + pulse["duration"]]
            ours = program.run_json("features", folder / "traces" / f"{recording}.csv", *window, *wanted)
            for name, target in locations["soma"].items():
                label = f"set {number}, {protocol}, {name}"
                check_values(report, f"{label}, features", ours[name], theirs[name])
                check_evaluation(report, f"{label}, evaluate", evaluation, f"{protocol}.soma.{name}", target, theirs[name])
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
