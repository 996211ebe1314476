#!/usr/bin/env python3
"""Stimuli, locations, point processes and events of the engine: each a small cell file, simulated by cellwright and, with the
same numbers, by BluePyOpt's own classes in NEURON (what BluePyOpt has no class for - connections, WATCH, pointers, random
streams - is wired by hand in NEURON).

Required at every sample of every recording: |difference| <= 1e-9 of the recording's largest magnitude in strict mode, 1e-6 in
fast mode (rounding that spikes amplify), 1e-4 in single precision; with --neuron-engine 1e-12. Also: a passive cable converges to its analytic solution with the second order of its
discretisation.
"""

import argparse
import json
import math
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import bluepyopt_reference  # noqa: E402
import cellwright_program  # noqa: E402

DT_MS = 0.025
TOLERANCE = {"strict": 1e-9, "fast": 1e-6, "float": 1e-4}
NEURON_TOLERANCE = 1e-12  # of --engine neuron: the same program with the same numbers

# A soma of 20 um, a basal dendrite that branches, an apical trunk with two branches of different length.
SWC = """1 1 0 0 0 10 -1
2 1 10 0 0 10 1
3 1 20 0 0 10 2
4 3 20 0 0 1 3
5 3 140 0 0 1 4
6 3 140 0 0 0.8 5
7 3 220 -60 0 0.6 6
8 3 140 0 0 0.8 5
9 3 230 -150 30 0.5 8
10 4 0 0 0 1.5 1
11 4 -10 200 0 1.2 10
12 4 -10 200 0 0.9 11
13 4 -120 330 0 0.5 12
14 4 -10 200 0 0.9 11
15 4 40 480 10 0.4 14
"""

PASSIVE = [
    {"param_name": "v_init", "type": "global", "value": -70},
    {"param_name": "g_pas", "sectionlist": "all", "type": "section", "value": 5e-5},
    {"param_name": "e_pas", "sectionlist": "all", "type": "section", "value": -70},
    {"param_name": "Ra", "sectionlist": "all", "type": "section", "value": 120},
    {"param_name": "cm", "sectionlist": "apical", "type": "section", "value": 1.6},
]
LOCATIONS = {
    "dend": {"section_list": "basal", "index": 1, "x": 0.3},
    "tip": {"section_list": "basal", "index": 2, "x": 1},
    "start": {"section_list": "apical", "index": 1, "x": 0},
    "named": {"type": "SectionComp", "sec_name": "apic[2]", "comp_x": 0.7},
    "distance": {"type": "SomaDistanceComp", "soma_distance": 190, "seclist_name": "basal"},
    "on_path": {"type": "SecSomaDistanceComp", "soma_distance": 250, "sec_index": 1, "seclist_name": "apical"},
    "trunk": {"type": "TrunkSomaDistanceComp", "soma_distance": 250, "seclist_name": "apical"},
    "down": {"type": "TrunkSomaDistanceComp", "soma_distance": 150, "seclist_name": "basal", "direction": [0.1, -1, 0]},
    "radial": {"type": "TrunkSomaDistanceComp", "soma_distance": 300, "seclist_name": "apical", "direction": "radial"},
    "nowhere": {"type": "SomaDistanceComp", "soma_distance": 5000, "seclist_name": "apical"},
}


def pulse(delay, duration, amp, total, location="soma"):
    return {"delay": delay, "amp": amp, "duration": duration, "totduration": total, "location": location}


def netstim(names, total, **keys):
    return {"type": "netstim", "point_processes": names, "total_duration": total, **keys}


def process_parameter(process, **values):
    return [{"param_name": k, "type": "point_process", "point_process": process, "value": v} for k, v in values.items()]


def record(*places, var="v"):
    return [{"name": place, "location": place, "var": var} for place in places]


