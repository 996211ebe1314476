#!/usr/bin/env python3
"""Every feature of every trace of traces.py under three sets of settings, by eFEL and by us.

    python features_parity.py DUMP_PROGRAM [--table FILE] [--only FEATURE ...] [--limit N]

eFEL runs in a child process with a time limit. Where it raises an error, hangs or crashes we are to give None, or an
answer that EXPLAINED accounts for. eFEL resamples the trace again for each feature of one request, which moves last
digits; a difference is therefore judged by a request of eFEL for that feature alone. Exit status 1 if anything differs.
"""

import argparse
import collections
import io
import json
import math
import os
import pathlib
import pickle
import select
import subprocess
import sys
import warnings

import numpy as np

import efel
from efel import cppcore

from traces import all_traces

TOLERANCE = 1e-9
# Results of iterative or least-squares fits, which two programs may round differently.
FITS = {
    "ISI_log_slope": 1e-6, "ISI_semilog_slope": 1e-6, "ISI_log_slope_skip": 1e-6, "time_constant": 1e-6,
    "activation_time_constant": 1e-6, "deactivation_time_constant": 1e-6, "inactivation_time_constant": 1e-6,
}
TIME_LIMIT_S = 6

# Where eFEL has a defect and we give a sane answer: (feature, verdict) -> what happens. docs/reference/efel-differences.md
# says more. Nothing else may differ.
ENDS = "eFEL reads behind its list of spike ends"
PEAKS = "eFEL reads behind its list of peaks"
LOOP = "eFEL's search for the begin of a spike at the trace's end never stops; without begins there is no block"
BEHIND = "the sag does not decay within the trace: eFEL reads the sample behind it"
SPREAD = "eFEL resamples an infinite sample again and again, and it spreads as NaN"
EXPLAINED = {
    ("AP_fall_indices", "lengths differ"): ENDS,
    ("AP_duration_half_width", "lengths differ"): ENDS,
    ("AP_duration_half_width_change", "lengths differ"): ENDS,
    ("AP_duration_half_width_change", "only eFEL has a value"): ENDS,
    ("AP_rise_time", "lengths differ"): PEAKS,
    ("AP_rise_rate", "lengths differ"): PEAKS,
    ("AP_rise_rate_change", "lengths differ"): PEAKS,
    ("depol_block", "eFEL hung"): LOOP,
    ("depol_block_bool", "eFEL hung"): LOOP,
    ("sag_time_constant", "only eFEL has a value"): BEHIND,
    ("initburst_sahp", "only we have a value"): SPREAD,
    ("initburst_sahp_vb", "only we have a value"): SPREAD,
    ("initburst_sahp_ssse", "only we have a value"): SPREAD,
}
# A slope of exactly regular intervals is zero but for rounding.
SLOPES = ("ISI_log_slope", "ISI_semilog_slope", "ISI_log_slope_skip")
SLOPE_OF_NOTHING = 1e-13

SETTINGS = {
    "defaults": {},
    "strict": {"strict_stiminterval": True, "Threshold": -30.0, "DerivativeThreshold": 20.0, "interp_step": 0.05,
               "ignore_first_ISI": False, "voltage_base_mode": "median", "current_base_mode": "median",
               "initial_perc": 0.3, "spike_skipf": 0.3, "rise_start_perc": 0.1, "rise_end_perc": 0.9,
               "strict_burst_factor": 1.5, "depol_block_min_duration": 20.0, "DownDerivativeThreshold": -20.0},
    "coarse": {"Threshold": 0.0, "interp_step": 0.25, "DerivativeThreshold": 5.0, "DerivativeWindow": 5,
               "burst_factor": 1.2, "voltage_base_start_perc": 0.2, "voltage_base_end_perc": 0.8, "sahp_start": 2.0,
               "max_spike_skip": 1, "initburst_freq_threshold": 20, "initburst_sahp_end": 60, "AP_phaseslope_range": 5,
               "inactivation_tc_end_skip": 3, "decay_start_after_stim": 2.0, "decay_end_after_stim": 30.0,
               "impedance_max_freq": 20.0},
}


# ------------------------------------------------------------------------------------------------------------ eFEL

NUMBERS_OF_THE_TRACE = ("stimulus_current",)
LISTS_OF_THE_TRACE = ("multi_stim_start", "multi_stim_end")


def efel_setup(trace, settings):
    efel.reset()
    for name, value in settings.items():
        efel.set_setting(name, value)
    cppcore.Clear()
    efel.api._initSettings()
    items = {"T": trace["t"], "V": trace["v"], "stim_start": [trace["start"]], "stim_end": [trace["end"]]}
    if trace["i"] is not None:
        items["I"] = trace["i"]
    for name, value in trace["extra"].items():
        items[name] = [float(x) for x in value.split(",")] if isinstance(value, str) else [value]
    for name, values in items.items():
        cppcore.setFeatureDouble(name, [float(x) for x in values])


