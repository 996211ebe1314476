#!/usr/bin/env python3
"""1, 2 and 4 ranks with 1 and 2 threads give the files of one process with one thread, byte for byte: IBEA, NSGA2, the
asynchronous mode with a fixed schedule, and a problem file whose evaluator now and then hangs on some rank."""

import json
import pathlib
import sys

from ranks import Job, parse_arguments

BY_GENERATIONS = ["--offspring", 40, "--generations", 6, "--seed", 3]
CASES = {
    "ibea": BY_GENERATIONS,
    "nsga2": [*BY_GENERATIONS, "--algorithm", "nsga2"],
    "asynchronous": [*BY_GENERATIONS, "--asynchronous", "--schedule", "in-order", "--in-flight", 24],
}
TEAMS = [(2, 1), (2, 2), (4, 1)]

# Hangs where x is small: the time limit must end it, whichever rank has it.
EVALUATOR = """
import json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    x, y = request["params"]["x"], request["params"]["y"]
    if x < 0.12:
        time.sleep(1000)
    print(json.dumps({"id": request["id"], "objectives": [x * x + y, (y - 1) ** 2]}), flush=True)
"""


def write_external_problem(folder):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluator.py").write_text(EVALUATOR)
    problem = {
        "name": "hangs",
        "parameters": [{"name": "x", "bounds": [0, 1]}, {"name": "y", "bounds": [0, 2]}],
        "objectives": ["f", "g"],
        "evaluator": {"command": [sys.executable, "./evaluator.py"], "workers": 2, "timeout": 1.0},
    }
    (folder / "problem.json").write_text(json.dumps(problem))
    return folder / "problem.json"


def compare(job, name):
    job.run(1, "one", "--threads", 1)
    for ranks, threads in TEAMS:
        team = f"{ranks}x{threads}"
        text = job.run(ranks, team, "--threads", threads)
        assert f"{ranks} ranks on 1 machine" in text and " ranks " in text.split("generation", 1)[1], text
        job.assert_same_files(team, "one")
    print(f"{name}: {len(TEAMS)} teams give the files of one process")


def main():
    arguments = parse_arguments(__doc__)
    work = pathlib.Path(arguments.work)
    for name, options in CASES.items():
        compare(Job(arguments, *options, work=work / name), name)
    problem = write_external_problem(work / "problem")
    external = Job(arguments, "--offspring", 12, "--generations", 2, problem=problem, work=work / "external")
    external.run(1, "one")
    text = external.run(2, "two")
    external.assert_same_files("two", "one")
    failed = sum(int(line.rsplit(",", 1)[1]) for line in (external.folder("one") / "logbook.csv").read_text().splitlines()[1:])
    assert failed > 0 and "no answer within 1 s" in text, text
    print(f"problem file: 2 ranks, {failed} evaluations that hang fail by the time limit")


if __name__ == "__main__":
    sys.exit(main())
