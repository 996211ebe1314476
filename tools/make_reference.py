#!/usr/bin/env python3
"""Writes docs/reference/ from the program itself, so that the reference cannot drift from what it does.

    tools/make_reference.py               writes command-line.md, cell-file-schema.json and problem-file-schema.json
    tools/make_reference.py --features-dump build/ci/tests/parity/features/features_dump          features.md as well
    tools/make_reference.py --check [...] compares them with what would be written; exit 1 if they differ
"""

import argparse
import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
COMMANDS = ["optimise", "evaluate", "simulate", "verify", "report", "features", "check", "morphology", "nmodl", "export", "export hoc", "slurm", "schema", "doctor"]


def output(program, *arguments):
    done = subprocess.run([str(program), *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(arguments)}: exit {done.returncode}\n{done.stderr}")
    return done.stdout


def indented(text):
    return "".join(f"    {line}\n" if line.strip() else "\n" for line in text.rstrip().splitlines())


def pages(program, features_dump):
    command_line = ["# The command line\n\nWhat `cellwright --help` and `cellwright COMMAND --help` print.\n", indented(output(program, "--help"))]
    command_line += [f"## {name}\n\n{indented(output(program, *name.split(), '--help'))}" for name in COMMANDS]
    schema = json.dumps(json.loads(output(program, "schema")), indent=2) + "\n"
    problem_schema = json.dumps(json.loads(output(program, "schema", "--problem")), indent=2) + "\n"
    result = {"command-line.md": "\n".join(command_line), "cell-file-schema.json": schema, "problem-file-schema.json": problem_schema}
    if features_dump:
        result["features.md"] = output(features_dump, "--reference")
    return result


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build" / "cellwright")
    parser.add_argument("--features-dump", help="the built tests/parity/features/features_dump")
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    status = 0
    for name, content in pages(arguments.program, arguments.features_dump).items():
        file = ROOT / "docs" / "reference" / name
        if not arguments.check:
            file.write_text(content)
        elif not file.exists() or file.read_text() != content:
            print(f"{file.relative_to(ROOT)} is not what the program gives now: run tools/make_reference.py")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main())
