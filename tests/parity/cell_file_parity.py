#!/usr/bin/env python3
"""Everything that a cell file can say, on small cells made for it, against BluePyOpt and NEURON built from the same description.

Required, at a fixed step: before the first spike (2 ms before the first crossing of -20 mV of either trace) voltages agree within
1e-9 mV in strict mode and 1e-6 mV in fast mode; later in strict mode within 1e-6 mV; the same spikes; the same recordings without
response; every objective within 1e-9 (strict).
"""

import argparse
import json
import math
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import bluepyopt_reference  # noqa: E402
import cellwright_program  # noqa: E402

TOLERANCE_MV = {"strict": 1e-9, "fast": 1e-6}
AFTER_SPIKES_MV = 1e-6
SCORE_TOLERANCE = 1e-9

# A soma, a basal and an apical branch that split, and an axon of three sections.
SWC = """1 1 0 0 0 9 -1
2 1 9 0 0 9 1
3 1 18 0 0 9 2
4 3 18 0 0 1.1 3
5 3 120 10 0 0.9 4
6 3 200 -70 0 0.6 5
7 3 210 -140 40 0.5 5
8 4 0 5 0 1.4 1
9 4 -12 190 0 1.1 8
10 4 -130 340 0 0.5 9
11 4 35 470 12 0.45 9
12 2 0 -9 0 0.9 1
13 2 0 -52 0 0.7 12
14 2 10 -90 0 0.4 13
15 2 -30 -160 0 0.35 13
"""

BASE = [
    {"param_name": "v_init", "type": "global", "value": -72},
    {"param_name": "celsius", "type": "global", "value": 10},
    {"param_name": "Ra", "sectionlist": "all", "type": "section", "value": 110},
    {"param_name": "g_pas", "sectionlist": "all", "type": "section", "value": 6e-5},
    {"param_name": "e_pas", "sectionlist": "all", "type": "section", "value": -72},
]
SODIUM = {"param_name": "gnabar_hh", "sectionlist": "somatic", "type": "range", "bounds": [0.05, 0.3]}
POTASSIUM = {"param_name": "gkbar_hh", "sectionlist": "somatic", "type": "range", "bounds": [0.01, 0.1]}
INSERT = {"all": ["pas"], "somatic": ["hh"], "apical": ["hh"]}


def pulse(delay, duration, amp, total, **keys):
    return {"delay": delay, "amp": amp, "duration": duration, "totduration": total, **keys}


