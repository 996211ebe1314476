#!/usr/bin/env python3
"""Runs every command with good and bad input and compares exit status, stdout and stderr with golden/*.txt.

With --update the golden files are written anew (look at the difference before you commit it).
"""

import argparse
import difflib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
COMMANDS = "optimise evaluate simulate verify report features check morphology nmodl export slurm schema doctor".split()
TOY = ["--offspring", "4", "--generations", "3", "--threads", "1", "--out", "run"]
WINDOW = ["--stim-start", "10", "--stim-end", "50"]
PARAMS = ["--params", "params.json"]

# name: (arguments, what is masked: "" nothing, "numbers" every number but small whole ones, "program" its path,
# "machine" the second column; stdin)
CASES = {
    "help": (["--help"], ""),
    **{f"help_{c}": ([c, "--help"], "") for c in COMMANDS},
    "version": (["--version"], "numbers"),
    "no_command": ([], ""),
    "unknown_command": (["optmise", "cell.json"], ""),
    "unknown_command_far": (["xyzzy"], ""),
    "unknown_option": (["optimise", "cell.json", "--sed", "1"], ""),
    "unknown_short_option": (["optimise", "cell.json", "-x"], ""),
    "missing_argument": (["optimise"], ""),
    "missing_value": (["optimise", "cell.json", "--eta"], ""),
    "extra_argument": (["check", "cell.json", "other.json"], ""),
    "wrong_number": (["optimise", "cell.json", "--mutpb", "2"], ""),
    "wrong_integer": (["optimise", "cell.json", "--offspring", "many"], ""),
    "wrong_choice": (["optimise", "cell.json", "--algorithm", "cma"], ""),
    "optimise": (["optimise", "cell.json", *TOY], "numbers"),
    "optimise_used_folder": (["optimise", "cell.json", *TOY], ""),
    "optimise_finished": (["optimize", "cell.json", *TOY, "--resume"], "numbers"),
    "optimise_other_seed": (["optimise", "cell.json", *TOY, "--resume", "--seed", "2"], ""),
    "optimise_quiet": (["optimise", "cell.json", "--generations", "1", "--offspring", "2", "--out", "quiet", "-q"], ""),
    "evaluate_variable_step": (["evaluate", "cell.json", *PARAMS, "--step", "variable", "--atol", "1e-4"], "numbers"),
    "evaluate_dt": (["evaluate", "cell.json", *PARAMS, "--dt", "0.1", "--json"], "numbers"),
    "evaluate_fixed_step": (["evaluate", "cell.json", *PARAMS, "--step", "fixed", "--json"], "numbers"),
    "evaluate_dt_and_atol": (["evaluate", "cell.json", *PARAMS, "--dt", "0.1", "--atol", "1e-4"], ""),
    "evaluate_variable_step_dt": (["evaluate", "cell.json", *PARAMS, "--step", "variable", "--dt", "0.1"], ""),
    "optimise_neuron": (["optimise", "cell.json", "--engine", "neuron"], ""),
    "optimise_missing_file": (["optimise", "absent.json"], ""),
    "evaluate": (["evaluate", "cell.json", *PARAMS], "numbers"),
    "evaluate_json": (["evaluate", "cell.json", *PARAMS, "--json"], "numbers"),
    "evaluate_list": (["evaluate", "cell.json", "--params", "params_list.json", "--json"], "numbers"),
    "evaluate_bad_params": (["evaluate", "cell.json", "--params", "bad_params.json"], ""),
    "evaluate_no_params": (["evaluate", "cell.json"], ""),
    "simulate": (["simulate", "cell.json", *PARAMS, "--out", "traces"], ""),
    "simulate_fixed": (["simulate", "cell.json", *PARAMS, "--out", "fixed", "--step", "fixed"], ""),
    "simulate_sampled": (["simulate", "cell.json", *PARAMS, "--out", "sampled", "--sample", "0.5", "-q"], ""),
    "simulate_list": (["simulate", "cell.json", "--params", "params_list.json", "--out", "traces"], ""),
    "simulate_into_a_file": (["simulate", "cell.json", *PARAMS, "--out", "cell.json"], ""),
    "optimise_asynchronous": (["optimise", "cell.json", *TOY[:-1], "steady", "--asynchronous", "--schedule", "in-order"], "numbers"),
    "optimise_in_flight": (["optimise", "cell.json", *TOY[:-1], "steady", "--in-flight", "3"], ""),
    "optimise_asynchronous_cma": (["optimise", "cell.json", *TOY[:-1], "other", "--asynchronous", "--algorithm", "cmasop"], ""),
    "optimise_schedule_without_number": (["optimise", "cell.json", *TOY[:-1], "other", "--asynchronous", "--schedule", "trace.csv"], ""),
    "optimise_bad_schedule": (["optimise", "cell.json", *TOY[:-1], "other", "--asynchronous", "--schedule", "trace.csv", "--in-flight",
                               "2"], ""),
    "slurm": (["slurm", "cell.json", "--nodes", "4", "--time", "8:00:00", "--", "--offspring", "1000", "--generations", "200"], "program"),
    "slurm_mpirun": (["slurm", "my cell.json", "--launcher", "mpirun", "--cpus-per-rank", "16", "--ranks-per-node", "2", "--partition",
                      "long", "--account", "lab", "--mem", "64G", "--out", "it's here"], "program"),
    "slurm_bad_time": (["slurm", "cell.json", "--time", "8h"], ""),
    "slurm_out": (["slurm", "cell.json", "--", "--out", "x"], ""),
    "external_optimise": (["optimise", "problem.json", *TOY[:-1], "external"], ""),
    "external_optimise_finished": (["optimise", "problem.json", *TOY[:-1], "external", "--resume"], ""),
    "external_evaluate": (["evaluate", "problem.json", "--params", "problem_params.json"], ""),
    "external_evaluate_json": (["evaluate", "problem.json", "--params", "problem_params.json", "--json"], "numbers"),
    "external_strict": (["evaluate", "problem.json", "--params", "problem_params.json", "--strict"], ""),
    "external_bad_params": (["evaluate", "problem.json", "--params", "params.json"], ""),
    "external_dead": (["optimise", "dead_problem.json", "--offspring", "5", *TOY[2:-1], "dead"], ""),
    "external_check": (["check", "problem.json"], ""),
    "external_check_bad": (["check", "bad_problem.json"], ""),
    "external_step": (["check", "problem.json", "--step", "fixed"], ""),
    "external_simulate": (["simulate", "problem.json", "--params", "problem_params.json", "--out", "x"], ""),
    "report": (["report", "run"], ""),
    "report_external": (["report", "external", "-q"], ""),
    "report_moved": (["report", "moved_run"], ""),
    "report_moved_cell": (["report", "moved_run", "--cell", "cell.json"], ""),
    "report_no_run": (["report", "traces"], ""),
    "report_no_folder": (["report", "absent"], ""),
    "features": (["features", "trace.csv", *WINDOW, "--feature", "Spikecount", "--feature", "peak_time", "--feature", "burst_number"], ""),
    "features_json": (["features", "trace.csv", "flat.json", "--stim-start", "1", "--stim-end", "2.5", "--feature", "peak_voltage",
                       "--feature", "voltage_base", "--json"], ""),
    "features_stdin": (["features", "-", *WINDOW, "--feature", "peak_indices", "--json"], "", "trace.csv"),
    "features_list": (["features", "--list"], ""),
    "features_list_of_traces": (["features", "traces.json", "--feature", "peak_voltage", "--feature", "ohmic_input_resistance"], ""),
    "features_json_decreasing_time": (["features", "decreasing.json", *WINDOW], ""),
    "features_setting": (["features", "trace.csv", *WINDOW, "--feature", "Spikecount", "--setting", "Threshold=40"], ""),
    "features_bad_setting": (["features", "trace.csv", *WINDOW, "--setting", "Treshold=40"], ""),
    "features_unknown": (["features", "trace.csv", *WINDOW, "--feature", "Spikecont"], ""),
    "features_bad_trace": (["features", "bad_trace.csv", *WINDOW], ""),
    "features_no_window": (["features", "trace.csv"], ""),
    "features_empty_window": (["features", "trace.csv", "--stim-start", "5", "--stim-end", "5", "--feature", "Spikecount"], ""),
    "check": (["check", "cell.json"], ""),
    "check_bad": (["check", "bad_cell.json"], ""),
    "check_rich": (["check", "rich_cell.json"], ""),
    "check_bad_rich": (["check", "bad_rich_cell.json"], ""),
    "evaluate_rich": (["evaluate", "rich_cell.json", "--params", "rich_params.json"], "numbers"),
    "evaluate_rich_json": (["evaluate", "rich_cell.json", "--params", "rich_params.json", "--json"], "numbers"),
    "evaluate_strict": (["evaluate", "rich_cell.json", "--params", "rich_params.json", "--strict", "-q"], "numbers"),
    "optimise_rich": (["optimise", "rich_cell.json", *TOY[:-1], "rich"], "numbers"),
    "simulate_rich": (["simulate", "rich_cell.json", "--params", "rich_params.json", "--out", "rich_traces", "--strict"], ""),
    "simulate_below_a_file": (["simulate", "cell.json", *PARAMS, "--out", "cell.json/traces"], ""),
    "check_unknown_mechanism": (["check", "unknown_mechanism.json"], ""),
    "check_broken_morphology": (["check", "broken_morphology.json"], ""),
    "check_missing_morphology": (["check", "missing_morphology.json"], ""),
    "check_warnings": (["check", "warnings.json"], ""),
    "verify_without_neuron": (["verify", "cell.json", *PARAMS], ""),
    "verify_bad_params": (["verify", "cell.json", "--params", "bad_params.json"], ""),
    "verify_list": (["verify", "cell.json", "--params", "params_list.json"], ""),
    "morphology": (["morphology", "soma.swc"], ""),
    "morphology_json": (["morphology", "soma.swc", "--replace-axon", "--nseg-frequency", "off", "--json"], ""),
    "morphology_bad": (["morphology", "bad.swc"], ""),
    "morphology_missing": (["morphology", "absent.asc"], ""),
    "morphology_bad_frequency": (["morphology", "soma.swc", "--nseg-frequency", "0"], ""),
    "help_export_hoc": (["export", "hoc", "--help"], ""),
    "export_unknown": (["export", "hox"], ""),
    "export_hoc": (["export", "hoc", "cell.json", *PARAMS, "--no-banner"], ""),
    "export_hoc_template": (["export", "hoc", "cell.json", *PARAMS, "--template", "template.hoc", "--no-banner", "--ignore-global",
                             "celsius"], ""),
    "export_hoc_bad_template": (["export", "hoc", "cell.json", *PARAMS, "--template", "bad_template.hoc"], ""),
    "export_hoc_bad_global": (["export", "hoc", "cell.json", *PARAMS, "--ignore-global", "v_int"], ""),
    "export_hoc_list": (["export", "hoc", "cell.json", "--params", "params_list.json"], ""),
    "nmodl": (["nmodl", "leak.mod"], ""),
    "nmodl_json": (["nmodl", "leak.mod", "broken.mod", "--json"], ""),
    "nmodl_bad": (["nmodl", "broken.mod"], ""),
    "nmodl_missing": (["nmodl", "absent.mod", "leak.mod", "-q"], ""),
    "schema_extra": (["schema", "cell.json"], ""),
    "doctor": (["doctor"], "machine"),
    "doctor_extra": (["doctor", "cell.json"], ""),
    "export_hoc_connections": (["export", "hoc", "connected_cell.json", "--params", "connected_params.json"], ""),
    "report_extra": (["report", "run", "external"], ""),
}


