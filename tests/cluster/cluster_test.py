#!/usr/bin/env python3
"""`make cluster-test`: a real one-machine Slurm runs the printed script, is told to requeue the job in the middle, and the files are those
of one process; then three hosts (network namespaces) work over TCP until one is cut off, and the run goes on with the others."""

import argparse
import os
import pathlib
import shutil
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "mpi"), str(HERE.parent / "cli")]
from hosts import Hosts  # noqa: E402
from ranks import ENVIRONMENT, rows  # noqa: E402
from run_folder import FINAL_FILES  # noqa: E402
from slurm_cluster import Slurm  # noqa: E402

GENERATIONS = 40
RUN = ["--save-population", "--no-report", "--offspring", "160", "--generations", str(GENERATIONS), "--seed", "2"]


def assert_same_files(folder, reference):
    for file in (*FINAL_FILES, "history.csv"):
        assert (folder / file).read_bytes() == (reference / file).read_bytes(), f"diff {folder / file} {reference / file}"


def wait_for(condition, what, process=None, seconds=120):
    limit = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, f"the job ended before {what}: {process.communicate()}"
        assert time.monotonic() < limit, f"waited in vain for {what}"
        time.sleep(0.02)


def test_slurm(arguments, work):
    reference = work / "one"
    script = work / "cell.sbatch"
    printed = subprocess.run(
        [arguments.program, "slurm", arguments.cell, "--nodes", "1", "--ranks-per-node", "2", "--cpus-per-rank", "1", "--time", "0:10:00",
         "--out", str(work / "slurm-run"), "--name", "cell", "--", *RUN],
        check=True, capture_output=True, text=True).stdout
    script.write_text(printed)
    with Slurm(work / "slurm") as slurm:
        job = slurm.submit(script, work)
        run = work / "slurm-run"
        wait_for(lambda: rows(run / "logbook.csv") >= 8, "generation 8 of the job")
        slurm.call("scontrol", "requeue", job)
        before = rows(run / "logbook.csv")
        assert before < GENERATIONS, "the job was too fast to be requeued in the middle"
        slurm.wait(lambda: slurm.state(job)[1] == 1 and slurm.state(job)[0] in ("RUNNING", "COMPLETED"), "the second turn", 120)
        slurm.wait(lambda: slurm.state(job)[0] == "COMPLETED", "the end of the job", 120)
        log = (work / f"cell-{job}.log").read_text()
    assert "2 ranks on 1 machine" in log and "going on after generation" in log and "finished:" in log, log
    assert_same_files(run, reference)
    print(f"Slurm: requeued after generation {before} of {GENERATIONS}, finished with the files of one process")


def test_hosts(arguments, work):
    with Hosts(work / "hosts", 3) as hosts:
        run = work / "hosts-run"

        def start(count):
            # Longer than what mpirun needs to miss a host: if rank 0 gave up first, mpirun would wait for the lost one.
            command = [*hosts.mpirun(arguments.mpirun, count), arguments.program, "optimise", arguments.cell, *RUN, "--threads", "1",
                       "--rank-timeout", "30", "--out", str(run), "--resume"]
            return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)

        process = start(3)
        wait_for(lambda: rows(run / "logbook.csv") >= 5, "generation 5 over three hosts", process)
        hosts.cut_off(2)
        try:
            out, err = process.communicate(timeout=90)
        except subprocess.TimeoutExpired:
            raise AssertionError("the job hangs after a host was cut off") from None
        done = rows(run / "logbook.csv")
        assert process.returncode != 0 and done < GENERATIONS, (process.returncode, out, err)
        assert "cwhost2" in err, err
        print(f"hosts: after a cut the job ended with status {process.returncode} in generation {done}: "
              + next((line for line in err.splitlines() if "cwhost2" in line), ""))
        process = start(2)
        out, err = process.communicate(timeout=120)
        assert process.returncode == 0 and "2 ranks on 2 machines" in err, (process.returncode, out, err)
    assert_same_files(run, work / "one")
    print("hosts: the two others finished it with the files of one process")


# Notes that it compiles, and sees the processor that CW_EMULATOR pretends.
COMPILER = """#!/bin/sh
case "$*" in *" -o "*) echo compiled >> "$CW_COMPILED" ;; esac
exec $CW_EMULATOR /usr/bin/c++ "$@"
"""


def test_processors(arguments, work):
    """A processor without AVX (QEMU's Nehalem) and this one share a cache."""
    compiler = work / "compiler"
    compiler.write_text(COMPILER)
    compiler.chmod(0o755)
    environment = {**os.environ, "CELLWRIGHT_CACHE": str(work / "processors-cache"), "CELLWRIGHT_CXX": str(compiler),
                   "CW_COMPILED": str(work / "compiled.log")}
    compiled = []
    for number, emulator in enumerate([[], ["qemu-x86_64", "-cpu", "Nehalem"], [], ["qemu-x86_64", "-cpu", "Nehalem"]]):
        done = subprocess.run([*emulator, arguments.program, "optimise", arguments.cell, "--offspring", "8", "--generations", "1", "--threads", "1",
                               "--no-report", "--out", str(work / f"processor-{number}"), "-q"],
                              env={**environment, "CW_EMULATOR": " ".join(emulator)}, capture_output=True, text=True)
        assert done.returncode == 0, (emulator, done.stdout, done.stderr)
        compiled.append(len((work / "compiled.log").read_text().split()))
    once = compiled[0]
    assert once > 0 and compiled == [once, 2 * once, 2 * once, 2 * once], compiled
    print(f"processors: another instruction set compiled its own {once} mechanisms, each found its own again")


TESTS = {"processors": test_processors, "slurm": test_slurm, "hosts": test_hosts}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("program", "cell", "work", "mpirun"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--only", choices=list(TESTS), help="one part of it")
    arguments = parser.parse_args()
    assert os.geteuid() == 0, "root only: it starts daemons and makes network namespaces"
    os.environ.update(ENVIRONMENT)
    arguments.program = str(pathlib.Path(arguments.program).resolve())
    arguments.cell = str(pathlib.Path(arguments.cell).resolve())
    work = pathlib.Path(arguments.work).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    subprocess.run([arguments.program, "optimise", arguments.cell, *RUN, "--threads", "1", "--out", str(work / "one"), "-q"], check=True,
                   stdout=subprocess.DEVNULL)
    for name, test in TESTS.items():
        if arguments.only in (None, name):
            test(arguments, work)


if __name__ == "__main__":
    sys.exit(main())
