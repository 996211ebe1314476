#!/usr/bin/env python3
"""Ranks that would compute something else are refused at the start, with the difference named: another program, another
problem file, other mechanisms; ranks that cannot build the cell say why."""

import os
import pathlib
import shutil
import subprocess
import sys

from ranks import ENVIRONMENT, parse_arguments

OPTIONS = ["--offspring", "8", "--generations", "1", "--threads", "1", "--no-report"]


def run(arguments, *programs):
    """mpirun with one rank a command line. Returns (status, text)."""
    command = [arguments.mpirun]
    for number, line in enumerate(programs):
        command += [*([":"] if number else []), "-n", "1", *map(str, line)]
    done = subprocess.run(command, env={**os.environ, **ENVIRONMENT, "CELLWRIGHT_MPI": arguments.plugin}, capture_output=True,
                          text=True, timeout=120)
    return done.returncode, done.stdout + done.stderr


def check(result, *expected):
    status, text = result
    assert status == 3, f"exit {status}\n{text}"
    for part in expected:
        assert part in text, f"'{part}' is missing in\n{text}"


def version_of(program):
    return subprocess.run([program, "--version"], check=True, capture_output=True).stdout.split()[-1]


def write_cell_with_leak(arguments, folder, reversal):
    shutil.copytree(pathlib.Path(arguments.cell).parent, folder)
    (folder / "mod").mkdir()
    (folder / "mod" / "leak.mod").write_text((folder / "leak.mod").read_text().replace("-70", reversal))
    text = (folder / "cell.json").read_text()
    (folder / "cell.json").write_text(text.replace('"insert"', '"directories": ["mod"], "insert"').replace('["hh"]', '["hh", "leak"]'))


def main():
    arguments = parse_arguments(__doc__)
    work = pathlib.Path(arguments.work)
    shutil.rmtree(work, ignore_errors=True)
    shutil.copytree(pathlib.Path(arguments.cell).parent, work / "data")
    cell = work / "data" / "cell.json"
    other = work / "data" / "other_cell.json"
    other.write_text(cell.read_text())

    def line(program, file, out):
        return [program, "optimise", file, *OPTIONS, "--out", work / out]

    check(run(arguments, line(arguments.program, cell, "a"), line(arguments.program, other, "a")),
          "rank 1", "it was started with", "other_cell.json")

    copy = work / "cellwright"
    shutil.copy(arguments.program, copy)
    with open(copy, "ab") as file:
        file.write(b"another build")
    check(run(arguments, line(arguments.program, cell, "b"), line(copy, cell, "b")),
          "rank 1", "runs another build of cellwright")

    newer = work / "newer"
    text = version_of(arguments.program)
    newer.write_bytes(pathlib.Path(arguments.program).read_bytes().replace(text + b"\0", text[:-1] + b"9\0"))
    newer.chmod(0o755)
    check(run(arguments, line(arguments.program, cell, "v"), line(newer, cell, "v")),
          "rank 1", f"runs version {text[:-1].decode()}9 of cellwright, rank 0 version {text.decode()}")

    for folder, leak in (("mechanisms-a", "-70"), ("mechanisms-b", "-71")):
        write_cell_with_leak(arguments, work / folder, leak)
    check(run(arguments, line(arguments.program, work / "mechanisms-a" / "cell.json", "m"),
              line(arguments.program, work / "mechanisms-b" / "cell.json", "m")), "rank 1", "mechanisms-b/cell.json")

    (work / "data" / "broken.json").write_text(cell.read_text().replace('"morphology"', '"morphologie"'))
    check(run(arguments, line(arguments.program, work / "data" / "broken.json", "c"),
              line(arguments.program, work / "data" / "broken.json", "c")), "morphologie")
    print("another command line, another version, another build, other mechanisms and a wrong cell file are refused")


if __name__ == "__main__":
    sys.exit(main())
