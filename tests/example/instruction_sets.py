#!/usr/bin/env python3
"""The same answers with every instruction set that this processor has (CELLWRIGHT_INSTRUCTION_SET), on the example cell, whose
mechanisms are compiled for each, and on built-in mechanisms.

Stated tolerance in `fast` mode (docs/decisions/0003-lanes-and-kernels.md): the same numbers of spikes, shifted by at most 1e-6 ms,
voltages at most 1e-6 mV apart until 2 ms before the first spike; in `float` 0.01 ms and 0.01 mV, the local error that atol
1e-5 allows. In `strict` mode built-in mechanisms and the example: the same bits.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402

MOST = {"strict": (0.0, 0.0), "fast": (1e-6, 1e-6), "float": (0.01, 0.01)}  # mV, ms
GUARD_MS, THRESHOLD_MV = 2.0, -20.0
STEPS = {"strict": ("fixed", "variable"), "fast": ("fixed", "variable"), "float": ("fixed", "variable")}
NEEDED = {"v2": ["sse4_2"], "v3": ["avx2", "fma", "bmi1", "bmi2"], "v4": ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"]}


def available():
    flags = next(line for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("flags")).split()
    return [name for name, needed in NEEDED.items() if all(flag in flags for flag in needed)]


def crossings(trace):
    times, values = trace
    found = []
    for k in range(1, len(times)):
        before, after = values[k - 1], values[k]
        if before < THRESHOLD_MV <= after:
            found.append(times[k - 1] + (times[k] - times[k - 1]) * (THRESHOLD_MV - before) / (after - before))
    return found


def compare(report, label, ours, theirs, numeric):
    spikes, mv, ms = [0, 0], 0.0, 0.0
    for name, trace in theirs.items():
        mine, other = crossings(ours[name]), crossings(trace)
        spikes = [spikes[0] + len(mine), spikes[1] + len(other)]
        ms = max([ms, *(abs(a - b) for a, b in zip(mine, other))])
        until = min(mine[:1] + other[:1], default=float("inf")) - GUARD_MS
        mv = max([mv, *(abs(a - b) for t, a, b in zip(trace[0], ours[name][1], trace[1]) if t <= until)])
        if len(mine) != len(other) or ours[name][0] != trace[0]:
            ms = float("inf")
    same = all(ours[name] == trace for name, trace in theirs.items())
    most_mv, most_ms = MOST[numeric]
    passed = same if numeric == "strict" else mv <= most_mv and ms <= most_ms
    report.check(passed and spikes[1] > 0, f"{label}: {'the same bits' if same else f'{mv:.1e} mV, {ms:.1e} ms'}, {spikes[0]} and {spikes[1]} spikes")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True, help="examples/simple_cell/cell.json")
    parser.add_argument("--builtin-cell", required=True, help="a cell of built-in mechanisms")
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    program, work = cellwright_program.Program(arguments.program), pathlib.Path(arguments.work)
    cells = {
        "example": (arguments.cell, json.loads((pathlib.Path(arguments.cell).parent / "hidden_parameters.json").read_text())),
        "built-in": (arguments.builtin_cell, {"gnabar_hh.somatic": 0.12}),
    }
    sets = available()
    report = cellwright_program.Report()
    report.check("v2" in sets and len(sets) > 1, f"this processor has {', '.join(sets)}")
    for name, (cell, params) in cells.items():
        for numeric, steps in STEPS.items():
            for step in steps:
                traces = {}
                for chosen in sets:
                    os.environ["CELLWRIGHT_INSTRUCTION_SET"] = chosen
                    folder = work / name / numeric / step / chosen
                    traces[chosen] = program.simulate(cell, params, folder, "--step", step, "--numeric", numeric, "--sample", "0.025")
                for chosen in sets[:-1]:
                    label = f"{name}, {numeric}, {step}, {chosen} against {sets[-1]}"
                    compare(report, label, traces[chosen], traces[sets[-1]], numeric)
    os.environ["CELLWRIGHT_INSTRUCTION_SET"] = "avx"
    done = subprocess.run([program.path, "check", cells["built-in"][0]], capture_output=True, text=True)
    said = "CELLWRIGHT_INSTRUCTION_SET is 'avx', and this processor has v2 to " in done.stderr and "[instruction-set]" in done.stderr
    report.check(done.returncode == 3 and said, f"another word is refused: {done.stderr.strip()}")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
