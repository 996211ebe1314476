#!/usr/bin/env python3
"""Every mod file of the packages in tests/support/real_models.py, alone in one compartment, with the variable step, against NEURON's
CVODE (the cell of real_mods_parity.py, with jumps of the voltage in place of its ladder).

    real_mods_variable_parity.py --program CELLWRIGHT --dump EVALUATION_DUMP --models CACHE --work FOLDER [--only PATTERN]
                                 [--keep] [--table FILE]

CVODE runs with atol 1e-8 and with 1e-10: the second is what is compared with, and how far the first is from it tells what can be
expected. Samples where the two are further apart than PARTED are not compared (what reads dt, events that depend on the last digit), and
where CVODE cannot run a mechanism, its place is taken by NEURON's fixed step, extrapolated from two small ones to none.
Compared at every 0.1 ms: all states, ASSIGNED range variables, ion variables and the voltage, by the largest magnitude of the variable in
all runs. The worst sample counts, of files with a WATCH condition the mean of the worst run. Required of each file: LARGEST at the tolerances (of CVODE's own difference ten times, if that is more), and a tenth of the
error of 1e-5 at 1e-8, down to FLOOR. A file that is refused must be told to run with the fixed step, and why.
"""

import argparse
import functools
import hashlib
import json
import os
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))

import cellwright_program  # noqa: E402
import real_mods_parity as mods  # noqa: E402

ATOLS = [1e-5, 1e-6, 1e-7, 1e-8]
NEURON_ATOL, FINER_ATOL = 1e-8, 1e-10
FIXED = 0.0  # in place of an atol: the fixed step
FIXED_DT_MS = 1 / 400
PARTED, PARTED_FIXED = 1e-4, 1e-2
# A state may have an error of atol: where states are small (a conductance in uS, a concentration in mM), that is much of them.
LARGEST = {1e-5: 0.3, 1e-6: 0.05, 1e-7: 6e-3, 1e-8: 1e-3}
FLOOR = 2e-5
# A current of 1e6 or 1e12 uS times the rounding of a voltage.
MEANINGLESS = {"AdExpIF": {"i", "irefrac"}, "ResetRefrac": {"i"}}
# The leak pulls v to the very threshold: whether it is passed is rounding.
AT_THRESHOLD_MV = {"ResetRefrac": -50.0}
SHARE = 0.5  # of the samples, at least so many are compared
SAMPLE_MS = 0.1  # of features, so of evaluation_dump
JUMP_MS = 1e-5  # samples this near to a jump are not compared
START_MV = -75.0
# A leak that holds the voltage after a jump from START_MV (in 0.02 ms), and one that lets stimuli move it.
SETS = [{"start": START_MV, "g": mods.LADDER_G, "e": float(v)} for v in mods.LADDER_MV]
SETS += [{"start": mods.REST_MV, "g": mods.TRAIN_G, "e": mods.REST_MV}]
LONGEST_S = 300


def n_samples(protocol):
    return round(mods.TOTAL_MS[protocol] / SAMPLE_MS) + 1


# --- NEURON -----------------------------------------------------------------------------------------------------------------


def simulate_neuron(work, subject, atol, keep):
    """(protocol, number of the set) -> array [3, variables, samples]: just before, at and just after the times of samples."""
    question = {"info": subject.info, "build": str(subject.build), "atol": atol or f"fixed, {FIXED_DT_MS} ms", "condition_order": 2 if b"WATCH" in subject.content else 1}
    asked = json.dumps([question, SETS, mods.PULSES, mods.EVENTS, mods.BACK, mods.SPECIAL, mods.LISTS]).encode() + subject.content
    return mods.neurons_answer(work, asked, len(SETS), keep, lambda out: mods.ask_neuron(__file__, {**question, "out": out}, telling, LONGEST_S))


def telling(lines):
    return next((line for line in lines if "rror" in line or "CV" in line), lines[0])


def neuron_child():
    def run(h, question, values, protocol):
        return in_a_fork(functools.partial(run_in_neuron, h, question, {**values, "rest": values["e"]}, protocol), f"{question['out']}.part.npy")

    mods.answer_as_child(SETS, run)


