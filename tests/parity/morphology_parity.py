"""Compares `cellwright morphology FILE --json` with NEURON, section by section and segment by segment.

    python tests/parity/morphology_parity.py --cellwright PATH [--random N] [--seed S] [--real-models CACHE] [FILES...]

The reference is NEURON (and BluePyOpt's NrnFileMorphology, so that the import goes through a hoc template as it does
there) in the Python that runs this script. Each file is compared as imported with Ra 35.4, with nseg 1 and with
nseg 1 + 2 int(L/40), before and after replace_axon: name, parent, parent_x, nseg and the section lists exactly; L, x,
diam, area and ri to 1e-9 relative. --real-models adds every file of the published packages of
tests/support/real_models.py (downloaded to CACHE), each content once; --random N small random files of each format
(random_morphology.py).

A file on which NEURON gives up or reports a parse error (after which it goes on with half a cell) must be refused by
cellwright (exit status 3). Each import runs in a process of its own: a failed one leaves hoc in pieces.
Exit status: 0 all equal, 1 a difference, 2 wrong usage.
"""

import argparse
import concurrent.futures
import hashlib
import json
import math
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile

import random_morphology

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import real_models  # noqa: E402

RA_OHM_CM = 35.4
TOLERANCE = 1e-9
SECTION_LISTS = ["all", "somatic", "axonal", "basal", "apical", "myelinated"]
SECTION_ARRAYS = ["soma", "axon", "dend", "apic", "myelin"]
EXTRA_TYPES = [0, *range(5, 33)]  # types for which a hoc template must declare arrays and lists beforehand


PEER_SECONDS = 120  # NEURON loops for ever on some broken files


# --- the peer's side ----------------------------------------------------------------------------------------------


def describe_with_neuron(path, replace_axon, set_nseg):
    """The JSON document of `cellwright morphology`, made by NEURON."""
    import bluepyopt.ephys as ephys
    import neuron

    simulator = ephys.simulators.NrnSimulator()
    refuse_parse_errors(neuron.h, path)
    cell = ephys.models.CellModel.create_empty_cell(
        "Cell",
        simulator,
        SECTION_LISTS + ["dendritic_%d" % t for t in EXTRA_TYPES],
        SECTION_ARRAYS + ["dend_%d" % t for t in EXTRA_TYPES],
    )
    morphology = ephys.morphologies.NrnFileMorphology(path, do_replace_axon=replace_axon, do_set_nseg=set_nseg)
    morphology.instantiate(sim=simulator, icell=cell)
    sections = list(cell.all)
    for section in sections:
        section.Ra = RA_OHM_CM
    return {
        "sections": [describe_section(neuron.h, section) for section in sections],
        "section_lists": {
            name: [short_name(s) for s in getattr(cell, name)]
            for name in SECTION_LISTS + ["dendritic_%d" % t for t in EXTRA_TYPES]
        },
    }


def refuse_parse_errors(h, path):
    """BluePyOpt hides NEURON's output; a parse error is only told there."""
    h.load_file("stdrun.hoc")
    h.load_file("import3d.hoc")
    reader = h.Import3d_SWC_read() if path.lower().endswith("swc") else h.Import3d_Neurolucida3()
    reader.quiet = 1
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        h.hoc_stdout(log)
        reader.input(path)
        h.hoc_stdout()
        text = pathlib.Path(log).read_text(errors="replace")
    for word in ("parse error", "could not parse"):
        if word in text:
            raise ValueError(word)


def short_name(section):
    return section.name().split(".", 1)[1]


def describe_section(h, section):
    parent = section.parentseg()
    return {
        "name": short_name(section),
        "parent": short_name(parent.sec) if parent else None,
        "parent_x": parent.x if parent else None,
        "nseg": section.nseg,
        "L": section.L,
        "segments": [{"x": s.x, "diam": s.diam, "area": s.area(), "ri": s.ri()} for s in section],
    }


