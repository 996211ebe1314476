"""Runs of `mpirun cellwright optimise` for the tests of this folder."""

import argparse
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cli"))
from run_folder import FINAL_FILES  # noqa: E402

COMPARED = (*FINAL_FILES, "history.csv")
TIME_LIMIT_S = 120

# Root in a container, more ranks than processors, one machine.
ENVIRONMENT = {
    "OMPI_ALLOW_RUN_AS_ROOT": "1",
    "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
    "OMPI_MCA_rmaps_base_oversubscribe": "1",
    "OMPI_MCA_hwloc_base_binding_policy": "none",
    "OMPI_MCA_btl_vader_single_copy_mechanism": "none",
}


def parse_arguments(doc):
    parser = argparse.ArgumentParser(description=doc, formatter_class=argparse.RawDescriptionHelpFormatter)
    for name in ("program", "plugin", "mpirun", "cell", "work"):
        parser.add_argument(f"--{name}", required=True)
    return parser.parse_args()


class Job:
    """One problem with its options, run by any number of ranks into folders below `work`."""

    def __init__(self, arguments, *options, problem=None, work=None):
        self.program, self.mpirun = arguments.program, arguments.mpirun
        self.problem = str(problem or arguments.cell)
        self.options = [str(option) for option in options]
        self.work = pathlib.Path(work or arguments.work)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.environment = {**os.environ, **ENVIRONMENT, "CELLWRIGHT_MPI": arguments.plugin}

    def folder(self, name):
        return self.work / name

    def command(self, name, *options):
        return [self.program, "optimise", self.problem, "--save-population", "--no-report", *self.options, "--out", str(self.folder(name)),
                *map(str, options)]

    def launch(self, ranks, name, *options):
        """Starts the ranks (1: the program alone) in a process group of their own."""
        command = self.command(name, *options)
        if ranks > 1:
            command = [self.mpirun, "-n", str(ranks), *command]
        return subprocess.Popen(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                start_new_session=True)

    def run(self, ranks, name, *options, expected=0):
        process = self.launch(ranks, name, *options)
        try:
            out, err = process.communicate(timeout=TIME_LIMIT_S)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise AssertionError(f"{name}: {ranks} ranks hang") from None
        if process.returncode != expected:
            raise AssertionError(f"{name}, {ranks} ranks {options}: exit {process.returncode}\n{out}\n{err}")
        return out + err

    def assert_same_files(self, name, reference):
        for file in COMPARED:
            ours, theirs = self.folder(name) / file, self.folder(reference) / file
            if ours.read_bytes() != theirs.read_bytes():
                raise AssertionError(f"{name}: {file} differs from that of {reference}: diff {ours} {theirs}")
        if (self.folder(name) / "journal").exists():
            raise AssertionError(f"{name}: a journal is left")


def rank_processes(mpirun):
    """Process ids of the ranks that an mpirun started."""
    try:
        return [int(pid) for pid in pathlib.Path(f"/proc/{mpirun}/task/{mpirun}/children").read_text().split()]
    except FileNotFoundError:
        return []


def wait_for_end(pids, seconds=30):
    limit = time.monotonic() + seconds
    while any(pathlib.Path(f"/proc/{pid}/exe").is_symlink() and alive(pid) for pid in pids):
        if time.monotonic() > limit:
            raise AssertionError(f"processes of a killed job do not end: {pids}")
        time.sleep(0.01)


def alive(pid):
    try:
        return "Z" != pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False


def rows(file):
    try:
        return sum(1 for _ in open(file)) - 1
    except FileNotFoundError:
        return 0