def in_a_fork(run, file):
    """What `run` returns, from a process of its own: with condition_order 2 NEURON stumbles over conditions of the model before."""
    import numpy

    child = os.fork()
    if child == 0:
        status = 1
        try:
            numpy.save(file, run())
            status = 0
        finally:
            os._exit(status)
    if os.waitpid(child, 0)[1] != 0:
        raise SystemExit("NEURON stops with an error")
    array = numpy.load(file)
    os.remove(file)
    return array


def run_in_neuron(h, question, values, protocol):
    import numpy

    if not isinstance(question["atol"], str):
        return run_cvode(h, question, values, protocol)
    coarse, fine = (run_fixed(h, question["info"], values, protocol, dt) for dt in (FIXED_DT_MS, FIXED_DT_MS / 2))
    return numpy.array([2 * fine - coarse] * 3 + [fine])


def run_cvode(h, question, values, protocol):
    import numpy

    owners = mods.build_in_neuron(h, question["info"], values, mods.PULSES[protocol])
    samples = numpy.arange(n_samples(protocol)) * SAMPLE_MS
    times = [h.Vector(numpy.maximum(samples + shift, 0)) for shift in (-JUMP_MS, 0, JUMP_MS)]
    variables = mods.recorded(question["info"])
    vectors = [[h.Vector().record(getattr(owners[o], f"_ref_{v}"), at) for o, v in variables] for at in times]
    h.cvode_active(1)
    h.CVode().atol(question["atol"])
    h.CVode().condition_order(question["condition_order"])  # finds the time of a condition inside a step
    h.tstop = mods.TOTAL_MS[protocol] + 2 * JUMP_MS
    h.run()
    return numpy.array([[list(vector) for vector in row] for row in vectors])


def run_fixed(h, info, values, protocol, dt):
    import numpy

    owners = mods.build_in_neuron(h, info, values, mods.PULSES[protocol])
    times = h.Vector(numpy.arange(n_samples(protocol)) * SAMPLE_MS)
    vectors = [h.Vector().record(getattr(owners[o], f"_ref_{v}"), times) for o, v in mods.recorded(info)]
    h.cvode_active(0)
    h.dt, h.steps_per_ms, h.tstop = dt, 1 / dt, mods.TOTAL_MS[protocol] + 2 * dt
    h.run()
    return numpy.array([list(vector) for vector in vectors])


# --- cellwright ----------------------------------------------------------------------------------------------------------------


def simulate_cellwright(dump, folder, subject, atol):
    file = mods.cell_file(folder, subject, {"step": "variable", "atol": atol})
    traces = mods.evaluated(dump, file, SETS, folder / "out", "fast")
    # The end of a run may be there twice: as a sample and as the end.
    return {(p, k): traces(k, p)[1:, : n_samples(p)] for p in mods.PULSES for k in range(len(SETS))}


# --- comparison ---------------------------------------------------------------------------------------------------------------------


def sizes(theirs):
    import numpy

    rows = range(next(iter(theirs.values())).shape[1])
    return [max(float(numpy.nanmax(numpy.abs(block[:, r]), initial=0.0)) for block in theirs.values()) or 1.0 for r in rows]


def differences(ours, theirs):
    """(protocol, set) -> array [variables, samples]: distance from NEURON's value, by the variable's largest magnitude in all runs.
    Infinite where one is not a number and the other is."""
    import numpy

    result = {}
    size = numpy.array(sizes(theirs))[:, None]
    for key, block in theirs.items():
        if ours[key].shape != block.shape[1:]:
            raise RuntimeError(f"{key}: {ours[key].shape} samples, NEURON {block.shape[1:]}")
        distance = numpy.abs(ours[key] - block[1]) / size
        distance[numpy.isnan(ours[key]) & numpy.isnan(block[1])] = 0.0
        distance[numpy.isnan(distance)] = numpy.inf
        result[key] = distance
    return result


def mean(found, same, names):
    """As `worst`, the mean over the samples of a run: for a spike that jumps to its reset, what differs is when."""
    import numpy

    result = (0.0, "")
    for key, distance in found.items():
        for row, name in enumerate(names):
            if same[key][row].any():
                result = max(result, (float(distance[row][same[key][row]].mean()), f"{name}, mean of {key[0]} at {SETS[key[1]]['e']:g} mV"))
    return result