def mask(text, kind):
    text = re.sub(r"[\d.]+(e[-+]?\d+)? evaluations/s, \d+:\d+ left", "# evaluations/s, # left", text)
    if kind == "program":
        text = re.sub(r"(?m)^cellwright=.*$", "cellwright=PROGRAM", text)
    if kind == "machine":
        text = re.sub(r"(?m)^(  \S+(?: \S+)*)  .*$", r"\1  #", text)
    if kind == "numbers":
        text = re.sub(r"-?\d+\.\d+(\.\d+)?(e[-+]?\d+)?|-?\d+e[-+]?\d+", "#", text)
        text = re.sub(r"[ \t]+", " ", text)  # columns follow the numbers' widths
        text = re.sub(r"best [\d.e+-]+,", "best #,", text)
        text = re.sub(r"Found in generation \d+", "Found in generation #", text)
    return text


def move_run_away(folder):
    """A run directory whose cell file is gone."""
    shutil.copytree(folder / "run", folder / "moved_run")
    info = json.loads((folder / "moved_run/run.json").read_text())
    info["problem"].update(file="/nowhere/cell.json", file_from_here="../nowhere.json")
    (folder / "moved_run/run.json").write_text(json.dumps(info))


def run_case(program, folder, name):
    arguments, kind, *rest = CASES[name]
    stdin = (folder / rest[0]).read_text() if rest else ""
    if name == "report_moved":
        move_run_away(folder)
    without_neuron = dict(os.environ, CELLWRIGHT_NEURON="/no/such/python")  # what depends on NEURON is in tests/parity
    done = subprocess.run([program, *arguments], cwd=folder, input=stdin, capture_output=True, text=True, timeout=120, env=without_neuron)
    if "--json" in arguments and done.stdout:
        json.loads(done.stdout)
    return (f"{' '.join(['$ cellwright', *arguments])}\nexit {done.returncode}\n"
            f"--- stdout\n{mask(done.stdout, kind)}--- stderr\n{mask(done.stderr, kind)}")


