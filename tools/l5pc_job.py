#!/usr/bin/env python3
"""The main job on a real cell: BluePyOpt's L5PC example (docs/guide/l5pc.md), from its own files.

    tools/l5pc_job.py --program build/cellwright --cache build/real_models --work build/l5pc

    tools/l5pc_job.py --offspring 100 --generations 100      the whole optimisation; prints its core hours

Fetches the source package of BluePyOpt from PyPI by pip, unpacks examples/l5pc of it, writes a cell file beside it that names its
files as they are, evaluates and simulates the published solution, and runs an optimisation of 20 offspring and 5 generations with its report.
"""

import argparse
import json
import pathlib
import resource
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import l5pc  # noqa: E402
import real_models  # noqa: E402

# What l5pc_evaluator.py says beside the configuration files: the window of bAP ends with the sweep, dendrites have a threshold of
# their own.
CELL_FILE = """\
{
  "name": "l5pc",
  "morphology": {"file": "l5pc/morphology/C060114A7.asc", "replace_axon": true},
  "mechanisms": {"directories": ["l5pc/mechanisms"], "insert": "l5pc/config/mechanisms.json"},
  "parameters": "l5pc/config/parameters.json",
  "protocols": "l5pc/config/protocols.json",
  "features": "l5pc/config/features.json",
  "feature_settings": [{"protocol": "bAP", "stim_end": 600}, {"location": "dend*", "threshold": -55}],
  "simulator": {"step": "variable"}
}
"""


def prepare(cache, work):
    """The example, the cell file and the published solution in `work`."""
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    example = work / "l5pc"
    shutil.copytree(real_models.fetch(cache, "bluepyopt") / "examples/l5pc", example)
    (work / "cell.json").write_text(CELL_FILE)
    release = l5pc.release_parameters(example)
    free = {name: release[name] for name in l5pc.free_bounds(example)}
    (work / "release.json").write_text(json.dumps(free, indent=1) + "\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build" / "cellwright")
    parser.add_argument("--cache", default=ROOT / "build" / "real_models", help="where packages from PyPI are kept")
    parser.add_argument("--work", default=ROOT / "build" / "l5pc")
    parser.add_argument("--offspring", default="20")
    parser.add_argument("--generations", default="5")
    arguments = parser.parse_args()
    work, program = pathlib.Path(arguments.work).resolve(), str(pathlib.Path(arguments.program).resolve())
    prepare(arguments.cache, work)

    def run(*command):
        print("\n$ cellwright", *command, flush=True)
        start, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run([program, *command], cwd=work, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
        print(f"({time.monotonic() - start:.1f} s, {seconds:.1f} s of the processor: {seconds / 3600:.4f} core hours)", flush=True)

    run("check", "cell.json")
    run("evaluate", "cell.json", "--params", "release.json")
    run("simulate", "cell.json", "--params", "release.json", "--out", "traces", "--sample", "0.1")
    run("optimise", "cell.json", "--offspring", arguments.offspring, "--generations", arguments.generations, "--out", "run")
    print(f"\nThe report: {work / 'run' / 'report.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