def efel_feature(name):
    try:
        value = efel.api._get_feature(name)
    except BaseException as error:  # noqa: BLE001: whatever eFEL raises is its answer
        return ("raised", f"{type(error).__name__}: {error}")
    return ("none",) if value is None else ("values", np.array(value, dtype=float).tolist())


def serve():
    """The child's side: answers requests (trace, settings, names, alone) from standard input on standard output."""
    answers = os.fdopen(os.dup(1), "wb")
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # libraries print there
        os.dup2(devnull, stream)
    while True:
        try:
            trace, settings, names, alone = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        efel_setup(trace, settings)
        for name in names:
            if alone:
                efel_setup(trace, settings)
            pickle.dump((name, efel_feature(name)), answers)
            answers.flush()


def needing(feature):
    """Names of the features that eFEL computes from `feature`."""
    needs = {}
    for line in pathlib.Path(efel.get_dependency_file_location()).read_text().split("\n"):
        first, *others = [x.split(":")[-1].strip() for x in line.split("#")]
        needs[first] = others
    found = {feature}
    while new := {name for name, others in needs.items() if found & set(others)} - found:
        found |= new
    return found


class Efel:
    """eFEL in a child process, which is started anew whenever it crashes or takes too long for a feature."""

    def __init__(self):
        self.child = None
        self.on_spike_begins = needing("AP_begin_indices") | {"depol_block", "depol_block_bool"}

    def start(self):
        self.child = subprocess.Popen([sys.executable, __file__, "--serve"], stdin=subprocess.PIPE,
                                      stdout=subprocess.PIPE, env={**os.environ, "OPENBLAS_NUM_THREADS": "1"})
        self.buffer = b""

    def next_answer(self):
        """(name, answer), or (None, how the child ended)."""
        while True:
            stream = io.BytesIO(self.buffer)
            try:
                answer = pickle.load(stream)
                self.buffer = self.buffer[stream.tell():]
                return answer
            except (EOFError, pickle.UnpicklingError):
                pass
            ready, _, _ = select.select([self.child.stdout], [], [], TIME_LIMIT_S)
            data = os.read(self.child.stdout.fileno(), 1 << 20) if ready else b""
            if not data:
                self.child.kill()
                status = self.child.wait()
                self.child = None
                return None, ("crashed", f"signal {-status}") if ready else ("hung",)
            self.buffer += data

    def features(self, trace, settings, names, alone=False):
        """Each feature's answer: ("values", list), ("none",), ("raised", why), ("crashed", how) or ("hung",).

        @param alone each feature in a state of its own, otherwise all in one as eFEL does for one request."""
        answers = {}
        while rest := [name for name in names if name not in answers]:
            if self.child is None:
                self.start()
            pickle.dump((trace, settings, rest, alone), self.child.stdin)
            self.child.stdin.flush()
            for expected in rest:
                name, answer = self.next_answer()
                answers[expected] = answer
                if name is None:
                    # One endless loop of eFEL is in AP_begin_indices: do not wait for it in all that needs it.
                    if answer[0] == "hung" and expected in self.on_spike_begins:
                        answers.update({n: answer for n in rest if n in self.on_spike_begins})
                    break
        return answers


# ------------------------------------------------------------------------------------------------------------ ours