def check_files(folder):
    """What the golden texts do not show: the files that the commands wrote."""
    trace = (folder / "fixed/step.soma.v.csv").read_text().splitlines()
    assert trace[0] == "time,voltage" and trace[1] == "0,-65" and len(trace) == 1602, trace[:2]
    trace = (folder / "traces/step.soma.v.csv").read_text().splitlines()
    times = [float(line.split(",")[0]) for line in trace[1:]]
    assert trace[0] == "time,voltage" and trace[1] == "0,-65" and times[-1] == 40, trace[:2]
    assert len({round(after - before, 6) for before, after in zip(times, times[1:])}) > 100, "variable steps"
    assert (folder / "traces/step.middle.m_hh.csv").exists()
    sampled = [float(line.split(",")[0]) for line in (folder / "sampled/step.soma.v.csv").read_text().splitlines()[1:]]
    assert sampled == [0.5 * k for k in range(81)], sampled
    best = json.loads((folder / "run/best_params.json").read_text())
    hall = json.loads((folder / "run/hall_of_fame.json").read_text())
    assert "I cannot work" in (folder / "dead/worker-1.log").read_text()
    assert (folder / "external/worker-1.log").exists() and (folder / "external/worker-2.log").exists()
    plots = {"run": ["convergence", "morphology", "objectives", "parameters", "traces_quiet", "traces_step"],
             "external": ["convergence", "objectives", "parameters"]}
    for name, expected in plots.items():
        assert "</html>" in (folder / name / "report.html").read_text()
        found = sorted(file.stem for file in (folder / name / "plots").glob("*.svg"))
        assert found == expected, found
    assert best == hall[0]["params"] and [h["sum"] for h in hall] == sorted(h["sum"] for h in hall)


