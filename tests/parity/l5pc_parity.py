#!/usr/bin/env python3
"""The L5PC example of BluePyOpt by cellwright and by BluePyOpt + NEURON: fixed step 0.025 ms, its 4 protocols and 35 scores.

    l5pc_parity.py --dump EVALUATION_DUMP --models CACHE --work FOLDER               compare with the stored figures (l5pc_golden.json)
    l5pc_parity.py ... --neuron [--jobs N]                              compare with NEURON, run anew: half an hour on two cores
    l5pc_parity.py ... --neuron --update                                                          and store the figures

Parameter sets: the release, 20 sets around it, 5 from all over the bounds (tests/support/l5pc.py). Required of each recording:
every voltage within 1e-6 mV (fast) or 1e-9 mV (strict) until 2 ms before the first crossing of -20 mV of either trace; where
there is no spike after 10 ms, to the end; the same number of spikes, each within one step. Scores: within 1e-3 (fast) or 1e-6 (strict).

The stored figures are the crossings, the scores and the voltages at some samples (see `sampled`); they are of the first 16 sets
of the list in `golden_sets`, so that one pack of lanes holds them. In strict mode `make test` runs the protocol bAP only.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402
import l5pc  # noqa: E402
import l5pc_reference  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402

GOLDEN = HERE / "l5pc_golden.json"
THRESHOLD_MV = -20.0
GUARD_MS = 2.0
ONSET_MS = 10.0
VOLTAGE_TOLERANCE_MV = {"fast": 1e-6, "strict": 1e-9}
SCORE_TOLERANCE = {"fast": 1e-3, "strict": 1e-6}
SAMPLE_MS = 20.0
EDGES_MS = {"bAP": (0, 295, 300), "Step1": (0, 700, 2700), "Step2": (0, 700, 2700), "Step3": (0, 700, 2700)}


def golden_sets(sets):
    """The names that make test compares: one pack of 16 lanes for each protocol."""
    return [name for name in sets if name == "release" or name.startswith("deap") or name <= "near_10"][:16]


def upward_crossings(times, voltages):
    """Times at which the voltage rises through the threshold, linearly interpolated."""
    import numpy

    i = numpy.flatnonzero((voltages[:-1] < THRESHOLD_MV) & (voltages[1:] >= THRESHOLD_MV))
    rise = (THRESHOLD_MV - voltages[i]) / (voltages[i + 1] - voltages[i])
    return (times[i] + (times[i + 1] - times[i]) * rise).tolist()


def compared_until(spikes):
    """The end of the voltages that must agree: an onset spike alone does not end it."""
    return spikes[0] - GUARD_MS if any(spike > ONSET_MS for spike in spikes) else float("inf")


def sampled(protocol, samples):
    """The numbers of the samples that are stored: every 20 ms, and the first 1 ms after the start and after each edge, every 0.1 ms."""
    step = l5pc.DT_MS
    grid = set(range(0, samples, round(SAMPLE_MS / step)))
    for edge in EDGES_MS[protocol]:
        first = round(edge / step)
        grid.update(range(first, first + round(1 / step) + 1, round(0.1 / step)))
    return sorted(k for k in grid if k < samples)


class Reference:
    """What NEURON says of one recording: crossings and voltages, of all samples or of some."""

    def __init__(self, samples, spikes, numbers, voltages):
        self.samples, self.spikes, self.numbers, self.voltages = samples, spikes, numbers, voltages

    @staticmethod
    def whole(times, voltages):
        import numpy

        return Reference(len(times), upward_crossings(times, voltages), numpy.arange(len(times)), voltages)

    @staticmethod
    def stored(protocol, figures):
        import numpy

        numbers = sampled(protocol, figures["samples"])[: len(figures["voltages"])]
        return Reference(figures["samples"], figures["spikes"], numpy.array(numbers), numpy.array(figures["voltages"]))

    def figures(self, protocol):
        """To store: only voltages that are compared, that is those before the first spike."""
        end = compared_until(self.spikes)
        numbers = [k for k in sampled(protocol, self.samples) if k * l5pc.DT_MS <= end]
        return {"samples": self.samples, "spikes": self.spikes, "voltages": [float(self.voltages[k]) for k in numbers]}


def compare_recording(report, label, numeric, times, voltages, reference, worst):
    import numpy

    if len(times) != reference.samples:
        report.check(False, f"{label}: {len(times)} samples, NEURON {reference.samples}")
        return
    spikes = upward_crossings(times, voltages)
    end = min(compared_until(spikes), compared_until(reference.spikes))
    compared = times[reference.numbers] <= end
    difference = numpy.abs(voltages[reference.numbers] - reference.voltages)[compared]
    deviation = float(difference.max(initial=0.0))
    shift = max((abs(a - b) for a, b in zip(spikes, reference.spikes)), default=0.0)
    passed = deviation <= VOLTAGE_TOLERANCE_MV[numeric] and len(spikes) == len(reference.spikes) and shift <= l5pc.DT_MS
    worst["voltage"] = max(worst.get("voltage", 0.0), deviation)
    worst["spike"] = max(worst.get("spike", 0.0), shift)
    report.check(
        passed,
        f"{label}: {deviation:.1e} mV in {len(difference)} samples until {min(end, times[-1]):.3f} ms, "
        f"spikes {len(spikes)} and {len(reference.spikes)}, shifted by at most {shift:.1e} ms",
    )


def compare_scores(report, label, numeric, ours, theirs, worst):
    """A score that is not there in one of them is a difference, as BluePyOpt's 250 is a score."""
    differences = {name: abs(ours[name] - score) for name, score in theirs.items() if name in ours}
    name = max(differences, key=differences.get)
    worst["score"] = max(worst.get("score", 0.0), differences[name])
    report.check(
        differences[name] <= SCORE_TOLERANCE[numeric],
        f"{label}: {len(differences)} scores, worst difference {differences[name]:.1e} ({name}: {ours[name]!r}, BluePyOpt {theirs[name]!r})",
    )