def peer(path, replace_axon, set_nseg):
    """(document, None), or (None, NEURON's own words) if NEURON gives up on the file."""
    import bluepyopt.ephys  # noqa: F401  loaded once, before the fork
    import neuron  # noqa: F401

    sys.stdout.flush()
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        signal.alarm(PEER_SECONDS)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        os.dup2(2, 1)
        try:
            answer = json.dumps(describe_with_neuron(path, replace_axon, set_nseg))
        except BaseException as error:  # hoc errors come in all kinds
            answer = repr(error)
        with os.fdopen(writing, "w") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return (json.loads(answer), None) if answer.startswith("{") else (None, answer or "no answer")


# --- our side ---------------------------------------------------------------------------------------------------


def ours(cellwright, path, replace_axon, set_nseg):
    command = cellwright + [path, "--json"] + (["--replace-axon"] if replace_axon else [])
    command += [] if set_nseg else ["--nseg-frequency", "off"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600)
    if done.returncode == 3:
        return None, done.stderr.strip().splitlines()[:1]
    if done.returncode != 0:
        raise SystemExit("%s: exit status %d\n%s" % (" ".join(command), done.returncode, done.stderr))
    return json.loads(done.stdout), None


# --- comparison -------------------------------------------------------------------------------------------------


def relative(a, b):
    if a is None or b is None or math.isnan(a) or math.isnan(b):
        return 0.0 if a is None and b is None else math.inf
    return 0.0 if a == b else abs(a - b) / max(abs(a), abs(b))


def compare(reference, mine):
    """Yields texts of exact differences; returns the worst relative error by quantity."""
    worst = {"L": (0.0, ""), "x": (0.0, ""), "diam": (0.0, ""), "area": (0.0, ""), "ri": (0.0, "")}
    problems = []

    def note(quantity, a, b, where):
        error = relative(a, b)
        if error > worst[quantity][0]:
            worst[quantity] = (error, "%s: NEURON %r, cellwright %r" % (where, a, b))

    names = [s["name"] for s in reference["sections"]]
    if names != [s["name"] for s in mine["sections"]]:
        problems.append("section names or order differ: NEURON %s, cellwright %s"
                        % (names[:6], [s["name"] for s in mine["sections"]][:6]))
        return problems, worst
    for a, b in zip(reference["sections"], mine["sections"]):
        for key in ("parent", "parent_x", "nseg"):
            if a[key] != b[key]:
                problems.append("%s %s: NEURON %r, cellwright %r" % (a["name"], key, a[key], b[key]))
        note("L", a["L"], b["L"], a["name"])
        for k, (s, t) in enumerate(zip(a["segments"], b["segments"])):
            for key in ("x", "diam", "area", "ri"):
                note(key, s[key], t[key], "%s segment %d" % (a["name"], k))
    for name, members in reference["section_lists"].items():
        if members != mine["section_lists"].get(name, []):
            problems.append("section list %s: NEURON %s..., cellwright %s..."
                            % (name, members[:4], mine["section_lists"].get(name, [])[:4]))
    for quantity, (error, where) in worst.items():
        if not error <= TOLERANCE:
            problems.append("%s off by %.3g at %s" % (quantity, error, where))
    return problems, worst


class Result:
    """What became of one file: whether it agreed, the lines to print, the worst relative errors by quantity."""

    def __init__(self):
        self.good, self.lines, self.totals = True, [], {}

    def fail_unless(self, good):
        self.good = self.good and good


def check_file(cellwright, path, quiet=False):
    """Compares one file with and without set_nseg, before and after replace_axon. quiet: only failures make lines."""
    result = Result()
    for set_nseg in (False, True):
        for replace_axon in (False, True):
            label = "%s%s%s" % (os.path.basename(path), "" if set_nseg else " (nseg 1)",
                                " (axon replaced)" if replace_axon else "")
            reference = peer(path, replace_axon, set_nseg)
            mine = ours(cellwright, path, replace_axon, set_nseg)
            if reference[0] is None or mine[0] is None:
                check_refusal(label, reference, mine, quiet, result)
            else:
                check_cells(label, reference[0], mine[0], quiet, result)
    return result