def worst(found, same, names):
    """(largest difference, where) over the samples in which NEURON's runs are the same."""
    import numpy

    result = (0.0, "")
    for key, distance in found.items():
        for row, name in enumerate(names):
            counted = distance[row] * same[key][row]
            counted[~same[key][row]] = 0.0
            k = int(counted.argmax())
            if counted[k] > result[0]:
                result = (float(counted[k]), f"{name}, {key[0]} at {SETS[key[1]]['e']:g} mV, {SAMPLE_MS * k:g} ms")
    return result


def keep_common_samples(same, theirs, compared, without_mv):
    """Samples count in all of the variables that are compared or in none: what parts in one will part in the others. Jumps do not, and no run
    with a resting voltage of `without_mv`."""
    import numpy

    size = numpy.array(sizes(theirs))[:, None]
    for key, block in theirs.items():
        smooth = numpy.abs(block[2] - block[0]) <= PARTED * size
        if SETS[key[1]]["e"] == without_mv:
            same[key][:] = False
            continue
        good = (same[key] & smooth)[compared].all(axis=0)
        same[key] = compared[:, None] & good[None, :]


def ask_references(subject, work, keep):
    """NEURON's answer, and how far that of a coarser tolerance is from it; the fixed step's where CVODE cannot."""
    try:
        finer = simulate_neuron(work, subject, FINER_ATOL, keep)
        coarse = simulate_neuron(work, subject, NEURON_ATOL, keep)
    except RuntimeError as error:
        subject.reference = "fixed"
        subject.no_cvode = str(error).removeprefix("NEURON: ").strip()
        both = simulate_neuron(work, subject, FIXED, keep)
        finer, coarse = {key: b[:3] for key, b in both.items()}, {key: b[[3, 3, 3]] for key, b in both.items()}
    finer, coarse = leave_out_infinite(subject.info, finer, coarse)
    return finer, differences({key: block[1] for key, block in coarse.items()}, finer)


def leave_out_infinite(info, *answers):
    """As real_mods_parity.leave_out_infinite, for several answers."""
    import numpy

    variables = mods.recorded(info)
    meaningless = MEANINGLESS.get(info["suffix"], set())
    good = [
        name not in meaningless and all(numpy.isfinite(block[:, row]).all() for a in answers for block in a.values())
        for row, (_, name) in enumerate(variables)
    ]
    info["left out"] = [variable for variable, finite in zip(variables, good) if not finite]
    return [{key: block[:, numpy.array(good)] for key, block in a.items()} for a in answers]


def refused(dump, folder, subject):
    """Why the variable step is refused; None if it is not."""
    try:
        simulate_cellwright(dump, folder, subject, ATOLS[0])
    except RuntimeError as error:
        match = re.search(r"runs with the fixed step only: (.*) \[model-fixed-step\]", str(error))
        if not match:
            raise
        return match.group(1)
    return None


def compare(report, dump, subject, work, keep):
    import numpy

    subject.reference, subject.no_cvode, subject.own = "CVODE", "", (0.0, "")
    folder = work / "probes" / hashlib.sha256(subject.content).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        subject.refusal = refused(dump, folder, subject)
        if subject.refusal:
            report.check(True, f"{subject.label}: refused: {subject.refusal}")
            return
        theirs, own = ask_references(subject, work, keep)
        names = [name for _, name in mods.recorded(subject.info)]
        same = {key: own[key] <= (PARTED_FIXED if subject.reference == "fixed" else PARTED) for key in theirs}
        parted = [1 - numpy.mean([numpy.mean(same[key][row]) for key in same]) for row in range(len(names))]
        subject.parted = [name for name, part in zip(names, parted) if part > 0.1]
        keep_common_samples(same, theirs, numpy.array([part <= 0.1 for part in parted]), AT_THRESHOLD_MV.get(subject.info["suffix"]))
        subject.share = float(numpy.mean([numpy.mean(s) for s in same.values()]))
        measure = mean if b"WATCH" in subject.content else worst
        subject.own = measure(own, same, names)
        for atol in ATOLS:
            subject.worst[atol], subject.where = measure(differences(simulate_cellwright(dump, folder, subject, atol), theirs), same, names)
    except RuntimeError as error:
        subject.error = str(error)
        report.check(False, f"{subject.label}: {error}")
        return
    told = ", ".join(f"{error:.0e}" for error in subject.worst.values())
    report.check(agrees(subject), f"{subject.label}: {told} ({subject.where}); {subject.reference} {subject.own[0]:.0e}, {100 * subject.share:.0f} %")