def case(stimuli, recordings=(), insert=None, parameters=(), **mechanisms):
    return {
        "morphology": {"file": "cell.swc", "nseg_frequency": 40},
        "mechanisms": {"directories": [str(HERE / "point_processes")], "insert": insert or {"all": ["pas"]}, **mechanisms},
        "parameters": PASSIVE + list(parameters),
        "locations": LOCATIONS,
        "protocols": {"p": {"stimuli": stimuli, "extra_recordings": list(recordings)}},
        "features": {},
    }


def process(name, suffix, location):
    return {"name": name, "suffix": suffix, "location": location}


SPIKING = {"all": ["pas"], "somatic": ["hh"]}


def cases():
    result = {
        "ball_and_stick": case([pulse(2, 30, 0.4, 40)], record("soma", "dend", var="ina")[:1] + record("tip"), SPIKING),
        "locations": case(
            [pulse(2, 10, 0.1, 20), pulse(5, 10, 0.05, 20, "trunk"), pulse(0.5, 10, 0.05, 20, "tip")],
            record(*(name for name in LOCATIONS))
            + [{"type": "somadistance", "name": "d", "somadistance": 140, "seclist_name": "apical", "var": "v"}],
        ),
        "ramp": case(
            [
                {
                    "type": "ramp",
                    "ramp_amplitude_start": 0.05,
                    "ramp_amplitude_end": 0.6,
                    "ramp_delay": 3.3,
                    "ramp_duration": 20.0125,
                    "totduration": 40,
                },
                pulse(0.0125, 39.9, -0.02, 40, "dend"),
            ],
            record("dend"),
            SPIKING,
        ),
        "current_play": case(
            [
                {
                    "type": "current_play",
                    "time_points": [1, 5, 5, 9.99, 12.5, 12.5, 30],
                    "current_points": [-0.05, 0.1, 0.3, 0.35, 0.1, 0, 0.2],
                    "location": "dend",
                },
                pulse(0, 1, 0, 35),
            ],
            record("dend"),
        ),
        "ramp_to_the_end": case(
            [
                {
                    "type": "ramp",
                    "ramp_amplitude_start": 0,
                    "ramp_amplitude_end": 0.3,
                    "ramp_delay": 0,
                    "ramp_duration": 20,
                    "totduration": 20,
                }
            ],
            record("dend"),
        ),
    }
    synapses = [process("exp", "ExpSyn", "dend"), process("two", "Exp2Syn", ["tip", "start"]), process("tm", "DepressingSynapse", "soma")]
    result["synapse_train"] = case(
        [
            netstim(["exp"], 60, interval=7.3, number=5, start=3.01, weight=0.004),
            netstim(["two", "tm"], 60, interval=4.0, number=9, start=5.0, weight=0.002),
            pulse(0, 0, 0, 60),
        ],
        record("dend", "tip") + record("exp", "two", "tm", var="i") + record("exp", "tm", var="g"),
        parameters=process_parameter("exp", tau=1.7, e=10) + process_parameter("two", tau1=0.6, tau2=3.1) + process_parameter("tm", U=0.3),
        point_processes=synapses,
    )
    result["clamp"] = case(
        [pulse(0, 0, 0, 30)],
        record("dend") + record("clamp", var="i"),
        SPIKING,
        process_parameter("clamp", dur1=5, amp1=-70, dur2=10, amp2=-20, dur3=8, amp3=-60, rs=0.5),
        point_processes=[process("clamp", "SEClamp", "soma")],
    )
    for noise in (0.5, 1.0):
        result[f"netstim_noise_{noise}"] = case(
            [netstim(["exp", "two"], 60, interval=3, number=15, start=2, noise=noise, weight=0.003)],
            record("dend") + record("exp", var="g"),
            point_processes=synapses,
        )
    result["connections"] = case(
        [pulse(2, 30, 0.5, 50)],
        record("dend", "tip") + record("exp", "tm", var="g") + record("latch", var="count") + record("latch", var="last"),
        SPIKING,
        point_processes=synapses + [process("latch", "SpikeLatch", "soma")],
        connections=[
            {"location": "soma", "threshold": -10, "target": "exp", "weight": [0.003], "delay": 0.7},
            {"location": "dend", "threshold": -50, "target": "tm", "weight": [0.002], "delay": 0},
            {"source": "latch", "target": "two", "weight": [0.001], "delay": 2.0},
        ],
    )
    result["artificial_cells"] = case(
        [pulse(0, 0, 0, 60)],
        record("dend") + record("exp", var="g") + record("noisy", var="count") + record("reset", var="level"),
        parameters=process_parameter("noisy", mean=2.5, dead=0.4) + process_parameter("clock", interval=4, number=8, start=2.5),
        point_processes=synapses + [process("reset", "DelayedReset", "dend")],
        artificial_cells=[{"name": "noisy", "suffix": "NoisySource"}, {"name": "clock", "suffix": "NetStim"}],
        random_streams=[{"point_process": "noisy", "variable": "intervals", "ids": [11, 22, 33]}],
        connections=[
            {"source": "noisy", "target": "exp", "weight": [0.002], "delay": 0.3},
            {"source": "noisy", "target": "reset", "weight": [0.01], "delay": 0.3},
            {"source": "clock", "target": "tm", "weight": [0.002]},
        ],
    )
    ranges = [
        {"dist": "(0.5 + math.exp({distance}*0.002))*{value}", "soma_ref_location": 0.2, "value": 4e-5, "sectionlist": "apical"},
        {"dist": "{value}*(1 + 4*({step_begin} < {distance} < {step_end}))", "step_begin": 60, "step_end": 160.5, "value": 3e-5},
        {"dist": "{value}*{strength}/(1 + {distance})", "param_dependencies": ["strength"], "value": 1e-3, "sectionlist": "somatic"},
        {"dist": "{value} - 0.01*{distance}", "ref_section": "dend[0]", "ref_location": 1, "value": -65, "param_name": "e_pas"},
        {"multiplier": 1.5, "offset": 0.25, "value": 0.9, "param_name": "cm", "sectionlist": "all"},
    ]
    result["scalers"] = case(
        [pulse(2, 20, 0.1, 30)],
        record("tip", "start", "named"),
        parameters=[{"param_name": "Ra", "name": "strength", "sectionlist": "axonal", "type": "section", "value": 0.7}]
        + [{"param_name": "g_pas", "sectionlist": "basal", "type": "range", "name": f"r{k}", **r} for k, r in enumerate(ranges)],
    )
    result["pointers"] = case(
        [pulse(2, 20, 0.2, 30)],
        record("tip", "start") + record("left", var="i"),
        parameters=process_parameter("left", g=0.002),
        point_processes=[process("left", "Coupling", "tip"), process("right", "Coupling", "start")],
        pointers=[
            {"point_process": "left", "pointer": "other", "location": "start"},
            {"point_process": "right", "pointer": "other", "location": "tip"},
        ],
    )
    return result