def check_refusal(label, reference, mine, quiet, result):
    (peers, peer_says), (own, we_say) = reference, mine
    empty = peers is not None and not peers["sections"]  # an import without any section is an error here, an empty cell there
    same = own is None and (peers is None or empty)
    if not (quiet and same):
        result.lines.append("%s %s: NEURON %s; cellwright %s" % (
            "ok  " if same else "FAIL", label, "imports it" if peers else "refuses: %s" % peer_says,
            "imports it" if own else "refuses: %s" % we_say))
    result.fail_unless(same)


def check_cells(label, reference, mine, quiet, result):
    problems, worst = compare(reference, mine)
    for quantity, (error, _) in worst.items():
        result.totals[quantity] = max(result.totals.get(quantity, 0.0), error)
    if problems or not quiet:
        result.lines.append("%s %s: %d sections, %d segments, worst %s" % (
            "FAIL" if problems else "ok  ", label, len(reference["sections"]), sum(s["nseg"] for s in reference["sections"]),
            ", ".join("%s %.1e" % (q, e) for q, (e, _) in worst.items())))
    result.lines += ["      " + text for text in problems[:8]]
    result.fail_unless(not problems)


def check_files(cellwright, paths, jobs, totals, quiet=False):
    """The paths that do not agree."""
    failed = []
    with concurrent.futures.ProcessPoolExecutor(max_workers=jobs) as pool:
        results = pool.map(check_file, [cellwright] * len(paths), paths, [quiet] * len(paths))
        for path, result in zip(paths, results):
            print("\n".join(result.lines), flush=True) if result.lines else None
            for quantity, error in result.totals.items():
                totals[quantity] = max(totals.get(quantity, 0.0), error)
            if not result.good:
                failed.append(path)
    return failed


def published_files(cache, packages):
    """Every morphology of the packages, each content once."""
    found = {}
    for path in real_models.morphologies(cache, packages):
        found.setdefault(hashlib.sha256(path.read_bytes()).hexdigest(), str(path))
    return list(found.values())


def check_random_files(cellwright, count, seed, jobs, totals):
    """The number of random files that do not agree; those are kept for a closer look."""
    rng = random.Random(seed)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="morphology_parity_"))
    paths = []
    for k in range(count):
        for make, extension in ((random_morphology.random_swc, "swc"), (random_morphology.random_asc, "asc")):
            path = folder / ("random_%d_%d.%s" % (seed, k, extension))
            path.write_text(make(rng))
            paths.append(str(path))
    failed = check_files(cellwright, paths, jobs, totals, quiet=True)
    for path in set(paths) - set(failed):
        os.unlink(path)
    if not failed:
        folder.rmdir()
    print("random files: %d of %d agree" % (len(paths) - len(failed), len(paths)))
    return len(failed)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cellwright", required=True, help="the program; 'PATH morphology FILE --json' is run")
    parser.add_argument("--random", type=int, default=0, help="number of random files of each format")
    parser.add_argument("--seed", type=int, default=1, help="of the random files")
    parser.add_argument("--real-models", metavar="CACHE", help="compare the files of published packages, kept here")
    parser.add_argument("--package", action="append", help="only this package of them (may be repeated)")
    parser.add_argument("--at-least", type=int, default=1, help="fail if there are fewer files than this (default 1)")
    parser.add_argument("--jobs", type=int, default=len(os.sched_getaffinity(0)), help="files at a time")
    parser.add_argument("files", nargs="*")
    arguments = parser.parse_args()
    files = arguments.files
    if arguments.real_models:
        files = files + published_files(arguments.real_models, arguments.package)
    if not files and not arguments.random:
        parser.error("nothing to compare: give files, --real-models or --random")
    cellwright = [arguments.cellwright, "morphology"]
    totals = {}
    failed = len(check_files(cellwright, files, arguments.jobs, totals))
    if files:
        print("files: %d of %d agree" % (len(files) - failed, len(files)))
    if files and len(files) < arguments.at_least:
        print("FAIL only %d files; there should be %d" % (len(files), arguments.at_least))
        failed += 1
    if arguments.random:
        failed += check_random_files(cellwright, arguments.random, arguments.seed, arguments.jobs, totals)
    print("worst relative differences: %s" % ", ".join("%s %.2e" % item for item in totals.items()))
    return 1 if failed else 0


if __name__ == "__main__":
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    sys.exit(main())
