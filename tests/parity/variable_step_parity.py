#!/usr/bin/env python3
"""The variable step against NEURON's CVODE with atol 1e-8, on small models of every kind: the cases of engine_parity.py (stimuli,
synapses, thresholds, WATCH, pointers, artificial cells) and the mechanisms of tests/parity/mechanisms (KINETIC, coupled states,
concentrations, GHK currents, ...), each alone in a compartment with a train of current steps.

Error: the mean distance of a recording from NEURON's, at NEURON's times, over the recording's largest magnitude. Required: it is
at most 1e-2 at atol 1e-5 and 1e-4 at atol 1e-7, and the smaller tolerance gives the smaller error, down to 2e-5. In single
precision it is at most 1e-2 at atol 1e-5.
"""

import argparse
import json
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))

import cellwright_program  # noqa: E402
import engine_parity  # noqa: E402
import mechanism_parity  # noqa: E402

NEURON_ATOL = 1e-8
LARGEST = {"fast": {1e-5: 1e-2, 1e-7: 1e-4}, "float": {1e-5: 1e-2}}
FLOOR = 2e-5  # where interpolation between output points and NEURON's own error decide
MOST_TIMES = 4000
# CVODE gives up on the one (its corrector does not converge) and refuses the other.
NOT_IN_CVODE = ["calcium_pool", "equations"]
FIXED_STEP_ONLY = {"hinted_conductance": "it changes 'n' after each step, in 'advance'"}
JUMP_MS = 5e-3
# A difference of two fluxes of 2e-6 mM/ms, from states that may have an error of 1e-5 mM each. In double the states' sum, which is conserved,
# drifts by 5e-9 mM; in float by 2e-6: while steps grow, a formula multiplies rounding in each of them, up to what the error test sees.
NOT_IN_FLOAT = {"kinetic_calcium": {"pumped_kinetic_calcium"}}


def frequent_events():
    """1,000 events a second, at random times, into three kinds of synapse of a cell that spikes."""
    cell = engine_parity.cases()["synapse_train"]
    cell["mechanisms"]["insert"] = engine_parity.SPIKING
    train = engine_parity.netstim(["exp", "two", "tm"], 60, interval=3, number=1000, start=1, noise=1, weight=0.0005)
    cell["protocols"]["p"]["stimuli"] = [train, engine_parity.pulse(5, 50, 0.2, 60)]
    return cell


def cases():
    return {**engine_parity.cases(), "frequent_events": frequent_events()}


def engine_case(name):
    """The case with thresholds that v does not merely touch: whether it does depends on the last microvolt."""
    cell = cases()[name]
    for connection in cell["mechanisms"].get("connections", []):
        if connection.get("threshold") == -50:
            connection["threshold"] = -54
    return cell


# --- NEURON, in a process of its own for each case ------------------------------------------------------------------------------


def neuron_case(name, folder):
    """recording -> (times, values)"""

    import bluepyopt_reference

    reference = bluepyopt_reference.Reference(engine_case(name), folder)
    reference.sim = reference.ephys.simulators.NrnSimulator(dt=None, cvode_active=True)
    reference.sim.cvode.atol(NEURON_ATOL)
    reference.sim.cvode.condition_order(2)  # finds the time of a threshold inside a step
    protocol = reference.protocol("p")
    protocol.cvode_active = True
    responses = protocol.run(reference.model(), {}, sim=reference.sim, isolate=False)
    return {n: None if r is None else (list(r["time"]), list(r["voltage"])) for n, r in responses.items()}


def neuron_mechanism(info):
    import neuron

    h = neuron.h
    h.load_file("stdrun.hoc")
    section = h.Section(name="soma")
    section.pt3dadd(0, 0, 0, 20), section.pt3dadd(10, 0, 0, 20), section.pt3dadd(20, 0, 0, 20)
    section.insert("pas")
    section.insert(info["suffix"])
    e_pas, section.g_pas, total, pulses = mechanism_parity.runs()["train"]
    section.e_pas = e_pas
    h.celsius, h.v_init = mechanism_parity.CELSIUS, e_pas
    clamps = []
    for delay, duration, amplitude in pulses:
        clamps.append(h.IClamp(section(0.5)))
        clamps[-1].delay, clamps[-1].dur, clamps[-1].amp = delay, duration, amplitude
    time = h.Vector().record(h._ref_t)
    variables = mechanism_parity.recorded_variables(info)
    vectors = {v: h.Vector().record(getattr(section(0.5), f"_ref_{v}")) for v in variables}
    h.cvode_active(1)
    h.CVode().atol(NEURON_ATOL)
    h.tstop = total
    h.run()
    return {v: (list(time), list(vector)) for v, vector in vectors.items()}


def neuron_child():
    question = json.load(sys.stdin)
    import neuron

    neuron.load_mechanisms(question["build"])
    if "info" in question:
        answer = neuron_mechanism(question["info"])
    else:
        answer = neuron_case(question["case"], question["folder"])
    print(json.dumps(answer))


