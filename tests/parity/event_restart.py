#!/usr/bin/env python3
"""What events cost the variable step, and how exact it is with them: a ball and stick with synapses in its dendrite.

Cost: one second of 0, 100 and 1,000 events to one synapse, quiet and spiking, with events that move v (weight 2e-4 uS) and events that do
nothing. Required: the second with 1,000 events takes MOST_STEPS steps at most, and where they move v less than NEURON's CVODE at BluePyOpt's
default tolerance takes, and less than the 40,000 steps of the fixed step.

Errors: half a second of 1,000 events of several weights to one synapse (regular) or to twenty (at random times), in double and in float,
against the same cell with atol 1e-9. Required: quiet cells are nowhere off by more than two errors of a step (0.02 mV); spiking ones have
the same spikes, no worse in the mean over all of them than without events, and no cell's twice as bad.
"""

import argparse
import json
import pathlib
import subprocess
import sys

import numpy

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402

SWC = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n4 3 30 0 0 1 3\n5 3 430 0 0 1 4\n"
RATES = [0, 100, 1000]
NOTHING, MOVES = 1e-12, 2e-4
QUIET_NA, SPIKING_NA = 0.0, 0.2
TOTAL_MS = 1000
MOST_STEPS = {("quiet", NOTHING): 1_120, ("quiet", MOVES): 17_120, ("spiking", NOTHING): 14_400, ("spiking", MOVES): 25_400}

ACCURACY_TOTAL_MS = 500
ACCURACY_SAMPLE_MS = 0.02
WEIGHTS = [NOTHING, 1e-6, 1e-5, 2e-5, 5e-5, 2e-4]
SYNAPSES = {"ExpSyn": {"tau": 2}, "Exp2Syn": {"tau1": 0.2, "tau2": 2}}
REFERENCE_ATOL = 1e-9
MOST_MV = 0.02


def train(names, interval, number, start, noise, weight, total):
    return {"type": "netstim", "point_processes": names, "interval": interval, "number": number, "start": start, "noise": noise, "weight": weight,
            "totduration": total}  # fmt: skip


def write_cell(folder, synapses, stimuli, current, total, kind="ExpSyn", simulator=None):
    """@param synapses  name -> place on the dendrite; v is recorded at the last."""
    (folder / "cell.swc").write_text(SWC)
    locations = {f"at_{name}": {"section_list": "basal", "index": 0, "x": x} for name, x in synapses.items()}
    cell = {
        "name": "events",
        "morphology": {"file": "cell.swc"},
        "mechanisms": {
            "insert": {"all": ["pas"], "somatic": ["hh"]},
            "point_processes": [{"name": name, "suffix": kind, "location": f"at_{name}"} for name in synapses],
        },
        "parameters": [
            {"param_name": "e_pas", "sectionlist": "all", "type": "range", "value": -65},
            {"param_name": "g_pas", "sectionlist": "all", "type": "range", "value": 1e-4},
            *({"param_name": parameter, "type": "point_process", "point_process": name, "value": value}
              for name in synapses for parameter, value in SYNAPSES[kind].items()),
        ],
        "locations": locations,
        "protocols": {
            "p": {
                "stimuli": [*stimuli, {"delay": 0, "amp": current, "duration": total, "totduration": total}],
                "extra_recordings": [{"name": "dend", "location": list(locations)[-1]}],
            }
        },
        "features": {"p": {"soma": {"Spikecount": [1, 1]}, "dend": {"Spikecount": [1, 1]}}},
        "simulator": {"step": "variable", **(simulator or {})},
    }  # fmt: skip
    (folder / "cell.json").write_text(json.dumps(cell))
    return folder / "cell.json"


def cell_with_events(folder, rate, weight, current):
    stimulus = train(["syn"], 1000 / max(rate, 1), 1e9 if rate else 0, 5, 0, weight, TOTAL_MS)
    return write_cell(folder, {"syn": 0.7}, [stimulus], current, TOTAL_MS)


