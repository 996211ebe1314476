#!/usr/bin/env python3
"""Every feature of every trace of traces.py under three sets of settings, by eFEL and by us.

    python features_parity.py --dump FEATURES_DUMP --program CELLWRIGHT --mechanisms DIR --work DIR [--table FILE]
                              [--kinds KIND ...] [--only FEATURE ...] [--limit N] [--trace TEXT] [--jobs N]

eFEL runs in child processes with a limit of processor time for each feature. Where it raises an error, hangs or crashes we
are to give None, or an answer that EXPLAINED accounts for. eFEL resamples the trace again for each feature of one request,
which moves last digits; a difference is therefore judged by a request of eFEL for that feature alone.

Where a fit or a spectrum still differs by more than the tolerance, eFEL is asked whether its own answer is determined: the
numbers that it hands to SciPy or NumPy are moved by at most a few parts in 1e12 (for lines and spectra: in their last
digits). If its answer moves by a third of the difference or more, the difference counts as undetermined, not as
disagreement. So does an answer that eFEL does not give a second time: it then depends on memory that is not its own.
Everything else fails the test. Exit status 1 if anything differs.
"""

import argparse
import collections
import io
import json
import math
import multiprocessing
import os
import pathlib
import pickle
import select
import subprocess
import sys
import time
import warnings

import numpy as np

import efel
from efel import cppcore

from traces import KINDS, all_traces

TOLERANCE = 1e-9
# Results of iterative or least-squares fits, which two programs may round differently.
FITS = {
    "ISI_log_slope": 1e-6, "ISI_semilog_slope": 1e-6, "ISI_log_slope_skip": 1e-6, "time_constant": 1e-6,
    "activation_time_constant": 1e-6, "deactivation_time_constant": 1e-6, "inactivation_time_constant": 1e-6,
}
# Of these eFEL's answer may be undetermined; by how much (relative) the numbers of the fit or spectrum are moved to see.
PERTURBATIONS = {
    "activation_time_constant": 2e-12, "deactivation_time_constant": 2e-12, "inactivation_time_constant": 2e-12,
    "ISI_log_slope": 4e-16, "ISI_semilog_slope": 4e-16, "ISI_log_slope_skip": 4e-16, "impedance": 4e-16,
}
MOST_PERTURBATIONS = 40
REPETITIONS = 6
HANG_S = 3.0  # of processor time for one feature
GIVE_UP_S = 300.0

# Where eFEL has a defect and we give a sane answer: (feature, verdict) -> what happens. docs/reference/efel-differences.md
# says more. Nothing else may differ.
ENDS = "eFEL reads behind its list of spike ends"
PEAKS = "eFEL reads behind its list of peaks"
LOOP = "eFEL's search for the begin of a spike at the trace's end never stops; without begins there is no block"
BEHIND = "the sag does not decay within the trace: eFEL reads the sample behind it"
SHARED = "two spikes share their peak: eFEL differentiates a piece of no samples, whose memory is not its own"
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
    ("spike_width2", "only eFEL has a value"): SHARED,
    ("initburst_sahp", "only we have a value"): SPREAD,
    ("initburst_sahp_vb", "only we have a value"): SPREAD,
    ("initburst_sahp_ssse", "only we have a value"): SPREAD,
}
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
    return ("none",) if value is None else ("values", np.array(value, dtype=float))


def moved(values, size, rng):
    """The numbers, each moved by at most a relative `size` (0: not at all)."""
    values = np.asarray(values, dtype=float)
    return values * (1 + size * rng.uniform(-1, 1, values.shape)) if size else values


def perturb_fits(size, seed):
    """Makes eFEL's fits and spectra see moved numbers; returns the function that undoes it."""
    import scipy.optimize

    originals = scipy.optimize.curve_fit, np.polyfit, np.fft.fft
    rng = np.random.default_rng(seed)
    size = size * 10.0 ** rng.uniform(-4, 0) if size > 1e-15 else size
    scipy.optimize.curve_fit = lambda f, x, y, **rest: originals[0](f, x, moved(y, size, rng), **rest)
    np.polyfit = lambda x, y, degree: originals[1](x, moved(y, size, rng), degree)
    np.fft.fft = lambda x: originals[2](moved(x, size, rng))

    def undo():
        scipy.optimize.curve_fit, np.polyfit, np.fft.fft = originals

    return undo


