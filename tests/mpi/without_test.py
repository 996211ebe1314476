#!/usr/bin/env python3
"""Without MPI: the program does not link to it, runs as always, and says clearly why several processes cannot work together; the
build can do without it."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys


def run(command, **variables):
    done = subprocess.run(list(map(str, command)), env={**os.environ, **variables}, capture_output=True, text=True, timeout=100)
    return done.returncode, done.stdout + done.stderr


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("program", "cell", "source", "work"):
        parser.add_argument(f"--{name}", required=True)
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)

    status, libraries = run(["ldd", arguments.program])
    assert status == 0 and "libmpi" not in libraries, libraries
    optimise = [arguments.program, "optimise", arguments.cell, "--offspring", 4, "--generations", 1, "--out", work / "run"]
    absent = {"CELLWRIGHT_MPI": str(work / "absent.so")}
    status, text = run(optimise, **absent)
    assert status == 0, text
    status, text = run([arguments.program, "doctor"], **absent)
    assert status == 0 and "absent.so" in text, text
    status, text = run([*optimise, "--resume"], OMPI_COMM_WORLD_SIZE="2", **absent)
    assert status == 1 and "2 processes were started together, but cellwright cannot use MPI" in text, (status, text)

    status, text = run(["cmake", "-S", arguments.source, "-B", work / "build", "-G", "Ninja", "-DCELLWRIGHT_MPI=OFF",
                        "-DCELLWRIGHT_BUILD_TESTS=OFF"])
    assert status == 0 and "MPI: not found or switched off" in text, text
    status, targets = run(["ninja", "-C", work / "build", "-t", "targets", "all"])
    assert status == 0 and "cellwright_mpi" not in targets and "cellwright:" in targets, "targets"
    print("without MPI: builds, runs, and says so")


if __name__ == "__main__":
    sys.exit(main())