def agrees(subject):
    floor = 2e-3 if subject.reference == "fixed" else max(10 * subject.own[0], FLOOR)
    within = all(subject.worst[atol] <= max(LARGEST[atol], floor) for atol in ATOLS)
    falls = subject.worst[ATOLS[-1]] <= max(subject.worst[ATOLS[0]] / 10, floor)
    return within and falls and subject.share >= SHARE


# --- the table -----------------------------------------------------------------------------------------------------------------------


def verdict(subject):
    if subject.refusal:
        return f"fixed step only: {subject.refusal}"
    if subject.error:
        return f"**fails**: {subject.error.splitlines()[-1]}"
    notes = ["converges" if agrees(subject) else "**differs**", f"worst: {subject.where.split(',')[0]}"]
    if subject.no_cvode:
        notes.append(f"NEURON's fixed step (CVODE: {subject.no_cvode})")
    if subject.parted:
        notes.append(f"not compared, CVODE's own runs differ: {', '.join(subject.parted)}")
    elif subject.share < 1:
        notes.append(f"over {100 * subject.share:.1f} % of the samples")
    return "; ".join(notes)


def table(chosen):
    files = [(m, s) for s in chosen for m in s.mods]
    converge = sum(not s.refusal and not s.error and agrees(s) for _, s in files)
    lines = [
        "# Published mechanisms with the variable step",
        "",
        "<!-- written by tests/parity/real_mods_variable_parity.py --table -->",
        "",
        "Every mod file of the packages named below that NEURON compiles and cellwright accepts (docs/reference/mechanisms.md), alone in one",
        "compartment: jumps of the voltage from -75 mV to 11 values, a train of current steps, for synapses a train of events. The largest",
        "difference from NEURON 9.0.2's CVODE with atol 1e-10 of all states, range variables, ion variables and the voltage, by the variable's",
        "largest magnitude, at falling tolerances; the column CVODE has that of CVODE with atol 1e-8. A state may have an error of `atol`: where",
        "it is small in itself (a conductance in uS, a concentration in mM), that is more of it.",
        "",
        f"Of {len(files)} files, {converge} converge and {sum(bool(s.refusal) for _, s in files)} run with the fixed step only, which the program says.",
        "",
        "| package | file | mechanism | " + " | ".join(f"{atol:g}" for atol in ATOLS) + " | CVODE | |",
        "|---|---|---|" + "---|" * (len(ATOLS) + 2),
    ]
    for m, s in sorted(files, key=lambda row: (list(mods.real_models.PACKAGES).index(row[0].package), row[0].inside)):
        figures = [f"{s.worst[atol]:.0e}" if atol in s.worst else "" for atol in ATOLS]
        own = f"{s.own[0]:.0e}" if s.worst and s.reference == "CVODE" else ""
        lines.append(f"| {m.package} | `{m.inside}` | {s.declared} | {' | '.join(figures)} | {own} | {verdict(s)} |".replace("|  |", "| |").replace("|  |", "| |"))
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--dump", help="the program evaluation_dump")
    parser.add_argument("--models", help="the cache of real_models.py")
    parser.add_argument("--work", help="a folder for builds and traces")
    parser.add_argument("--only", default="*", help="pattern of package/path")
    parser.add_argument("--keep", action="store_true", help="use what NEURON answered before in --work")
    parser.add_argument("--table", help="write the table of the documentation to this file")
    parser.add_argument("--neuron-child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child()

    work = pathlib.Path(arguments.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    chosen = mods.subjects(arguments.models, arguments.only)
    mods.build_for_neuron(chosen, work)
    report = cellwright_program.Report()
    dump = cellwright_program.EvaluationDump(arguments.dump)
    compared = []
    for subject in chosen:
        mods.describe(arguments.program, subject, work)
        if subject.info is not None and subject.build is not None:
            compare(report, dump, subject, work, arguments.keep)
            compared.append(subject)
        sys.stdout.flush()
    if arguments.table:
        pathlib.Path(arguments.table).write_text(table(compared))
    return report.exit_status()


if __name__ == "__main__":
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    sys.exit(main())
