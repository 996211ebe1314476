#!/usr/bin/env python3
"""Seconds from mod files to loaded mechanisms: cellwright against nrnivmodl, on the 12 mechanisms of BluePyOpt's L5PC example.

Both start from nothing, in turn, several times; the best time of each counts. A second process of cellwright then finds
everything in the cache. The processor time of all processes tells, beside the wall-clock time, how much a busy machine matters.

    build/venv/bin/python benchmarks/compile_mechanisms.py --program build/bench/benchmarks/compile_mechanisms
"""

import argparse
import datetime
import json
import os
import pathlib
import re
import resource
import subprocess
import sys
import tempfile
import time

from machine import commit, machine

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import real_models  # noqa: E402

LARGEST_RATIO = 0.5
LARGEST_CACHE_SECONDS = 0.1


def timed(command, **options):
    """(wall-clock seconds, processor seconds of the process and its children, standard output)"""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    start = time.perf_counter()
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, **options)
    wall = time.perf_counter() - start
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise RuntimeError(f"{command}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return wall, after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime, done.stdout


def nrnivmodl(mods, folder):
    program = pathlib.Path(sys.executable).parent / "nrnivmodl"
    environment = {**os.environ, "PATH": f"{program.parent}:{os.environ['PATH']}"}
    return timed([program, mods], cwd=folder, env=environment)[:2]


def cellwright(program, mods, names, cache, numeric, jobs, expected_origin):
    wall, processor, text = timed([program, mods, cache, numeric, jobs, *names])
    found = json.loads(text)
    if found[expected_origin] != len(names):
        raise RuntimeError(f"{found}: not all of {len(names)} mechanisms were {expected_origin}")
    return wall, processor


def best(pairs):
    """The least wall-clock and the least processor time."""
    return {"wall": min(p[0] for p in pairs), "processor": min(p[1] for p in pairs)}


def measure(arguments, mods, names):
    variants = {f"cellwright, {mode}": (mode, 0) for mode in ("fast", "strict")}
    variants["cellwright, fast, one compiler at a time"] = ("fast", 1)
    times = {}
    for repeat in range(arguments.repeats):
        with tempfile.TemporaryDirectory() as folder:
            times.setdefault("nrnivmodl", []).append(nrnivmodl(mods, folder))
        for name, (mode, jobs) in variants.items():
            with tempfile.TemporaryDirectory() as cache:
                work = (arguments.program, mods, names, cache, mode, jobs)
                times.setdefault(name, []).append(cellwright(*work, "compiled"))
                times.setdefault(name + ", second run", []).append(cellwright(*work, "from_cache"))
    return {name: best(pairs) for name, pairs in times.items()}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the built benchmarks/compile_mechanisms")
    parser.add_argument("--real-models", default=str(ROOT / "build/real_models"), help="folder of the downloaded models")
    parser.add_argument("--out", default="build/bench/compile_mechanisms.json")
    parser.add_argument("--repeats", type=int, default=3, help="runs of each, of which the best counts (default 3)")
    arguments = parser.parse_args()

    mods = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc/mechanisms"
    names = sorted(re.search(r"(?m)^\s*SUFFIX\s+(\w+)", file.read_text()).group(1) for file in mods.glob("*.mod"))
    seconds = measure(arguments, mods, names)

    peer = seconds["nrnivmodl"]
    ratios = {name: {kind: value / peer[kind] for kind, value in pair.items()} for name, pair in seconds.items()}
    width = max(map(len, seconds))
    print(f"{len(names)} mechanisms{'':{width - 14}}  wall s  processor s  part of nrnivmodl's wall time")
    for name, pair in seconds.items():
        print(f"{name:{width}}  {pair['wall']:6.3f}  {pair['processor']:11.3f}  {ratios[name]['wall']:.3f}")
    fast, cached = ratios["cellwright, fast"]["wall"], seconds["cellwright, fast, second run"]["wall"]
    good = fast <= LARGEST_RATIO and cached < LARGEST_CACHE_SECONDS
    print(f"target: at most {LARGEST_RATIO} of nrnivmodl's time, less than {LARGEST_CACHE_SECONDS} s from the cache: "
          f"{'met' if good else 'MISSED'}")
    result = {
        "benchmark": "compile_mechanisms", "date": datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(), "commit": commit(), "mechanisms": names, "repeats": arguments.repeats, "seconds": seconds,
        "ratio_to_nrnivmodl": ratios, "targets_met": good,
    }
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(json.dumps(result, indent=2) + "\n")
    print(f"written: {out}")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
