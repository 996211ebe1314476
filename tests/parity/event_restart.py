#!/usr/bin/env python3
"""What restarting at events costs the variable step: steps of a ball and stick with a synapse in its dendrite, over one second of 0,
100 and 1,000 events, quiet and spiking, with events that move v (weight 2e-4 uS) and events that do nothing (the restart alone).

Required: an event costs at most 20 steps where it moves v and 2 (quiet) where it does nothing, and 1,000 events that move v less than
NEURON's CVODE at BluePyOpt's default tolerance takes, and less than the 40,000 steps of the fixed step.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402

SWC = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n4 3 30 0 0 1 3\n5 3 430 0 0 1 4\n"
RATES = [0, 100, 1000]
NOTHING, MOVES = 1e-12, 2e-4
QUIET_NA, SPIKING_NA = 0.0, 0.2
TOTAL_MS = 1000
MOST_STEPS = {NOTHING: 2, MOVES: 20}


def write_cell(folder, rate, weight, current):
    (folder / "cell.swc").write_text(SWC)
    train = {"type": "netstim", "point_processes": ["syn"], "interval": 1000 / max(rate, 1), "number": 1e9 if rate else 0, "start": 5,
             "noise": 0, "weight": weight, "totduration": TOTAL_MS}  # fmt: skip
    cell = {
        "name": "events",
        "morphology": {"file": "cell.swc"},
        "mechanisms": {
            "insert": {"all": ["pas"], "somatic": ["hh"]},
            "point_processes": [{"name": "syn", "suffix": "ExpSyn", "location": "dend"}],
        },
        "parameters": [
            {"param_name": "e_pas", "sectionlist": "all", "type": "range", "value": -65},
            {"param_name": "g_pas", "sectionlist": "all", "type": "range", "value": 1e-4},
            {"param_name": "tau", "type": "point_process", "point_process": "syn", "value": 2},
        ],
        "locations": {"dend": {"section_list": "basal", "index": 0, "x": 0.7}},
        "protocols": {"p": {"stimuli": [train, {"delay": 0, "amp": current, "duration": TOTAL_MS, "totduration": TOTAL_MS}]}},
        "features": {"p": {"soma": {"Spikecount": [1, 1]}}},
        "simulator": {"step": "variable"},
    }
    (folder / "cell.json").write_text(json.dumps(cell))
    return folder / "cell.json"


def steps_of_cvode(weight, current):
    """1,000 events; the points that NEURON records, one a step."""
    text = f"""
import neuron
h = neuron.h
h.load_file("stdrun.hoc")
soma, dend = h.Section(name="soma"), h.Section(name="dend")
soma.L = soma.diam = 20
dend.L, dend.diam, dend.nseg = 400, 2, 21
dend.connect(soma(1))
for s in (soma, dend):
    s.insert("pas")
    s.g_pas, s.e_pas = 1e-4, -65
soma.insert("hh")
syn = h.ExpSyn(dend(0.7))
syn.tau = 2
train = h.NetStim()
train.interval, train.number, train.start, train.noise = 1, 1e9, 5, 0
connection = h.NetCon(train, syn, 0, 0, {weight})
clamp = h.IClamp(soma(0.5))
clamp.amp, clamp.dur = {current}, 1e9
h.CVode().active(1)
h.CVode().atol(1e-3)
time = h.Vector().record(h._ref_t)
h.finitialize(-65)
h.continuerun({TOTAL_MS})
print("steps", len(time))
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"NEURON: {done.stderr}")
    return int(done.stdout.split("steps ")[1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program evaluation_dump")
    parser.add_argument("--work", required=True, help="a folder for cell files")
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work)
    work.mkdir(parents=True, exist_ok=True)
    dump = cellwright_program.EvaluationDump(arguments.dump)
    report = cellwright_program.Report()
    for current, state in ((QUIET_NA, "quiet"), (SPIKING_NA, "spiking")):
        for weight, what in ((NOTHING, "do nothing"), (MOVES, "move v")):
            steps = {}
            for rate in RATES:
                dump.evaluate(write_cell(work, rate, weight, current), [{}], work / "out", "fast", 1)
                steps[rate] = sum(map(int, (work / "out/0.p.steps").read_text().split()))
            each = (steps[1000] - steps[0]) / 1000
            most = MOST_STEPS[weight] if state == "quiet" else MOST_STEPS[MOVES]
            label = f"{state}, events that {what}: {steps[0]} steps without, {steps[100]} with 100, {steps[1000]} with 1,000 events: {each:.1f} an event"
            report.check(each <= most, label)
            if weight == MOVES:
                theirs = steps_of_cvode(weight, current)
                report.check(steps[1000] < min(theirs, 40000), f"{state}: CVODE takes {theirs} steps for the 1,000 events, we {steps[1000]}")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