def serve():
    """The child's side: answers requests (trace, settings, names, alone, seed) on standard output, one name at a time."""
    answers = os.fdopen(os.dup(1), "wb")
    devnull = os.open(os.devnull, os.O_WRONLY)
    for stream in (1, 2):  # libraries print there
        os.dup2(devnull, stream)
    while True:
        try:
            trace, settings, names, alone, seed = pickle.load(sys.stdin.buffer)
        except EOFError:
            return
        efel_setup(trace, settings)
        for name in names:
            if alone:
                efel_setup(trace, settings)
            undo = perturb_fits(PERTURBATIONS[name], seed) if seed is not None else None
            pickle.dump((name, efel_feature(name)), answers)
            answers.flush()
            if undo:
                undo()


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

    def stop(self):
        if self.child is not None:
            self.child.stdin.close()
            self.child.wait()
            self.child = None

    def processor_time(self):
        fields = pathlib.Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def next_answer(self):
        """(name, answer), or (None, how the child ended)."""
        begin, used = time.monotonic(), None
        while True:
            stream = io.BytesIO(self.buffer)
            try:
                answer = pickle.load(stream)
                self.buffer = self.buffer[stream.tell():]
                return answer
            except (EOFError, pickle.UnpicklingError):
                pass
            ready, _, _ = select.select([self.child.stdout], [], [], 0.2)
            if ready:
                data = os.read(self.child.stdout.fileno(), 1 << 20)
                if not data:
                    status = self.child.wait()
                    self.child = None
                    return None, ("crashed", f"signal {-status}")
                self.buffer += data
                continue
            used = self.processor_time() if used is None else used
            if self.processor_time() - used > HANG_S or time.monotonic() - begin > GIVE_UP_S:
                self.child.kill()
                self.child.wait()
                self.child = None
                return None, ("hung",)

    def features(self, trace, settings, names, alone=False, seed=None):
        """Each feature's answer: ("values", list), ("none",), ("raised", why), ("crashed", how) or ("hung",).

        @param alone each feature in a state of its own, otherwise all in one as eFEL does for one request.
        @param seed None, or the seed of the perturbation of fits."""
        answers = {}
        while rest := [name for name in names if name not in answers]:
            if self.child is None:
                self.start()
            pickle.dump((trace, settings, rest, alone, seed), self.child.stdin)
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

def differences(a, b):
    """Relative differences of two lists of numbers of the same length; NaN equals NaN."""
    a, b = np.asarray(a, dtype=float), np.asarray(b, dtype=float)
    with np.errstate(all="ignore"):
        relative = np.abs(a - b) / np.maximum(np.abs(a), np.abs(b))
    relative = np.where(np.isfinite(a) & np.isfinite(b), relative, math.inf)
    return np.where((a == b) | (np.isnan(a) & np.isnan(b)), 0.0, relative)


def compare(name, ours, theirs):
    """(verdict, worst difference); the verdict is "same" or says what differs."""
    kind = theirs[0]
    if kind in ("raised", "crashed", "hung"):
        return ("same", 0.0) if ours is None else (f"eFEL {kind}", math.inf)
    if kind == "none" and ours is None:
        return "same", 0.0
    if kind == "none" or ours is None:
        return "only eFEL has a value" if ours is None else "only we have a value", math.inf
    if len(theirs[1]) != len(ours):
        return "lengths differ", math.inf
    worst = float(np.max(differences(ours, theirs[1]), initial=0.0))
    return ("same" if worst <= FITS.get(name, TOLERANCE) else "values differ"), worst


def distance(one, other):
    """Relative distance of two of eFEL's answers; infinite between a value and none."""
    values = [answer[1] if answer[0] == "values" else None for answer in (one, other)]
    if values[0] is None or values[1] is None:
        return 0.0 if values[0] is values[1] else math.inf
    return float(np.max(differences(*values), initial=0.0)) if len(values[0]) == len(values[1]) else math.inf


def undetermined(peer, trace, settings, name, difference, theirs):
    """True if eFEL's own answer moves by a third of the difference when the numbers of its fit are moved a little."""
    answers = [theirs]
    for seed in range(MOST_PERTURBATIONS):
        answers.append(peer.features(trace, settings, [name], alone=True, seed=seed)[name])
        if any(3 * distance(answers[-1], other) >= difference for other in answers[:-1]):
            return True
    return False


def changes_its_answer(peer, trace, settings, name, theirs):
    """True if eFEL answers the same question otherwise, now or in another process."""
    for repetition in range(REPETITIONS):
        if repetition == REPETITIONS // 2:
            peer.stop()
        if distance(peer.features(trace, settings, [name], alone=True)[name], theirs) > 0:
            return True
    return False