def compare(report, numeric, names, told, traces, references):
    """references: name -> (recording -> Reference, objective -> score); protocols that were not simulated are left out."""
    worst = {}
    for row, name in enumerate(names):
        recordings, scores = references[name]
        for protocol in {recording.split(".")[0]: None for recording in told[row]["responses"]}:
            block = traces(row, protocol)
            of_protocol = [r for r in told[row]["responses"] if r.startswith(f"{protocol}.")]
            for k, recording in enumerate(of_protocol, start=1):
                label = f"{numeric}, {name}, {recording}"
                compare_recording(report, label, numeric, block[0], block[k], recordings[recording], worst)
        compare_scores(report, f"{numeric}, {name}", numeric, told[row]["objectives"], scores, worst)
    print(f"{numeric}: worst " + ", ".join(f"{what} {value:.1e}" for what, value in worst.items()))


def simulate(arguments, example, numeric, sets, protocols=None):
    work = pathlib.Path(arguments.work).resolve()
    cell = l5pc.write_cell_file(example, work / f"{numeric}.json", protocols)
    dump = cellwright_program.EvaluationDump(arguments.dump)
    return dump.evaluate(cell, list(sets.values()), work / numeric, numeric, arguments.jobs)


# --- with NEURON ----------------------------------------------------------------------------------------------------------


def run_neuron(arguments, example, sets):
    """Simulates every set, `jobs` at a time, and returns the references."""
    work = pathlib.Path(arguments.work).resolve() / "neuron"
    if not (work / "built").exists():
        neuron_reference.compile_mechanisms(example / "mechanisms", work)
        (work / "built").touch()

    def simulate_one(name):
        file = work / f"{name}.npz"
        if not (arguments.keep and file.exists()):
            l5pc_reference.simulate(example, work, sets[name], file)
        traces, scores, _ = l5pc_reference.load(file)
        return name, ({recording: Reference.whole(*trace) for recording, trace in traces.items()}, scores)

    with concurrent.futures.ThreadPoolExecutor(arguments.jobs) as pool:
        return dict(pool.map(simulate_one, sets))


def store(names, references):
    golden = {
        "made by": "tests/parity/l5pc_parity.py --neuron --update (see its --help)",
        "from": "BluePyOpt 1.14.26 examples/l5pc, NEURON 9.0.2, eFEL 5.7.34; fixed step 0.025 ms",
        "sets": {
            name: {
                "scores": scores,
                "recordings": {r: reference.figures(r.split(".")[0]) for r, reference in sorted(recordings.items())},
            }
            for name, (recordings, scores) in references.items()
            if name in names
        },
    }
    text = json.dumps(golden, indent=1)
    GOLDEN.write_text(compact(text) + "\n")


def compact(text):
    """One line for each list of numbers."""
    import re

    return re.sub(r"\[([^\[\]{}]*)\]", lambda m: "[" + re.sub(r"\s+", " ", m.group(1)).strip() + "]", text)


def load_golden():
    golden = json.loads(GOLDEN.read_text())
    return {
        name: (
            {r: Reference.stored(r.split(".")[0], figures) for r, figures in of_set["recordings"].items()},
            of_set["scores"],
        )
        for name, of_set in golden["sets"].items()
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program evaluation_dump")
    parser.add_argument("--models", required=True, help="the cache of real_models.py")
    parser.add_argument("--work", required=True, help="a folder for traces and NEURON's build")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="processes and threads at a time")
    parser.add_argument("--numeric", default="fast,strict")
    parser.add_argument("--neuron", action="store_true", help="simulate with NEURON instead of reading stored figures")
    parser.add_argument("--keep", action="store_true", help="with --neuron: use traces of NEURON that are there already")
    parser.add_argument("--update", action="store_true", help="with --neuron: store the figures")
    arguments = parser.parse_args()

    example = real_models.fetch(arguments.models, "bluepyopt") / "examples/l5pc"
    sets = l5pc.parameter_sets(example)
    report = cellwright_program.Report()
    if arguments.neuron:
        references = run_neuron(arguments, example, sets)
        if arguments.update:
            store(golden_sets(sets), references)
    else:
        references = load_golden()
        sets = {name: sets[name] for name in references}
    for numeric in arguments.numeric.split(","):
        quick_strict = numeric == "strict" and not arguments.neuron
        told, traces = simulate(arguments, example, numeric, sets, ["bAP"] if quick_strict else None)
        compare(report, numeric, list(sets), told, traces, references)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