def spiking():
    """Parameters of every type, groups of objectives, a sequence, settings, and a place that the cell lacks."""
    parameters = BASE + [
        SODIUM,
        {**POTASSIUM, "value": 0.04},
        {"param_name": "g_pas", "name": "leak", "sectionlist": ["basal", "axonal"], "type": "range", "value": 9e-5},
        {"param_name": "gkbar_hh", "sectionlist": "apical", "type": "range", "value": 0.002},
        {"param_name": "gnabar_hh", "sectionlist": "apical", "type": "range", "bounds": [0.001, 0.02],
         "dist": "{value}*({base} + math.exp(-{distance}/{length}))", "dist_param_names": ["base", "length"]},
        {"name": "base", "type": "meta", "object": "gnabar_hh.apical", "attr_name": "base", "value": 0.25},
        {"name": "length", "type": "meta", "object": "gnabar_hh.apical", "attr_name": "length", "bounds": [50, 400]},
        {"name": "cm_all", "type": "meta_list_equal", "bounds": [0.8, 1.4], "sub_parameters": ["cm.somatic", "cm.dendrites"]},
        {"param_name": "cm", "sectionlist": "somatic", "type": "section"},
        {"param_name": "cm", "name": "cm.dendrites", "sectionlist": ["apical", "basal"], "type": "section", "bounds": [0.5, 2]},
        {"name": "amplitude", "type": "meta", "object": "step.1", "attr_name": "step_amplitude", "value": 0.6},
        {"name": "target", "type": "meta", "object": "step.soma.AP_height", "attr_name": "exp_mean", "bounds": [10, 40]},
    ]
    step = [pulse(0, 100, -0.02, 100), pulse(20, 60, 0.3, 100)]
    return {
        "morphology": {"file": "cell.swc", "nseg_frequency": 30},
        "mechanisms": {"insert": INSERT},
        "parameters": parameters,
        "locations": {
            "dend": {"section_list": "basal", "index": 1, "x": 0.3},
            "trunk": {"type": "TrunkSomaDistanceComp", "soma_distance": 180, "seclist_name": "apical"},
            "far": {"type": "SomaDistanceComp", "soma_distance": 4000, "seclist_name": "apical"},
        },
        "protocols": {
            "step": {
                "stimuli": step,
                "extra_recordings": [
                    {"type": "somadistance", "name": "dend1", "somadistance": 210, "seclist_name": "apical", "var": "v"},
                    {"name": "gone", "location": "far"},
                    {"name": "trunk", "location": "trunk", "var": "ina"},
                ],
            },
            "quiet": {"stimuli": [pulse(20, 40, -0.1, 80, location="dend")], "extra_recordings": [{"name": "dend", "location": "dend"}]},
            "ramp": {"stimuli": [{"type": "ramp", "ramp_amplitude_start": 0, "ramp_amplitude_end": 1.2, "ramp_delay": 15,
                                  "ramp_duration": 40, "totduration": 80}]},
            "played": {"stimuli": [{"type": "current_play", "time_points": [5, 10, 30, 45], "current_points": [0, 0.8, 0.8, 0]}]},
            "both": {"sequence": ["step", "quiet"]},
        },
        "features": {
            "step": {
                "soma": {"Spikecount": [4, 0.5], "AP_height": [25, 2], "AHP_depth_abs": [-60, 3], "mean_frequency": [40, 5]},
                "dend1": {"AP_amplitude_from_voltagebase": [30, 8], "Spikecount": [3, 1]},
                "gone": {"maximum_voltage": [-50, 10]},
            },
            "quiet": {"soma": {"voltage_base": [-72, 1], "ohmic_input_resistance_vb_ssse": [60, 7], "steady_state_voltage_stimend": [-80, 2]},
                      "dend": {"minimum_voltage": [-90, 4]}},
            "ramp": {"soma": {"time_to_first_spike": [20, 3], "AP1_amp": [80, 7]}},
            "played": {"soma": {"maximum_voltage": [20, 5], "peak_time": [12, 2]}},
            "both": {"step.soma": {"ISI_values": [12, 3]}, "quiet.dend": {"maximum_voltage": [-70, 2]}},
        },
        "feature_settings": [
            {"protocol": "played", "stim_start": 5, "stim_end": 45},
            {"location": "dend*", "threshold": -35},
            {"protocol": "quiet", "feature": "ohmic*", "stimulus_current": -0.1, "voltage_base_start_perc": 0.6},
            {"feature": "AHP_depth_abs", "interp_step": 0.05, "weight": 2.5},
            {"protocol": "step", "location": "soma", "feature": "mean_frequency", "force_max_score": True, "max_score": 3,
             "strict_stiminterval": 1},
            {"protocol": "step", "feature": "maximum_voltage", "max_score": 40},
            {"protocol": "ramp", "feature": "AP1_amp", "recording_names": {"": "ramp.soma.v", "location_dend": "step.gone.v"}},
            {"protocol": "quiet", "location": "dend", "recording_names": {"location_soma": "quiet.soma.v"}, "exp_std": 2},
        ],
        "objectives": [
            {"name": "worst", "type": "max", "features": ["step.soma.Spikecount", "step.dend1.Spikecount", "ramp.soma.AP1_amp"]},
            {"name": "sum", "type": "weighted_sum", "features": ["quiet.soma.voltage_base", "quiet.dend.minimum_voltage"], "weights": [0.3, 2]},
        ],
    }


def small(morphology, insert=None, **keys):
    return {
        "morphology": {"file": "cell.swc", **morphology},
        "mechanisms": {"insert": insert or {**INSERT, "axonal": ["hh"]}},
        "parameters": BASE + [SODIUM, POTASSIUM],
        "protocols": {"step": {"stimuli": [pulse(5, 30, 0.4, 50)], "extra_recordings": [{"name": "axon", "location": "axon"}]}},
        "locations": {"axon": {"section_list": "axonal", "index": 1, "x": 0.9}},
        "features": {"step": {"soma": {"Spikecount": [2, 1], "AP_begin_voltage": [-50, 5]}, "axon": {"maximum_voltage": [20, 5]}}},
        **keys,
    }