def current_lacks_frequencies(ours, settings):
    """True if the spectrum of the current is 0, but for rounding, at one of the frequencies that `impedance` looks at: eFEL
    divides by it all the same, and which of the zeros comes out largest is up to the rounding of the transform."""
    hold = ours["current_base"] or ours["steady_state_current_stimend"]
    if not ours["current"] or not hold:
        return False
    current = np.array(ours["current"]) - hold[0]
    spectrum = np.abs(np.fft.fft(current))
    frequency = np.fft.fftfreq(len(current), settings.get("interp_step", 0.1) / 1000)
    looked_at = (frequency > 0) & (frequency <= settings.get("impedance_max_freq", 50.0))
    return bool(np.min(spectrum[looked_at], initial=math.inf) <= 1e-13 * np.max(spectrum))


class Agreement:
    def __init__(self):
        self.compared = collections.Counter()
        self.with_values = collections.Counter()
        self.explained = collections.Counter()
        self.undetermined = collections.Counter()
        self.worst = collections.defaultdict(float)
        self.verdicts = collections.defaultdict(collections.Counter)
        self.examples = {}

    def add(self, name, verdict, worst, kind, example):
        self.compared[name] += 1
        if kind == "values":
            self.with_values[name] += 1
        if (name, verdict) in EXPLAINED:
            self.explained[name] += 1
        elif verdict == "undetermined":
            self.undetermined[name] += 1
        elif verdict == "same":
            self.worst[name] = max(self.worst[name], worst)
        else:
            self.verdicts[name][verdict] += 1
            self.examples.setdefault((name, verdict), example)


def compare_trace(ours_program, peer, trace, arguments, names):
    """Rows (name, verdict, worst, eFEL's kind of answer, example) of one trace under all settings, and missing names."""
    rows, missing = [], set()
    for set_name, settings in SETTINGS.items():
        ours = ours_program.features(trace, settings)
        if "error" in ours:
            raise RuntimeError(f"{trace['name']}: {ours['error']}")
        missing |= set(names) - set(ours)
        wanted = [n for n in names if n in ours and (not arguments.only or n in arguments.only)]
        theirs = peer.features(trace, settings, wanted)
        doubtful = [n for n in wanted if compare(n, ours[n], theirs[n])[0] != "same" and theirs[n][0] != "hung"]
        theirs.update(peer.features(trace, settings, doubtful, alone=True))
        for name in wanted:
            verdict, worst = compare(name, ours[name], theirs[name])
            if verdict != "same" and (name, verdict) not in EXPLAINED and name in PERTURBATIONS:
                if (name == "impedance" and current_lacks_frequencies(ours, settings)
                        or undetermined(peer, trace, settings, name, worst, theirs[name])):
                    verdict = "undetermined"
            if (verdict not in ("same", "undetermined") and (name, verdict) not in EXPLAINED
                    and changes_its_answer(peer, trace, settings, name, theirs[name])):
                verdict = "undetermined"
            example = (trace["name"], set_name, ours[name], theirs[name]) if verdict != "same" else None
            rows.append((name, verdict, worst, theirs[name][0], example))
    return rows, missing


def work(traces, indices, results, arguments, names):
    """One worker: takes the next trace until there is none."""
    warnings.simplefilter("ignore")
    ours_program, peer = Ours(arguments.dump), Efel()
    try:
        while (index := indices.get()) is not None:
            results.put((index, *compare_trace(ours_program, peer, traces[index], arguments, names)))
        peer.stop()
    except BaseException as error:  # noqa: BLE001: the parent reports it
        results.put((None, repr(error), None))


