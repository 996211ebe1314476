#!/usr/bin/env python3
"""Features: cellwright against eFEL and BluePyOpt, on one pinned core, in one run.

(a) The 35 features of BluePyOpt's L5PC example on its six traces (release parameters, NEURON's variable step, simulated in
    this run): BluePyOpt's `calculate_scores`, one `efel.get_feature_values` call per trace, and cellwright.
(b) All features on 10 traces of 3 s at 0.1 ms: `efel.get_feature_values` with all names, and cellwright.

All sides count processor time, and of several runs the best: what else the machine does must not matter. In (a) the values
are compared, within 1e-9: a benchmark of different work would say nothing.

    build/venv/bin/python benchmarks/features_vs_efel.py --rate-program build/bench/benchmarks/features_rate
"""

import argparse
import collections
import contextlib
import datetime
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import numpy as np  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "tests/support"), str(HERE.parent / "tests/parity/features")]

import real_models  # noqa: E402
from machine import commit, machine  # noqa: E402

FLOORS = {"L5PC: over calculate_scores": 100, "all features: over eFEL": 30}


def best_time(run, repeats):
    """Processor seconds of the quickest of `repeats` runs, whose chatter is not shown."""
    best = float("inf")
    for _ in range(repeats):
        with contextlib.redirect_stdout(io.StringIO()):
            start = time.process_time()
            run()
            best = min(best, time.process_time() - start)
    return best


def cellwright(program, names, traces):
    """(seconds, [{feature: values}]) for traces as dicts: t, v, i or None, start, end, settings, names (optional)."""
    request = b""
    for trace in traces:
        header = {"n": len(trace["t"]), "current": trace["i"] is not None, "stim_start": trace["start"],
                  "stim_end": trace["end"], "settings": trace["settings"]}
        if "names" in trace:
            header["names"] = trace["names"]
        request += json.dumps(header).encode() + b"\n"
        for column in ("t", "v", "i"):
            if trace[column] is not None:
                request += np.ascontiguousarray(trace[column], dtype=float).tobytes()
    done = subprocess.run([program, names], input=request, capture_output=True, check=True)
    answer = json.loads(done.stdout)
    return answer["seconds"], answer["values"]


# ------------------------------------------------------------------------------------------------ (a) the L5PC

def l5pc_responses(cache, work):
    """BluePyOpt's evaluator of the L5PC and the responses to the release parameters, by NEURON's variable step."""
    example = real_models.fetch(cache, "bluepyopt") / "examples/l5pc"
    nrnivmodl = pathlib.Path(sys.executable).parent / "nrnivmodl"
    subprocess.run([nrnivmodl, example / "mechanisms"], cwd=work, check=True, capture_output=True)
    sys.path.insert(0, str(example))
    import bluepyopt.ephys as ephys
    import l5pc
    import l5pc_evaluator

    evaluator = l5pc_evaluator.create()
    evaluator.sim = ephys.simulators.NrnSimulator(mechanisms_directory=str(work))
    responses = evaluator.run_protocols(evaluator.fitness_protocols.values(), l5pc.release_parameters(example))
    return evaluator.fitness_calculator, responses


def l5pc_traces(calculator, responses):
    """One dict per trace, window and settings, with the names of the features that are wanted of it."""
    groups = collections.OrderedDict()
    for objective in calculator.objectives:
        (feature,) = objective.features
        settings = {**feature.double_settings, **feature.int_settings, **feature.string_settings} if any(
            (feature.double_settings, feature.int_settings, feature.string_settings)) else {}
        if feature.threshold is not None:
            settings["Threshold"] = feature.threshold
        if feature.interp_step is not None:
            settings["interp_step"] = feature.interp_step
        if feature.stimulus_current is not None:
            settings["stimulus_current"] = feature.stimulus_current
        recording = feature.recording_names[""]
        key = (recording, feature.stim_start, feature.stim_end, json.dumps(settings, sort_keys=True))
        if key not in groups:
            response = responses[recording]
            groups[key] = {"t": np.array(response["time"]), "v": np.array(response["voltage"]), "i": None,
                           "start": feature.stim_start, "end": feature.stim_end, "settings": settings, "names": [],
                           "objectives": []}
        groups[key]["names"].append(feature.efel_feature_name)
        groups[key]["objectives"].append(objective)
    return list(groups.values())


def check_values(traces, values, responses):
    """Every feature that BluePyOpt gets, to 1e-9."""
    count = 0
    for trace, ours in zip(traces, values):
        for objective in trace["objectives"]:
            (feature,) = objective.features
            theirs = feature.calculate_feature(responses)
            own = ours[feature.efel_feature_name]
            own = None if not own else float(np.mean(own))
            same = own is None and theirs is None or abs(own - theirs) <= 1e-9 * abs(theirs)
            if not same:
                raise SystemExit(f"{feature.name}: cellwright {own}, BluePyOpt {theirs}")
            count += 1
    return count


