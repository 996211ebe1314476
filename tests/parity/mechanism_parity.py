#!/usr/bin/env python3
"""Every mechanism alone in one compartment, by cellwright and by NEURON: a voltage ladder and a train of current steps.

The compartment is a cylinder of 20 um with the mechanism and `pas`. For the ladder the leak is so strong that it holds the
voltage near e_pas; for the train it is weak. Every range variable that `cellwright nmodl` lists (states, currents,
conductances; no parameters, no arrays), the ion variables and the voltage are recorded at every step of 0.025 ms.

Required: |difference| <= 1e-9 of the variable's largest magnitude in the run, at every sample; 1e-4 in single precision.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402

DT_MS = 0.025
TOLERANCE = {"strict": 1e-9, "fast": 1e-9, "float": 1e-4}  # float: see docs/decisions/0014-float.md
CELSIUS = 34.0
LADDER_MV = [-110, -90, -75, -62, -50, -40, -25, -10, 5, 20, 40]
LADDER_G = 0.05
LADDER_MS = 20.0
TRAIN_G = 1e-4
TRAIN_MS = 120.0
TRAIN_NA = [(10.0, 15.0, 0.15), (40.0, 10.0, -0.2), (60.0, 25.0, 0.4), (100.0, 10.0, 1.0)]  # delay, duration, amplitude
SWC = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"


def runs():
    """name -> (e_pas, g_pas, total ms, pulses)"""
    ladder = {f"ladder_{'m' if v < 0 else 'p'}{abs(v)}": (v, LADDER_G, LADDER_MS, [(0.0, 0.0, 0.0)]) for v in LADDER_MV}
    return {**ladder, "train": (-70.0, TRAIN_G, TRAIN_MS, TRAIN_NA)}


def recorded_variables(info):
    ion_names = [name for ion in info["ions"] for name in ion["reads"] + ion["writes"]]
    scalars = [v for v in info["states"] + info["range_assigned"] if "size" not in v]
    own = [v["name"] for v in scalars if v["name"] not in ion_names]
    return list(dict.fromkeys(["v"] + [f"{name}_{info['suffix']}" for name in own] + ion_names))


def cell_file(folder, info, mod_directory, variables, e_pas, g_pas, total, pulses):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cell.swc").write_text(SWC)
    stimuli = [{"delay": d, "duration": w, "amp": a, "totduration": total} for d, w, a in pulses]
    extra = [{"name": f"r{k}", "location": "soma", "var": v} for k, v in enumerate(variables) if v != "v"]
    cell = {
        "name": "probe",
        "morphology": {"file": "cell.swc"},
        "mechanisms": {"directories": [str(mod_directory)], "insert": {"somatic": ["pas", info["suffix"]]}},
        "parameters": [
            {"param_name": "celsius", "type": "global", "value": CELSIUS},
            {"param_name": "v_init", "type": "global", "value": e_pas},
            {"param_name": "g_pas", "sectionlist": "somatic", "type": "section", "value": g_pas},
            {"param_name": "e_pas", "sectionlist": "somatic", "type": "section", "value": e_pas},
        ],
        "protocols": {"p": {"stimuli": stimuli, "extra_recordings": extra}},
        "features": {},
    }
    (folder / "cell.json").write_text(json.dumps(cell, indent=1))
    return folder / "cell.json"


def simulate_cellwright(program, folder, info, mod_directory, numeric):
    variables = recorded_variables(info)
    result = {}
    for name, (e_pas, g_pas, total, pulses) in runs().items():
        cell = cell_file(folder / name, info, mod_directory, variables, e_pas, g_pas, total, pulses)
        traces = program.simulate(cell, {}, folder / name / numeric, "--numeric", numeric, "--dt", DT_MS)
        for k, variable in enumerate(variables):
            key = "p.soma.v" if variable == "v" else f"p.r{k}.{variable}"
            result[f"{name}/{variable}"] = traces[key][1]
    return result


def simulate_neuron(build_directory, info):
    """Run in a process of its own: NEURON keeps what it loaded."""
    done = subprocess.run(
        [sys.executable, __file__, "--neuron-child", str(build_directory)], input=json.dumps(info), capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"NEURON: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def neuron_child(build_directory):
    info = json.load(sys.stdin)
    import neuron

    neuron.load_mechanisms(build_directory)
    h = neuron.h
    h.load_file("stdrun.hoc")
    variables = recorded_variables(info)
    result = {}
    for name, (e_pas, g_pas, total, pulses) in runs().items():
        section = h.Section(name="soma")
        section.pt3dadd(0, 0, 0, 20), section.pt3dadd(10, 0, 0, 20), section.pt3dadd(20, 0, 0, 20)
        section.insert("pas")
        section.insert(info["suffix"])
        section.g_pas, section.e_pas = g_pas, e_pas
        h.celsius, h.v_init = CELSIUS, e_pas
        clamps = []
        for delay, duration, amplitude in pulses:
            clamp = h.IClamp(section(0.5))
            clamp.delay, clamp.dur, clamp.amp = delay, duration, amplitude
            clamps.append(clamp)
        vectors = {v: h.Vector().record(getattr(section(0.5), f"_ref_{v}")) for v in variables}
        h.cvode_active(0)
        h.dt, h.steps_per_ms, h.tstop = DT_MS, 1 / DT_MS, total
        h.run()
        for variable, vector in vectors.items():
            result[f"{name}/{variable}"] = list(vector)
        del section, clamps, vectors
    print(json.dumps(result))


def worst_difference(ours, theirs):
    """(largest difference relative to the variable's largest magnitude over all runs, its key)"""
    scale = {}
    for key, values in theirs.items():
        variable = key.split("/")[1]
        scale[variable] = max(scale.get(variable, 0.0), max(abs(x) for x in values))
    worst, where = 0.0, ""
    for key, values in theirs.items():
        if len(values) != len(ours[key]):
            return float("inf"), f"{key}: {len(ours[key])} samples, NEURON {len(values)}"
        size = scale[key.split("/")[1]] or 1.0
        difference = max(abs(a - b) if a == a and b == b else float(a == a or b == b) for a, b in zip(ours[key], values)) / size
        if not difference <= worst:
            worst, where = difference, key
    return worst, where


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--mods", help="a folder of .mod files")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built them")
    parser.add_argument("--work", help="a folder for cell files and traces")
    parser.add_argument("--numeric", default="strict,fast,float")
    parser.add_argument("--neuron-child", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child(arguments.neuron_child)

    program = cellwright_program.Program(arguments.program)
    report = cellwright_program.Report()
    for mod in sorted(pathlib.Path(arguments.mods).glob("*.mod")):
        info = program.run_json("nmodl", mod)
        info = info[0] if isinstance(info, list) else info
        theirs = simulate_neuron(arguments.mechanisms, info)
        for numeric in arguments.numeric.split(","):
            ours = simulate_cellwright(program, pathlib.Path(arguments.work) / mod.stem, info, mod.parent.resolve(), numeric)
            worst, where = worst_difference(ours, theirs)
            report.check(worst <= TOLERANCE[numeric], f"{mod.name}, {numeric}: {worst:.1e} of the largest magnitude ({where or 'equal'})")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
