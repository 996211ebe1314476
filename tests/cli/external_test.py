#!/usr/bin/env python3
"""Problem files with an evaluator of their own: the guide's and the example's, on several numbers of workers, killed and resumed."""

import argparse
import json
import pathlib
import re
import shutil
import signal
import subprocess
import time

import run_folder


def write_guide_problem(guide, folder):
    """The guide's problem file and program, as they stand on the page."""
    blocks = dict(re.findall(r"```(json|python)\n(.*?)```", guide.read_text(), re.DOTALL))
    (folder / "problem.json").write_text(blocks["json"])
    (folder / "toy.py").write_text(blocks["python"])
    return folder / "problem.json"


def set_workers(problem, count):
    content = json.loads(problem.read_text())
    content["evaluator"]["workers"] = count
    problem.write_text(json.dumps(content))


def logged_starts(run):
    return sum(1 for _ in run.glob("worker-*.log"))


def check_guide(program, source, work):
    runs = run_folder.Optimisation(program, work / "guide/problem.json", work / "guide", "--offspring", 8, "--generations", 4)
    problem = write_guide_problem(source / "docs/guide/problem-file.md", work / "guide")
    runs.run("two")
    assert logged_starts(runs.folder("two")) == 2
    set_workers(problem, 1)
    runs.run("one")
    runs.assert_same_files("one", "two")


def kill_after_checkpoint(command, folder):
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None and not (folder / "checkpoint").exists():
        time.sleep(0.005)
    time.sleep(0.1)
    process.send_signal(signal.SIGKILL)
    process.wait()


def check_example(program, source, work):
    """Fits; killed with -9 and resumed with more workers, the files are the same bytes."""
    folder = work / "example"
    runs = run_folder.Optimisation(program, folder / "problem.json", folder, "--offspring", 20, "--generations", 15)
    for file in (source / "examples/external_evaluator").iterdir():
        if file.is_file():
            shutil.copy(file, folder)
    runs.run("undisturbed")
    kill_after_checkpoint(runs.command("killed"), runs.folder("killed"))
    set_workers(folder / "problem.json", 3)
    runs.run("killed", "--resume")
    runs.assert_same_files("killed", "undisturbed")
    rows = [line.split(",") for line in (runs.folder("undisturbed") / "logbook.csv").read_text().splitlines()[1:]]
    assert int(rows[0][-1]) > 0, "some individuals have rise > decay"
    first, last = float(rows[0][4]), min(float(row[4]) for row in rows)
    assert last < 0.5 * first, (first, last)
    best = subprocess.run([program, "evaluate", str(folder / "problem.json"), "--json", "--params",
                           str(runs.folder("undisturbed") / "best_params.json")], capture_output=True, text=True, check=True)
    hall = json.loads((runs.folder("undisturbed") / "hall_of_fame.json").read_text())
    assert json.loads(best.stdout)["objectives"] == hall[0]["objectives"]


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    program, source = str(pathlib.Path(arguments.program).resolve()), pathlib.Path(arguments.source)
    work = pathlib.Path(arguments.work).resolve()
    check_guide(program, source, work)
    check_example(program, source, work)
    print("the guide's and the example's evaluator give the same files on any number of workers")


if __name__ == "__main__":
    main()