def efel_once_per_trace(traces):
    import efel

    for trace in traces:
        efel.reset()
        for name, value in trace["settings"].items():
            efel.set_setting(name, value)
        item = {"T": trace["t"], "V": trace["v"], "stim_start": [trace["start"]], "stim_end": [trace["end"]]}
        efel.get_feature_values([item], trace["names"], raise_warnings=False)


def measure_l5pc(program, cache, repeats):
    with tempfile.TemporaryDirectory() as work:
        calculator, responses = l5pc_responses(cache, work)
    traces = l5pc_traces(calculator, responses)
    requests = [{k: v for k, v in trace.items() if k != "objectives"} for trace in traces]
    ours, values = cellwright(program, "all", requests)
    features = check_values(traces, values, responses)
    scores = best_time(lambda: calculator.calculate_scores(responses), repeats)
    per_trace = best_time(lambda: efel_once_per_trace(traces), repeats)
    return {"features": features, "traces": len({trace["v"].tobytes() for trace in traces}), "requests": len(traces),
            "samples": [len(trace["t"]) for trace in traces],
            "cellwright_s": ours, "calculate_scores_s": scores, "get_feature_values_per_trace_s": per_trace}


# ------------------------------------------------------------------------------------------------ (b) all features

def long_traces():
    """10 point cells of random conductances and currents: 3 s at 0.1 ms."""
    import traces as parity_traces

    t, voltages, start, end, amplitude = parity_traces.simulate_cells(np.random.default_rng(7), 10, 3000.0, 0.025)
    t = np.arange(30001) * 0.1
    return [{"t": t, "v": np.ascontiguousarray(v[::4]), "i": np.where((t >= s) & (t < e), a, 0.0), "start": float(s), "end": float(e),
             "settings": {"stimulus_current": float(a)}} for v, s, e, a in zip(voltages, start, end, amplitude)]


def measure_all_features(program, repeats):
    import efel

    traces = long_traces()
    names = sorted(set(efel.get_feature_names()))
    efel.reset()
    seconds = []
    for trace in traces:
        item = {"T": trace["t"], "V": trace["v"], "I": trace["i"], "stim_start": [trace["start"]], "stim_end": [trace["end"]],
                "stimulus_current": [trace["settings"]["stimulus_current"]]}
        seconds.append(best_time(lambda: efel.get_feature_values([item], names, raise_warnings=False), repeats))
    ours, _ = cellwright(program, ",".join(names), traces)
    return {"features": len(names), "traces": len(traces), "cellwright_s": ours, "efel_s": sum(seconds)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True, help="the built benchmarks/features_rate")
    parser.add_argument("--real-models", default=HERE.parent / "build/real_models", help="where packages from PyPI are unpacked")
    parser.add_argument("--out", default="build/bench/features_vs_efel.json")
    parser.add_argument("--repeats", type=int, default=5, help="runs of the peers, of which the best counts (default 5)")
    arguments = parser.parse_args()

    core = min(os.sched_getaffinity(0))
    os.sched_setaffinity(0, {core})  # children inherit it
    l5pc_result = measure_l5pc(arguments.rate_program, arguments.real_models, arguments.repeats)
    all_result = measure_all_features(arguments.rate_program, arguments.repeats)
    ratios = {
        "L5PC: over calculate_scores": l5pc_result["calculate_scores_s"] / l5pc_result["cellwright_s"],
        "L5PC: over get_feature_values once per trace":
            l5pc_result["get_feature_values_per_trace_s"] / l5pc_result["cellwright_s"],
        "all features: over eFEL": all_result["efel_s"] / all_result["cellwright_s"],
    }
    print(f"{l5pc_result['features']} L5PC features, {l5pc_result['traces']} traces: cellwright {l5pc_result['cellwright_s'] * 1e3:.2f} ms, "
          f"calculate_scores {l5pc_result['calculate_scores_s'] * 1e3:.0f} ms, "
          f"get_feature_values once per trace {l5pc_result['get_feature_values_per_trace_s'] * 1e3:.0f} ms")
    print(f"all {all_result['features']} features, a trace of 3 s at 0.1 ms: cellwright "
          f"{all_result['cellwright_s'] / all_result['traces'] * 1e3:.2f} ms, eFEL {all_result['efel_s'] / all_result['traces'] * 1e3:.0f} ms")
    for name, ratio in ratios.items():
        floor = FLOORS.get(name)
        print(f"{name}: {ratio:.0f} times" + (f" (at least {floor} wanted)" if floor else ""))
    result = {
        "benchmark": "features_vs_efel", "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(), "pinned_core": core, "commit": commit(), "l5pc": l5pc_result, "all_features": all_result,
        "ratios": ratios, "wanted": FLOORS,
    }
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written: {out}")
    return 0 if all(ratios[name] >= floor for name, floor in FLOORS.items()) else 1


if __name__ == "__main__":
    sys.exit(main())