def check_schema(program):
    schema = json.loads(subprocess.run([program, "schema"], capture_output=True, text=True, check=True).stdout)
    assert schema["properties"]["parameters"] and schema["$defs"]["parameter"]["properties"]["bounds"]
    problem = json.loads(subprocess.run([program, "schema", "--problem"], capture_output=True, text=True, check=True).stdout)
    assert problem["$defs"]["evaluator"]["required"] == ["command"], problem


def check_doctor(program):
    done = subprocess.run([program, "doctor"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    rows = [line.strip().split("  ")[0] for line in done.stdout.splitlines()]
    assert rows == ["version", "instruction set", "threads", "compiler", "cache", "compiled before", "compilation", "MPI", "NEURON"], rows


def check_colour(program):
    """No colour where there is no terminal."""
    done = subprocess.run([program, "nonsense"], capture_output=True)
    assert b"\x1b" not in done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--update", action="store_true")
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    folder = pathlib.Path(arguments.work)
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "data", folder)
    failures = 0
    for name in CASES:
        golden = HERE / "golden" / f"{name}.txt"
        actual = run_case(program, folder, name)
        if arguments.update:
            golden.write_text(actual)
            continue
        expected = golden.read_text() if golden.exists() else ""
        if actual != expected:
            failures += 1
            sys.stdout.writelines(difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), str(golden), "now"))
    stale = {p.stem for p in (HERE / "golden").glob("*.txt")} - set(CASES)
    assert not stale, f"golden files without a case: {stale}"
    check_files(folder)
    check_schema(program)
    check_doctor(program)
    check_colour(program)
    print(f"{len(CASES) - failures} of {len(CASES)} cases as expected")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