def synapses():
    cell = small({"nseg_frequency": 50})
    cell["mechanisms"]["point_processes"] = [{"name": "syn", "suffix": "ExpSyn", "location": "axon"}]
    cell["parameters"] = cell["parameters"] + [
        {"param_name": "tau", "type": "point_process", "point_process": "syn", "bounds": [0.5, 5]},
        {"name": "rate", "type": "meta", "object": "step.0", "attr_name": "interval", "bounds": [4, 12]},
        {"name": "strength", "type": "meta", "object": "step.0", "attr_name": "weight", "bounds": [0, 0.1]},
        {"name": "late", "type": "meta", "object": "pulse.0", "attr_name": "step_delay", "bounds": [1, 20]},
        {"name": "length", "type": "meta", "object": "pulse.0", "attr_name": "total_duration", "bounds": [30, 60]},
    ]
    netstim = {"type": "netstim", "point_processes": ["syn"], "interval": 7, "number": 4, "start": 6, "weight": 0.03, "totduration": 50}
    cell["protocols"]["step"]["stimuli"] = [netstim]
    cell["protocols"]["pulse"] = {"stimuli": [pulse(5, 10, 0.5, 50)]}
    return cell


def stochastic(suffix, folder, **keys):
    """The mechanisms of BluePyOpt's examples/stochkv, on several sections."""
    deterministic = keys.pop("deterministic", False)
    cell = small({"nseg_frequency": 60}, {"all": ["pas"], "somatic": ["hh"], "basal": [], "apical": []})
    for seclist in ("somatic", "basal", "apical"):
        cell["mechanisms"]["insert"][seclist].append({"suffix": suffix, "deterministic": deterministic})
    cell["mechanisms"]["directories"] = [str(folder)]
    cell["parameters"] = cell["parameters"] + [{"param_name": f"gkbar_{suffix}", "sectionlist": "all", "type": "range", "value": 0}]
    cell["parameters"][-1].update({"sectionlist": ["somatic", "basal", "apical"], "name": "noise", "value": keys.pop("g", 0.3)})
    cell["protocols"]["calm"] = {"stimuli": [pulse(5, 30, 0.4, 50)], "deterministic": keys.pop("calm", False)}
    cell.update(keys)
    return cell


PARAMS = {
    "spiking": [{"gnabar_hh.somatic": 0.16, "gnabar_hh.apical": 0.012, "length": 120, "cm_all": 1.1, "target": 28},
                {"gnabar_hh.somatic": 0.06, "gnabar_hh.apical": 0.003, "length": 300, "cm_all": 0.9, "target": 15}],
    "synapses": [{"gnabar_hh.somatic": 0.16, "gkbar_hh.somatic": 0.04, "tau.syn": 1.8, "rate": 9, "strength": 0.03, "late": 7.5, "length": 40},
                 {"gnabar_hh.somatic": 0.12, "gkbar_hh.somatic": 0.03, "tau.syn": 0.9, "rate": 5, "strength": 0.05, "late": 2, "length": 58}],
}
DEFAULT_PARAMS = [{"gnabar_hh.somatic": 0.16, "gkbar_hh.somatic": 0.04}]


def cases(stochkv):
    result = {
        "spiking": spiking(),
        "axon": small({"replace_axon": True}),
        "long_axon": small({"replace_axon": True, "nseg_frequency": 20, "axon_stub_length": 130, "axon_nseg_frequency": 25}),
        "axon_twice": small({"replace_axon": True, "axon_stub_length": 40, "morph_modifiers": ["replace_axon"]}),
        "axon_arguments": small({"morph_modifiers": ["replace_axon"],
                                 "morph_modifiers_kwargs": {"axon_stub_length": 90, "axon_nseg_frequency": 15}}),
        "one_segment": small({"do_set_nseg": False}),
        "synapses": synapses(),
    }
    if stochkv:
        folder = pathlib.Path(stochkv)
        result["noise"] = stochastic("StochKv", folder, evaluation={"gid": 7}, calm=True)
        result["noise3"] = stochastic("StochKv3", folder, g=0.05, calm=True, evaluation={"random123_globalindex": 5, "gid": 3})
        result["no_noise"] = stochastic("StochKv3", folder, g=0.05, deterministic=True)
        result["seed"] = stochastic("StochKv", folder, evaluation={"use_params_for_seed": True})
    return result


# --- the two sides ------------------------------------------------------------------------------------------------------------


def neuron_child(arguments):
    if arguments.mechanisms:
        import neuron

        neuron.load_mechanisms(arguments.mechanisms)
    folder = pathlib.Path(arguments.work)
    cell = json.loads((folder / "cell.json").read_text())
    sets = json.loads((folder / "sets.json").read_text())
    reference = bluepyopt_reference.Reference(cell, folder)
    print(json.dumps([reference.evaluate(params) for params in sets]))


