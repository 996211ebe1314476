#!/usr/bin/env python3
"""The table of the throughput targets, from the JSON files of the benchmarks of one run: printed, and written as throughput.json.

    benchmarks/throughput_table.py --results build/bench/results --build build/bench
"""

import argparse
import json
import pathlib
import sys

from machine import build, write_result

# ns of one compartment-step at a fixed step, from the tracker's table, beside NEURON's there. NEURON is measured again in the same run, and
# ours is judged by the ratio.
COMPARTMENTS = 699
NEURON_NS = 120.0
LARGEST_NS = {"fast": 9.0, "float": 3.5}


def read(folder, name):
    file = folder / f"{name}.json"
    return json.loads(file.read_text()) if file.exists() else None


def times(what, theirs, ours, unit, target):
    return {"what": what, "peer": theirs, "ours": ours, "unit": unit, "ratio": theirs / ours, "target": f"{target} times",
            "holds": theirs / ours >= target}


def batch_rows(results):
    for row in (results or {}).get("populations", {}).values():
        what = "random individuals" if row["sets"] == "random" else "release and 20 sets around it"
        yield times(f"evaluations, {what}, batch of {row['batch']}, {'float' if row['numeric'] == 'float' else 'double'}", row["bluepyopt_s"], row["cellwright_ms"] / 1e3, "s", row["target"])


def step_rows(results):
    if results is None:
        return
    theirs = results["neuron_us"] * 1e3 / COMPARTMENTS
    for numeric, largest in LARGEST_NS.items():
        ours = min(row["us"] for row in results["cellwright"] if row["numeric"] == numeric) * 1e3 / COMPARTMENTS
        what = f"one compartment-step, fixed step, {'float' if numeric == 'float' else 'double'}"
        yield {"what": what, "peer": theirs, "ours": ours, "unit": "ns", "ratio": theirs / ours,
               "target": f"{largest:g} ns where NEURON takes {NEURON_NS:g}", "holds": theirs / ours >= NEURON_NS / largest}


def whole_rows(results):
    if results is None:
        return
    what = f"a whole optimisation, {results['evaluations']} evaluations, float, atol {results['atol']}, best sum of scores {results['best_sum_of_scores']:.2f}"
    yield times(what, results["bluepyopt_core_hours"], results["core_hours"], "core hours", results["target"])


def text(rows):
    yield "| what | peer | cellwright | ratio | target | |"
    yield "|---|---:|---:|---:|---|---|"
    for r in rows:
        theirs = "" if r["peer"] is None else f"{r['peer']:.3g} {r['unit']}"
        ratio = "" if r["ratio"] is None else f"{r['ratio']:.0f}" if r["ratio"] >= 10 else f"{r['ratio']:.1f}"
        yield f"| {r['what']} | {theirs} | {r['ours']:.3g} {r['unit']} | {ratio} | {r['target']} | {'holds' if r['holds'] else 'missed'} |"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--results", required=True, type=pathlib.Path)
    parser.add_argument("--build", required=True, type=pathlib.Path, help="the build folder of the measured programs")
    arguments = parser.parse_args()
    folder = arguments.results
    rows = [*batch_rows(read(folder, "evaluate_l5pc")), *step_rows(read(folder, "step_vs_neuron")),
            *(read(folder, "l5pc_program") or {"rows": []})["rows"], *whole_rows(read(folder, "whole_optimisation"))]  # fmt: skip
    if not rows:
        raise SystemExit(f"{folder}: none of evaluate_l5pc.json, step_vs_neuron.json, l5pc_program.json, whole_optimisation.json is there")
    write_result(folder / "throughput.json", build=build(arguments.build), rows=rows)
    print("\n".join(text(rows)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