def cvode(weight, current, total=TOTAL_MS, atol=1e-3):
    """1,000 events a second, none without a weight: the times and soma voltages that NEURON records, one a step."""
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
train.interval, train.number, train.start, train.noise = 1, {1e9 if weight else 0}, 5, 0
connection = h.NetCon(train, syn, 0, 0, {weight})
clamp = h.IClamp(soma(0.5))
clamp.amp, clamp.dur = {current}, 1e9
h.CVode().active(1)
h.CVode().atol({atol})
time = h.Vector().record(h._ref_t)
v = h.Vector().record(soma(0.5)._ref_v)
h.finitialize(-65)
h.continuerun({total})
print("trace", [list(time), list(v)])
"""
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"NEURON: {done.stderr}")
    return numpy.array(json.loads(done.stdout.split("trace ")[1]))


def check_cost(dump, work, report):
    for current, state in ((QUIET_NA, "quiet"), (SPIKING_NA, "spiking")):
        for weight, what in ((NOTHING, "do nothing"), (MOVES, "move v")):
            steps = {}
            for rate in RATES:
                dump.evaluate(cell_with_events(work, rate, weight, current), [{}], work / "out", "fast", 1)
                steps[rate] = sum(map(int, (work / "out/0.p.steps").read_text().split()))
            each = (steps[1000] - steps[0]) / 1000
            label = f"{state}, events that {what}: {steps[0]} steps without, {steps[100]} with 100, {steps[1000]} with 1,000 events: {each:.1f} an event"
            report.check(steps[1000] <= MOST_STEPS[state, weight], label)
            if weight == MOVES:
                theirs = len(cvode(weight, current)[0])
                report.check(steps[1000] < min(theirs, 40000), f"{state}: CVODE takes {theirs} steps for the 1,000 events, we {steps[1000]}")


# --- errors -----------------------------------------------------------------------------------------------------------------------


def synapses_and_trains(many, weight):
    if not many:
        return {"syn": 0.7}, [train(["syn"], 1, 1e9, 5, 0, weight, ACCURACY_TOTAL_MS)]
    synapses = {f"syn{k}": round(0.03 + 0.94 * k / 19, 3) for k in range(20)}
    return synapses, [train([name], 20, 1e9, 1, 1, weight, ACCURACY_TOTAL_MS) for name in synapses]


def run(dump, work, many, kind, weight, current, numeric="fast", simulator=None):
    """Steps; time, v of the soma, v of the dendrite. No weight: no events."""
    synapses, trains = synapses_and_trains(many, weight)
    cell = write_cell(work, synapses, trains if weight else [], current, ACCURACY_TOTAL_MS, kind, simulator)
    _, traces = dump.evaluate(cell, [{}], work / "out", numeric, 1, ACCURACY_SAMPLE_MS)
    return sum(map(int, (work / "out/0.p.steps").read_text().split())), traces(0, "p")


def spikes(trace):
    time, v = trace[0], trace[1]
    before = numpy.flatnonzero((v[:-1] < -20) & (v[1:] >= -20))
    part = (-20 - v[before]) / (v[before + 1] - v[before])
    return time[before] + part * (time[before + 1] - time[before])


def mean_shift(trace, reference):
    """Of the spikes, ms; infinite where they are not the same."""
    ours, theirs = spikes(trace), spikes(reference)
    return abs(ours - theirs).mean() if len(ours) == len(theirs) > 0 else numpy.inf


def check_errors(dump, work, report):
    exact = {"atol": REFERENCE_ATOL}
    steps, trace = run(dump, work, False, "ExpSyn", 0, SPIKING_NA)
    without = mean_shift(trace, run(dump, work, False, "ExpSyn", 0, SPIKING_NA, simulator=exact)[1])
    print(f"without events: {steps} steps, spikes are off by {without:.4f} ms in the mean")
    theirs, their_exact = (cvode(0, SPIKING_NA, ACCURACY_TOTAL_MS, atol) for atol in (1e-3, REFERENCE_ATOL))
    print(f"CVODE, atol 1e-3: {len(theirs[0])} steps, spikes are off by {mean_shift(theirs, their_exact):.4f} ms in the mean")
    shifts = []
    for many in (False, True):
        for kind in SYNAPSES:
            for weight in WEIGHTS:
                for current, state in ((QUIET_NA, "quiet"), (SPIKING_NA, "spiking")):
                    _, reference = run(dump, work, many, kind, weight, current, simulator=exact)
                    for numeric in ("fast", "float"):
                        steps, trace = run(dump, work, many, kind, weight, current, numeric)
                        label = f"{'20' if many else 'one'} {kind}, {weight:g} uS, {state}, {numeric}: {steps} steps"
                        if current == QUIET_NA:
                            off = abs(trace[1:] - reference[1:])
                            report.check(off.max() <= MOST_MV, f"{label}, v off by {off.max():.4f} mV at most, {numpy.sqrt((off**2).mean()):.5f} rms")
                            continue
                        shifts.append(mean_shift(trace, reference))
                        report.check(shifts[-1] <= 2 * without, f"{label}, spikes off by {shifts[-1]:.4f} ms in the mean")
    report.check(numpy.mean(shifts) <= without, f"all {len(shifts)} spiking runs: {numpy.mean(shifts):.4f} ms in the mean")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program evaluation_dump")
    parser.add_argument("--work", required=True, help="a folder for cell files")
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work)
    work.mkdir(parents=True, exist_ok=True)
    dump = cellwright_program.EvaluationDump(arguments.dump)
    report = cellwright_program.Report()
    check_cost(dump, work, report)
    check_errors(dump, work, report)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