class Ours:
    def __init__(self, program):
        self.process = subprocess.Popen([program], stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def features(self, trace, settings):
        header = {"n": len(trace["t"]), "current": trace["i"] is not None, "stim_start": trace["start"],
                  "stim_end": trace["end"], "settings": {**settings, **trace["extra"]}}
        pipe = self.process.stdin
        pipe.write(json.dumps(header).encode() + b"\n")
        for name in ("t", "v", "i"):
            if trace[name] is not None:
                pipe.write(trace[name].tobytes())
        pipe.flush()
        return json.loads(self.process.stdout.readline())


# ------------------------------------------------------------------------------------------------------ comparison

def difference(a, b):
    """Relative difference of two numbers; NaN equals NaN."""
    if a == b or (math.isnan(a) and math.isnan(b)):
        return 0.0
    if not (math.isfinite(a) and math.isfinite(b)):
        return math.inf
    return abs(a - b) / max(abs(a), abs(b))


def compare(name, ours, theirs):
    """(verdict, worst difference); the verdict is "same" or says what differs."""
    kind = theirs[0]
    if kind in ("raised", "crashed", "hung"):
        return ("same", 0.0) if ours is None else (f"eFEL {kind}", 0.0)
    if kind == "none" or ours is None:
        return ("same", 0.0) if kind == "none" and ours is None else ("only eFEL has a value" if ours is None else "only we have a value", 0.0)
    values = theirs[1]
    if len(values) != len(ours):
        return "lengths differ", 0.0
    if name in SLOPES and all(abs(x) < SLOPE_OF_NOTHING for x in (*ours, *values)):
        return "same", 0.0
    worst = max(map(difference, ours, values), default=0.0)
    return ("same" if worst <= FITS.get(name, TOLERANCE) else "values differ"), worst


class Agreement:
    def __init__(self):
        self.compared = collections.Counter()
        self.with_values = collections.Counter()
        self.explained = collections.Counter()
        self.worst = collections.defaultdict(float)
        self.verdicts = collections.defaultdict(collections.Counter)
        self.examples = {}

    def add(self, name, verdict, worst, theirs, example):
        self.compared[name] += 1
        if theirs[0] == "values":
            self.with_values[name] += 1
        if (name, verdict) in EXPLAINED:
            self.explained[name] += 1
        elif verdict == "same":
            self.worst[name] = max(self.worst[name], worst)
        else:
            self.verdicts[name][verdict] += 1
            self.examples.setdefault((name, verdict), example)


def run(arguments):
    names = sorted(set(efel.get_feature_names()))
    ours_program = Ours(arguments.program)
    peer = Efel()
    agreement = Agreement()
    traces = list(all_traces(kinds=arguments.kinds))
    if arguments.limit:
        traces = traces[:: max(1, len(traces) // arguments.limit)]
    if arguments.trace:
        traces = [x for x in traces if arguments.trace in x["name"]]
    missing = set()
    for number, trace in enumerate(traces):
        for set_name, settings in SETTINGS.items():
            ours = ours_program.features(trace, settings)
            if "error" in ours:
                raise SystemExit(f"{trace['name']}: {ours['error']}")
            missing |= set(names) - set(ours)
            wanted = [n for n in names if n in ours and n not in arguments.without
                      and (not arguments.only or n in arguments.only)]
            theirs = peer.features(trace, settings, wanted)
            doubtful = [n for n in wanted if compare(n, ours[n], theirs[n])[0] != "same"]
            theirs.update(peer.features(trace, settings, doubtful, alone=True))
            for name in wanted:
                verdict, worst = compare(name, ours[name], theirs[name])
                agreement.add(name, verdict, worst, theirs[name],
                              (trace["name"], set_name, ours[name], theirs[name]))
        if sys.stderr.isatty() or number % 50 == 0:
            print(f"{number + 1} of {len(traces)} traces", file=sys.stderr)
    return len(traces), agreement, missing


def shorten(values):
    text = str(values)
    return text if len(text) < 160 else text[:160] + "..."


def write_table(path, count, agreement):
    """The table of agreement as Markdown."""
    lines = ["# Agreement with eFEL 5.7.34", "", "<!-- written by tests/parity/features/features_parity.py --table -->", "",
             f"{count} traces under {len(SETTINGS)} sets of settings. *Values* counts the results for which eFEL has values; "
             "in the others both have none. *Explained* counts defects of eFEL (efel-differences.md).", "",
             "| feature | compared | values | worst relative difference | explained | different |", "|---|---|---|---|---|---|"]
    for name in sorted(agreement.compared):
        different = sum(agreement.verdicts[name].values())
        lines.append(f"| `{name}` | {agreement.compared[name]} | {agreement.with_values[name]} | "
                     f"{agreement.worst[name]:.1e} | {agreement.explained[name]} | {different} |")
    pathlib.Path(path).write_text("\n".join(lines) + "\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program", nargs="?")
    parser.add_argument("--table")
    parser.add_argument("--only", nargs="*")
    parser.add_argument("--without", nargs="*", default=[], help="features to leave out")
    parser.add_argument("--limit", type=int, help="about so many traces, evenly chosen")
    parser.add_argument("--trace", help="only traces with this in their name")
    parser.add_argument("--kinds", nargs="*", help="only these kinds: edges trains subthreshold neuron_cells cells")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        warnings.simplefilter("ignore")
        return serve()
    warnings.simplefilter("ignore")
    count, agreement, missing = run(arguments)
    bad = 0
    for name in sorted(agreement.compared):
        for verdict, times in agreement.verdicts[name].items():
            bad += times
            trace_name, set_name, ours, theirs = agreement.examples[(name, verdict)]
            print(f"{name}: {verdict} {times} of {agreement.compared[name]} times, first: {trace_name} [{set_name}]\n"
                  f"    ours {shorten(ours)}\n    eFEL {shorten(theirs)}")
    if arguments.table:
        write_table(arguments.table, count, agreement)
    same = sum(not agreement.verdicts[name] for name in agreement.compared)
    print(f"{count} traces x {len(SETTINGS)} settings: {same} of {len(agreement.compared)} features the same everywhere, "
          f"{bad} of {sum(agreement.compared.values())} results differ; missing features: {sorted(missing)}")
    raise SystemExit(1 if bad or missing else 0)


if __name__ == "__main__":
    main()