# --- the reference, in a process of its own for each case ---------------------------------------------------------------------


def neuron_child(name, folder, build):
    import neuron

    neuron.load_mechanisms(build)
    print(json.dumps(bluepyopt_reference.Reference(cases()[name], pathlib.Path(folder)).simulate("p", {})))


def simulate_neuron(name, folder, build):
    done = subprocess.run(
        [sys.executable, __file__, "--neuron-child", name, "--work", str(folder), "--mechanisms", build],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        raise RuntimeError(f"NEURON, {name}: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


# --- comparison ---------------------------------------------------------------------------------------------------------------


def difference(ours, theirs):
    """The largest difference relative to the largest magnitude; infinite where one has no response or another length."""
    if ours is None or theirs is None:
        return 0.0 if ours is None and theirs is None else math.inf
    if len(ours) != len(theirs):
        return math.inf
    size = max(map(abs, theirs)) or 1.0
    return max(abs(a - b) if math.isfinite(a - b) else math.inf for a, b in zip(ours, theirs)) / size


def compare(program, name, cell, arguments, report):
    folder = pathlib.Path(arguments.work) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cell.swc").write_text(SWC)
    (folder / "cell.json").write_text(json.dumps(cell, indent=1))
    theirs = simulate_neuron(name, folder, arguments.mechanisms)
    runs = {numeric: (["--numeric", numeric], tolerance) for numeric, tolerance in TOLERANCE.items()}
    if arguments.neuron_engine:
        runs = {"neuron": (["--engine", "neuron"], NEURON_TOLERANCE)}
    for label, (options, tolerance) in runs.items():
        traces = program.simulate(folder / "cell.json", {}, folder / label, *options, "--step", "fixed", "--dt", DT_MS)
        worst, where = 0.0, "equal"
        for recording, values in theirs.items():
            ours = traces[recording][1] if recording in traces else None
            size = difference(ours, values)
            if not size <= worst:
                worst, where = size, recording
        moved = max(max(v) - min(v) for v in theirs.values() if v is not None)
        report.check(worst <= tolerance and moved > 0.1, f"{name}, {label}: {worst:.1e} of the largest magnitude ({where})")


def cable_error(program, folder, frequency):
    """(nseg, relative error of the input resistance at the sealed end of a cable against the cable equation)"""
    folder.mkdir(parents=True, exist_ok=True)
    length, diameter, rm, ra, current = 1000.0, 2.0, 1e4, 150.0, 0.01
    (folder / "cell.swc").write_text("1 1 0 0 0 1 -1\n2 1 500 0 0 1 1\n3 1 1000 0 0 1 2\n")
    cell = case([pulse(0, 400, current, 400, "start")], record("start"))
    cell["morphology"]["nseg_frequency"] = frequency
    cell["locations"] = {"start": {"section_list": "somatic", "x": 0}}
    cell["parameters"] = [
        {"param_name": "v_init", "type": "global", "value": -70},
        {"param_name": "g_pas", "sectionlist": "all", "type": "section", "value": 1 / rm},
        {"param_name": "e_pas", "sectionlist": "all", "type": "section", "value": -70},
        {"param_name": "Ra", "sectionlist": "all", "type": "section", "value": ra},
    ]
    (folder / "cell.json").write_text(json.dumps(cell))
    traces = program.simulate(folder / "cell.json", {}, folder, "--numeric", "strict", "--step", "fixed")
    d = diameter * 1e-4
    space = math.sqrt(rm * d / (4 * ra))
    infinite = 2 / math.pi * math.sqrt(rm * ra) * d**-1.5
    expected = current * 1e-9 * infinite / math.tanh(length * 1e-4 / space) * 1e3
    return 1 + 2 * int(length / frequency), abs(traces["p.start.v"][1][-1] + 70 - expected) / expected


def check_cable(program, work, report):
    (coarse, first), (fine, second) = (cable_error(program, work / f"cable_{f}", f) for f in (100, 33))
    order = math.log(first / second) / math.log(fine / coarse)
    report.check(
        second < 1e-3 and abs(order - 2) < 0.1,
        f"passive cable: error {first:.1e} with {coarse} segments, {second:.1e} with {fine}: order {order:.2f}",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built point_processes")
    parser.add_argument("--work", help="a folder for cell files and traces")
    parser.add_argument("--only", help="cases, separated by commas; default: all")
    parser.add_argument("--neuron-engine", action="store_true", help="simulate with --engine neuron instead of the native engine")
    parser.add_argument("--neuron-child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child(arguments.neuron_child, arguments.work, arguments.mechanisms)
    os.environ["CELLWRIGHT_NEURON"] = sys.executable
    program = cellwright_program.Program(arguments.program)
    report = cellwright_program.Report()
    wanted = arguments.only.split(",") if arguments.only else [*cases(), "cable"]
    for name, cell in cases().items():
        if name in wanted:
            compare(program, name, cell, arguments, report)
    if "cable" in wanted:
        check_cable(program, pathlib.Path(arguments.work), report)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