def ask_neuron(**question):
    done = subprocess.run([sys.executable, __file__, "--neuron-child"], input=json.dumps(question), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"NEURON: {done.stderr[-2000:]}")
    return json.loads(done.stdout.splitlines()[-1])


# --- comparison -----------------------------------------------------------------------------------------------------------------


def error_of(ours, theirs):
    import numpy

    times, values = map(numpy.asarray, theirs)
    size = numpy.abs(values).max() or 1.0
    # At a jump both have two values at one time, and which is compared with which is chance.
    jumps = numpy.concatenate([t[1:][numpy.diff(t) <= 0] for t in (times, numpy.asarray(ours[0]))] + [[-1.0]])
    jumps.sort()
    after = numpy.minimum(numpy.searchsorted(jumps, times), len(jumps) - 1)
    smooth = numpy.minimum(abs(times - jumps[after]), abs(times - jumps[after - 1])) > JUMP_MS
    chosen = numpy.flatnonzero(smooth)[:: max(1, len(times) // MOST_TIMES)]
    return float(numpy.abs(numpy.interp(times[chosen], *ours) - values[chosen]).mean() / size)


def compare(report, label, simulate, theirs):
    """`simulate(numeric, atol)`: recording -> (times, values)"""
    for numeric, largest in LARGEST.items():
        left_out = NOT_IN_FLOAT.get(label, set()) if numeric == "float" else set()
        errors = {}
        for atol in largest:
            ours = simulate(numeric, atol)
            errors[atol] = max((error_of(ours[n], trace), n) for n, trace in theirs.items() if trace is not None and n not in left_out)
        coarse, fine = max(errors.items())[1][0], min(errors.items())[1][0]
        converges = len(errors) == 1 or fine < coarse or fine < FLOOR
        passed = converges and all(error <= largest[atol] for atol, (error, _) in errors.items())
        told = ", ".join(f"{e:.1e} at atol {atol:g} ({n})" for atol, (e, n) in errors.items())
        report.check(passed, f"{label}, {numeric}: {told}")


def compare_case(program, name, arguments, report):
    folder = pathlib.Path(arguments.work) / name
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "cell.swc").write_text(engine_parity.SWC)
    (folder / "cell.json").write_text(json.dumps(engine_case(name), indent=1))
    theirs = ask_neuron(case=name, folder=str(folder), build=arguments.processes)

    def simulate(numeric, atol):
        options = ("--step", "variable", "--atol", atol, "--numeric", numeric)
        return program.simulate(folder / "cell.json", {}, folder / f"{numeric}_{atol:g}", *options)

    compare(report, name, simulate, theirs)


def compare_mechanism(program, mod, arguments, report):
    folder = pathlib.Path(arguments.work) / mod.stem
    info = program.run_json("nmodl", mod)
    info = info[0] if isinstance(info, list) else info
    theirs = ask_neuron(info=info, build=arguments.mechanisms)
    variables = mechanism_parity.recorded_variables(info)
    cell = mechanism_parity.cell_file(folder, info, mod.parent, variables, *mechanism_parity.runs()["train"])

    def simulate(numeric, atol):
        options = ("--step", "variable", "--atol", atol, "--numeric", numeric)
        traces = program.simulate(cell, {}, folder / f"{numeric}_{atol:g}", *options)
        return {v: traces["p.soma.v" if v == "v" else f"p.r{k}.{v}"] for k, v in enumerate(variables)}

    compare(report, mod.stem, simulate, theirs)


def check_refusal(program, name, mods, arguments, report):
    folder = pathlib.Path(arguments.work) / name
    if name in mods:
        info = program.run_json("nmodl", mods[name])
        info = info[0] if isinstance(info, list) else info
        cell = mechanism_parity.cell_file(folder, info, mods[name].parent, ["v"], *mechanism_parity.runs()["train"])
    else:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "cell.swc").write_text(engine_parity.SWC)
        cell = folder / "cell.json"
        cell.write_text(json.dumps(engine_case(name)))
    try:
        program.simulate(cell, {}, folder, "--step", "variable")
        said = "nothing"
    except RuntimeError as error:
        said = str(error)
    report.check("model-fixed-step" in said and FIXED_STEP_ONLY[name] in said, f"{name} is refused")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--processes", help="the folder in which nrnivmodl built point_processes")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built mechanisms")
    parser.add_argument("--work", help="a folder for cell files and traces")
    parser.add_argument("--only", help="cases and mod files, separated by commas; default: all")
    parser.add_argument("--neuron-child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child()
    program = cellwright_program.Program(arguments.program)
    report = cellwright_program.Report()
    mods = {mod.stem: mod for mod in sorted((HERE / "mechanisms").glob("*.mod"))}
    everything = [name for name in [*cases(), *mods] if name not in NOT_IN_CVODE]
    wanted = arguments.only.split(",") if arguments.only else everything
    for name in wanted:
        try:
            if name in FIXED_STEP_ONLY:
                check_refusal(program, name, mods, arguments, report)
            elif name in mods:
                compare_mechanism(program, mods[name], arguments, report)
            else:
                compare_case(program, name, arguments, report)
        except RuntimeError as error:
            report.check(False, f"{name}: {error}")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