def run_neuron(folder, mechanisms):
    command = [sys.executable, __file__, "--neuron-child", "--work", str(folder)]
    done = subprocess.run(command + (["--mechanisms", mechanisms] if mechanisms else []), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"NEURON, {folder.name}: {done.stderr[-3000:]}")
    return json.loads(done.stdout.splitlines()[-1])


def check_noise(name, cell, traces, report):
    """The comparison is worth something: noise moves the voltage, and only where it was asked for."""
    if not cell["protocols"].get("calm", {}).get("deterministic"):
        return
    moved = largest(traces["step.soma.v"], traces["calm.soma.v"])
    report.check(moved > 0.01, f"{name}: noise moves the soma by up to {moved:.2g} mV")


def spikes(values):
    return [k for k in range(1, len(values)) if values[k - 1] < -20 <= values[k]]


def first_spike(ours, theirs, dt=0.025):
    found = spikes(ours)[:1] + spikes(theirs)[:1]
    return max(0, min(found, default=len(ours)) - (round(2 / dt) if found else 0))


def largest(a, b):
    return max((abs(x - y) if math.isfinite(x - y) else math.inf for x, y in zip(a, b)), default=0.0)


def compare_traces(label, ours, theirs, tolerance, strict, report):
    before, after, counts_agree, worst = 0.0, 0.0, True, ""
    for name, values in theirs.items():
        mine = ours[name][1] if name in ours else None
        if values is None or mine is None or len(values) != len(mine):
            counts_agree &= values is None and mine is None
            continue
        end = first_spike(mine, values)
        size = largest(mine[:end], values[:end])
        if size > before:
            before, worst = size, name
        after = max(after, largest(mine, values))
        counts_agree &= len(spikes(mine)) == len(spikes(values))
    passed = before <= tolerance and counts_agree and (not strict or after <= AFTER_SPIKES_MV)
    report.check(passed, f"{label}: {before:.1e} mV before the first spike {worst}, {after:.1e} in all, spikes and missing traces "
                         f"{'agree' if counts_agree else 'DIFFER'}")


def compare_scores(label, ours, theirs, report):
    same = list(ours) == list(theirs)
    size = largest([ours.get(k, math.nan) for k in theirs], theirs.values())
    report.check(same and size <= SCORE_TOLERANCE, f"{label}: {len(theirs)} objectives, {size:.1e} apart" + ("" if same else ", other names"))


def compare(program, name, cell, arguments, report):
    folder = pathlib.Path(arguments.work) / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    sets = PARAMS.get(name, DEFAULT_PARAMS)
    (folder / "cell.swc").write_text(SWC)
    (folder / "cell.json").write_text(json.dumps(cell, indent=1))
    (folder / "sets.json").write_text(json.dumps(sets))
    theirs = run_neuron(folder, arguments.mechanisms if "directories" in cell["mechanisms"] else "")
    told = program.run_json("evaluate", folder / "cell.json", "--params", folder / "sets.json", "--numeric", "strict", "--step", "fixed")
    for k, params in enumerate(sets):
        scores, traces = theirs[k]
        for numeric, tolerance in TOLERANCE_MV.items():
            ours = program.simulate(folder / "cell.json", params, folder / f"{numeric}{k}", "--numeric", numeric, "--step", "fixed")
            compare_traces(f"{name} {k}, {numeric}", ours, traces, tolerance, numeric == "strict", report)
        compare_scores(f"{name} {k}", told[k]["objectives"], scores, report)
        check_noise(name, cell, traces, report)
        none = {recording for recording, response in told[k]["responses"].items() if response is None}
        report.check(none == {n for n, v in traces.items() if v is None}, f"{name} {k}: recordings without response: {sorted(none)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--stochkv", help="the folder of StochKv.mod and StochKv3.mod; without it they are left out")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built them")
    parser.add_argument("--work", help="a folder for cell files and traces")
    parser.add_argument("--only", help="cases, separated by commas; default: all")
    parser.add_argument("--neuron-child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child(arguments)
    report = cellwright_program.Report()
    for name, cell in cases(arguments.stochkv).items():
        if not arguments.only or name in arguments.only.split(","):
            compare(cellwright_program.Program(arguments.program), name, cell, arguments, report)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