def run(arguments):
    names = sorted(set(efel.get_feature_names()))
    simulators = {"mechanisms": arguments.mechanisms, "program": arguments.program, "work": arguments.work}
    traces = list(all_traces(simulators, kinds=arguments.kinds))
    if arguments.limit:
        traces = traces[:: max(1, len(traces) // arguments.limit)]
    if arguments.trace:
        traces = [x for x in traces if arguments.trace in x["name"]]
    context = multiprocessing.get_context("fork")
    indices, results = context.Queue(), context.Queue()
    for index in sorted(range(len(traces)), key=lambda i: -len(traces[i]["t"])):
        indices.put(index)
    workers = [context.Process(target=work, args=(traces, indices, results, arguments, names), daemon=True)
               for _ in range(arguments.jobs)]
    for worker in workers:
        indices.put(None)
        worker.start()
    agreement, missing = Agreement(), set()
    by_index = {}
    for done in range(len(traces)):
        index, rows, absent = results.get(timeout=600)
        if index is None:
            raise SystemExit(f"a worker failed: {rows}")
        by_index[index] = rows
        missing |= absent
        if sys.stderr.isatty() or done % 50 == 0:
            print(f"{done + 1} of {len(traces)} traces", file=sys.stderr)
    for worker in workers:
        worker.join()
    for index in sorted(by_index):
        for row in by_index[index]:
            agreement.add(*row)
    return len(traces), agreement, missing


def shorten(values):
    text = str(values)
    return text if len(text) < 160 else text[:160] + "..."


def table(count, agreement):
    """The table of agreement as Markdown."""
    lines = ["# Agreement with eFEL 5.7.34", "", "<!-- written by tests/parity/features/features_parity.py --table -->", "",
             f"{count} traces under {len(SETTINGS)} sets of settings. *Values* counts the results for which eFEL has values; "
             "in the others both have none. *Worst* is the largest relative difference of all results that count as the same "
             f"(within {TOLERANCE:.0e}; {FITS['time_constant']:.0e} for " + ", ".join(f"`{name}`" for name in sorted(FITS)) +
             "). *Explained* counts defects of eFEL, *undetermined* fits and spectra whose answer eFEL itself does not "
             "reproduce when its input is moved in the last digits, or when it is asked again ([both](efel-differences.md)); *different* what is left.", "",
             "| feature | compared | values | worst | explained | undetermined | different |",
             "|---|---|---|---|---|---|---|"]
    for name in sorted(agreement.compared):
        different = sum(agreement.verdicts[name].values())
        lines.append(f"| `{name}` | {agreement.compared[name]} | {agreement.with_values[name]} | "
                     f"{agreement.worst[name]:.1e} | {agreement.explained[name]} | {agreement.undetermined[name]} | {different} |")
    return "\n".join(lines) + "\n"


def compared_in(text):
    """feature -> number of comparisons in a table of agreement."""
    rows = [line.split("|") for line in text.split("\n") if line.startswith("| `")]
    return {row[1].strip(): row[2].strip() for row in rows}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", help="the built tests/parity/features/features_dump")
    parser.add_argument("--program", help="the cellwright program, which simulates some of the traces")
    parser.add_argument("--mechanisms", help="the folder in which nrnivmodl built mechanisms/")
    parser.add_argument("--work", help="a folder for the simulations")
    parser.add_argument("--table", help="where to write the table of agreement")
    parser.add_argument("--documented", help="a table that must tell of the same features and numbers of comparisons")
    parser.add_argument("--only", nargs="*", help="only these features")
    parser.add_argument("--limit", type=int, help="about so many traces, evenly chosen")
    parser.add_argument("--trace", help="only traces with this in their name")
    parser.add_argument("--kinds", nargs="*", help=f"only these kinds of trace: {', '.join(KINDS)}")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="workers")
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    warnings.simplefilter("ignore")
    if arguments.serve:
        return serve()
    begin = time.monotonic()
    count, agreement, missing = run(arguments)
    bad = 0
    for name in sorted(agreement.compared):
        for verdict, times in agreement.verdicts[name].items():
            bad += times
            trace_name, set_name, ours, theirs = agreement.examples[(name, verdict)]
            print(f"{name}: {verdict} {times} of {agreement.compared[name]} times, first: {trace_name} [{set_name}]\n"
                  f"    ours {shorten(ours)}\n    eFEL {shorten(theirs)}")
    if arguments.table:
        pathlib.Path(arguments.table).write_text(table(count, agreement))
    stale = False
    if arguments.documented:
        stale = compared_in(pathlib.Path(arguments.documented).read_text()) != compared_in(table(count, agreement))
        if stale:
            print(f"{arguments.documented} tells of other features or numbers of comparisons: write it anew with --table")
    same = sum(not agreement.verdicts[name] for name in agreement.compared)
    print(f"{count} traces x {len(SETTINGS)} settings: {same} of {len(agreement.compared)} features the same everywhere, "
          f"{bad} of {sum(agreement.compared.values())} results differ, {sum(agreement.undetermined.values())} are undetermined "
          f"in eFEL, {sum(agreement.explained.values())} are defects of eFEL; missing features: {sorted(missing)}; "
          f"{time.monotonic() - begin:.0f} s")
    return 1 if bad or missing or stale else 0


if __name__ == "__main__":
    sys.exit(main())
