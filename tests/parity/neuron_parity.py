#!/usr/bin/env python3
"""The example cell by cellwright and by NEURON: 3 parameter sets, every protocol, fixed step 0.025 ms, both numeric modes.

Required of each trace: every voltage within 1e-6 mV until 2 ms before the first crossing of -20 mV of either trace (after
that a spike's upstroke magnifies round-off); the same number of spikes; each spike within one step.
"""

import argparse
import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402
import neuron_reference  # noqa: E402

DT_MS = 0.025
THRESHOLD_MV = -20.0
TOLERANCE_MV = 1e-6
GUARD_MS = 2.0


def upward_crossings(times, voltages):
    """Times at which the voltage rises through the threshold, linearly interpolated."""
    crossings = []
    for i in range(1, len(times)):
        before, after = voltages[i - 1], voltages[i]
        if before < THRESHOLD_MV <= after:
            crossings.append(times[i - 1] + (times[i] - times[i - 1]) * (THRESHOLD_MV - before) / (after - before))
    return crossings


def compare(report, label, ours, theirs):
    (our_times, our_voltages), (their_times, their_voltages) = ours, theirs
    if len(our_times) != len(their_times):
        report.check(False, f"{label}: {len(our_times)} samples, NEURON {len(their_times)}")
        return
    time_shift = max(abs(a - b) for a, b in zip(our_times, their_times))
    ours_cross, theirs_cross = upward_crossings(our_times, our_voltages), upward_crossings(their_times, their_voltages)
    first = min(ours_cross[:1] + theirs_cross[:1], default=float("inf"))
    deviation = max(abs(a - b) for t, a, b in zip(their_times, our_voltages, their_voltages) if t <= first - GUARD_MS)
    spike_shift = max((abs(a - b) for a, b in zip(ours_cross, theirs_cross)), default=0.0)
    passed = (
        deviation <= TOLERANCE_MV and len(ours_cross) == len(theirs_cross) and spike_shift <= DT_MS and time_shift < 1e-9
    )
    report.check(
        passed,
        f"{label}: {deviation:.1e} mV until {min(first - GUARD_MS, their_times[-1]):.3f} ms, "
        f"spikes {len(ours_cross)} and {len(theirs_cross)}, shifted by at most {spike_shift:.1e} ms",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--mechanisms", required=True, help="the folder in which nrnivmodl built the mechanisms")
    parser.add_argument("--work", required=True, help="a folder for the traces")
    arguments = parser.parse_args()

    program = cellwright_program.Program(arguments.program)
    reference = neuron_reference.NeuronReference(arguments.cell, arguments.mechanisms)
    report = cellwright_program.Report()
    for number, params in enumerate(json.loads((HERE / "simple_cell_parameters.json").read_text()), start=1):
        theirs = {name: reference.simulate(params, name, DT_MS) for name in reference.config["protocols"]}
        for numeric in ("strict", "fast"):
            folder = pathlib.Path(arguments.work) / f"{numeric}-{number}"
            traces = program.simulate(arguments.cell, params, folder, "--numeric", numeric, "--dt", DT_MS)
            for protocol, their_trace in theirs.items():
                compare(report, f"set {number}, {numeric}, {protocol}", traces[f"{protocol}.soma.v"], their_trace)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
