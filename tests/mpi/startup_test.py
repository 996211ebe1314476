#!/usr/bin/env python3
"""How ranks come to their inputs and compiled mechanisms, on two pretended machines whose file system has no flock and, for the ranks
other than 0, none of the input files: rank 0 alone reads them, one rank of each machine compiles, the cache is whole afterwards."""

import collections
import json
import pathlib
import shutil
import socket
import subprocess
import sys

from ranks import Job, parse_arguments

HERE = pathlib.Path(__file__).resolve().parent
RUN = ["--offspring", "16", "--generations", "2", "--threads", "1", "--save-population"]

COMPILER = """#!/bin/sh
# Notes who compiles.
case "$*" in *" -o "*) echo "${OMPI_COMM_WORLD_RANK:-alone}" >> "$CW_COMPILED" ;; esac
exec c++ "$@"
"""

# In place of ssh: what it starts believes that it is on the machine of that name.
AGENT = """#!/bin/sh
export CW_HOST="$1" CELLWRIGHT_CACHE="{cache}" LD_PRELOAD="{shim}" CW_HIDDEN="{hidden}" CW_LOG="{log}" CW_COMPILED="{compiled}"
shift
exec sh -c "$*"
"""


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


def write_cell(original, folder):
    """A cell with paths of both kinds and a mod file of its own."""
    (folder / "mod").mkdir(parents=True)
    for name, to in (("soma.swc", "soma.swc"), ("leak.mod", "mod")):
        shutil.copy(original.parent / name, folder / to)
    cell = json.loads(original.read_text())
    cell["morphology"]["file"] = str(folder / "soma.swc")
    cell["mechanisms"] = {"directories": ["mod"], "insert": {"somatic": ["hh", "leak"]}}
    (folder / "cell.json").write_text(json.dumps(cell))
    return str(folder / "cell.json")


def check_cache(folder, mechanisms):
    entries = [entry for entry in folder.iterdir() if (entry / "mechanism.so").exists()]
    assert len(entries) == mechanisms, sorted(folder.iterdir())
    left = [file for file in folder.rglob("*") if file.name.startswith("tmp.")]
    assert not left, left


def race(arguments, work, environment, mechanisms):
    """Two processes that begin at once with an empty cache, without locks."""
    cache = work / "race-cache"
    command = [arguments.program, "optimise", arguments.cell, *RUN, "--no-report", "-q"]
    both = [subprocess.Popen([*command, "--out", work / f"race-{name}"], env={**environment, "CELLWRIGHT_CACHE": str(cache)},
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) for name in "ab"]
    for process in both:
        text, _ = process.communicate(timeout=120)
        assert process.returncode == 0, text
    histories = [(work / f"race-{name}" / "history.csv").read_bytes() for name in "ab"]
    assert histories[0] == histories[1]
    check_cache(cache, mechanisms)


def main():
    arguments = parse_arguments(__doc__)
    work = pathlib.Path(arguments.work).resolve()
    shutil.rmtree(work, ignore_errors=True)
    data = work / "data"
    arguments.cell = write_cell(pathlib.Path(arguments.cell), data)
    shim, log, compiled = work / "shim.so", work / "refused.log", work / "compiled.log"
    subprocess.run(["cc", "-shared", "-fPIC", "-o", shim, HERE / "other_machine.c", "-ldl"], check=True)
    compiler = write_program(work / "compiler", COMPILER)
    agent = write_program(work / "agent", AGENT.format(cache=work / "cache-there", shim=shim, hidden=data, log=log, compiled=compiled))

    job = Job(arguments, *RUN, work=work / "runs")
    job.environment.update(CELLWRIGHT_CXX=str(compiler), CW_COMPILED=str(work / "alone.log"), CELLWRIGHT_CACHE=str(work / "cache-alone"))
    job.run(1, "one")
    mechanisms = len((work / "alone.log").read_text().split())
    assert mechanisms > 0
    here = {**job.environment, "CELLWRIGHT_CACHE": str(work / "cache-here"), "CW_COMPILED": str(compiled), "LD_PRELOAD": str(shim),
            "CW_HIDDEN": str(data), "CW_LOG": str(log)}
    launch = [arguments.mpirun, "--host", f"{socket.gethostname()}:2,elsewhere:2", "-n", "4", "--mca", "plm_rsh_agent", agent,
              "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "lo", "--mca", "oob_tcp_if_include", "lo",
              "-x", "CELLWRIGHT_CXX", "-x", "CELLWRIGHT_MPI"]
    done = subprocess.run([*map(str, launch), *job.command("two-machines")], env=here, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and "4 ranks on 2 machines" in done.stderr, (done.returncode, done.stdout, done.stderr)
    job.assert_same_files("two-machines", "one")
    refused = log.read_text()
    assert "flock" in refused, "the file system had locks"
    assert "hidden" not in refused, f"ranks other than 0 wanted to read input files:\n{refused}"
    print("rank 0 alone read the input files")
    assert collections.Counter(compiled.read_text().split()) == {"0": mechanisms, "2": mechanisms}, compiled.read_text()
    check_cache(work / "cache-here", mechanisms)
    check_cache(work / "cache-there", mechanisms)
    print("the first rank of each machine compiled, once")
    race(arguments, work, here, mechanisms)
    print("two processes without locks share an empty cache")


if __name__ == "__main__":
    sys.exit(main())
