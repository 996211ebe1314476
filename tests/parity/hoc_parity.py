#!/usr/bin/env python3
"""`cellwright export hoc`: NEURON loads the text with the mod files, runs the protocols, and gives the native engine's traces.

    hoc_parity.py --program CELLWRIGHT --cell CELL.json --params PARAMS.json --mechanisms BUILD --work FOLDER
    hoc_parity.py --program CELLWRIGHT --stochkv MODS --mechanisms BUILD --work FOLDER       noise, as cell_file_parity.py has it
    hoc_parity.py --program CELLWRIGHT --l5pc --models CACHE --mechanisms BUILD --work FOLDER       the L5PC example of BluePyOpt

Only protocols of square pulses at the soma are simulated; fixed step 0.025 ms, strict mode. What must agree: neuron_parity.compare.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cell_file_parity  # noqa: E402
import cellwright_program  # noqa: E402
import l5pc  # noqa: E402
import neuron_parity  # noqa: E402
import real_models  # noqa: E402

# A short protocol with spikes, and a quiet one.
L5PC_PROTOCOLS = {
    "spikes": {"stimuli": [{"delay": 5, "amp": 2.5, "duration": 40, "totduration": 60}]},
    "quiet": {"stimuli": [{"delay": 5, "amp": 0.1, "duration": 10, "totduration": 40}]},
}


def prepare_l5pc(models, work):
    example = real_models.fetch(models, "bluepyopt") / "examples/l5pc"
    cell = json.loads(l5pc.write_cell_file(example, work / "l5pc.json").read_text())
    cell.update(protocols=L5PC_PROTOCOLS, features={}, feature_settings=[])
    (work / "l5pc.json").write_text(json.dumps(cell, indent=1))
    release = l5pc.release_parameters(example)
    (work / "params.json").write_text(json.dumps({name: release[name] for name in l5pc.free_bounds(example)}))
    return work / "l5pc.json", work / "params.json"


def prepare_noise(name, cell, work):
    (work / "cell.swc").write_text(cell_file_parity.SWC)
    (work / "cell.json").write_text(json.dumps({"name": name, **cell}, indent=1))
    (work / "params.json").write_text(json.dumps(cell_file_parity.DEFAULT_PARAMS[0]))
    return work / "cell.json", work / "params.json"


def simulate_neuron(question):
    """In a process of its own: mechanisms and templates are loaded once for all in NEURON."""
    done = subprocess.run([sys.executable, __file__, "--child"], input=json.dumps(question), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"NEURON: {done.stdout}\n{done.stderr}")
    return json.loads(done.stdout.splitlines()[-1])


def child():
    question = json.load(sys.stdin)
    import neuron

    neuron.load_mechanisms(question["mechanisms"])
    h = neuron.h
    if not h.load_file(question["hoc"]):
        raise RuntimeError("the hoc text cannot be loaded")
    h.set_simulator()
    h.check_simulator()
    cell = getattr(h, question["name"])(question["folder"]).getCell()
    answer = {}
    for name, protocol in question["protocols"].items():
        clamps, duration = [], 0
        for pulse in protocol["stimuli"]:
            clamp = h.IClamp(cell.soma[0](0.5))
            clamp.delay, clamp.amp, clamp.dur = pulse["delay"], pulse["amp"], pulse["duration"]
            clamps.append(clamp)
            duration = max(duration, pulse["totduration"])
        time, voltage = h.Vector().record(h._ref_t), h.Vector().record(cell.soma[0](0.5)._ref_v)
        h.cvode_active(0)
        h.dt, h.steps_per_ms, h.tstop = neuron_parity.DT_MS, 1 / neuron_parity.DT_MS, duration
        h.run()
        answer[name] = [list(time), list(voltage)]
    print(json.dumps(answer))


def compare(program, cell_file, params_file, mechanisms, work, report, every_sample=False):
    """The exported hoc by NEURON against the program, sweeps that switch noise off left out: that is the simulation's."""
    program.run("export", "hoc", cell_file, "--params", params_file, "--out", work / "cell.hoc")
    config = json.loads(pathlib.Path(cell_file).read_text())
    protocols = {name: p for name, p in config["protocols"].items() if not p.get("deterministic")}
    theirs = simulate_neuron(
        {
            "mechanisms": mechanisms,
            "hoc": str(work / "cell.hoc"),
            "name": config["name"],
            "folder": str((pathlib.Path(cell_file).parent / config["morphology"]["file"]).resolve().parent),
            "protocols": protocols,
        }
    )
    params = json.loads(pathlib.Path(params_file).read_text())
    traces = program.simulate(cell_file, params, work / "native", "--numeric", "strict", "--step", "fixed", "--dt", neuron_parity.DT_MS)
    for name, trace in theirs.items():
        ours = traces[f"{name}.soma.v"]
        neuron_parity.compare(report, f"{config['name']}, {name}", ours, trace)
        if every_sample:  # noise goes on after the first spike
            apart = cell_file_parity.largest(ours[1], trace[1])
            report.check(apart <= cell_file_parity.AFTER_SPIKES_MV, f"{config['name']}, {name}: every sample, at most {apart:.1e} mV apart")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program")
    parser.add_argument("--cell")
    parser.add_argument("--params")
    parser.add_argument("--stochkv", help="the folder of StochKv.mod and StochKv3.mod")
    parser.add_argument("--l5pc", action="store_true")
    parser.add_argument("--models", help="the cache of real_models.py")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built the mechanisms")
    parser.add_argument("--work", help="a folder for the hoc text and traces")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.child:
        return child()
    program, report = cellwright_program.Program(arguments.program), cellwright_program.Report()
    work = pathlib.Path(arguments.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    if arguments.stochkv:
        for name in ("noise", "noise3", "no_noise"):
            (work / name).mkdir(exist_ok=True)
            files = prepare_noise(name, cell_file_parity.cases(arguments.stochkv)[name], work / name)
            compare(program, *files, arguments.mechanisms, work / name, report, every_sample=True)
    elif arguments.l5pc:
        compare(program, *prepare_l5pc(arguments.models, work), arguments.mechanisms, work, report)
    else:
        compare(program, arguments.cell, arguments.params, arguments.mechanisms, work, report)
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
