#!/usr/bin/env python3
"""kill -9 in the middle of generations, again and again, of one run and of an asynchronous one: the files are those of the undisturbed
run, and every death costs no more evaluations than were on their way.

The evaluator is a program that writes down each individual that it evaluates. Where lines of the journal are damaged, exactly these are
evaluated again.
"""

import argparse
import json
import pathlib
import random
import re
import shutil
import signal
import subprocess
import sys
import time

WORKERS, OFFSPRING, GENERATIONS, KILLS = 2, 30, 3, 8
MODES = {"generations": [], "asynchronous": ["--asynchronous", "--schedule", "in-order", "--in-flight", "6"]}
SAME = ("logbook.csv", "hall_of_fame.json", "best_params.json", "population.csv", "checkpoint", "history.csv")

EVALUATOR = """
import json, sys, time
for line in sys.stdin:
    request = json.loads(line)
    x, y = request["params"]["x"], request["params"]["y"]
    time.sleep(0.004 + 0.006 * x)
    with open("evaluated.log", "a") as log:
        log.write(repr(x) + " " + repr(y) + chr(10))
    print(json.dumps({"id": request["id"], "objectives": [x * x + y, (y - 1) ** 2]}), flush=True)
"""


def write_problem(folder):
    folder.mkdir(parents=True)
    (folder / "evaluator.py").write_text(EVALUATOR)
    problem = {"name": "counted", "parameters": [{"name": "x", "bounds": [0, 1]}, {"name": "y", "bounds": [0, 2]}],
               "objectives": ["f", "g"], "evaluator": {"command": [sys.executable, "evaluator.py"], "workers": WORKERS}}
    (folder / "problem.json").write_text(json.dumps(problem))


def command(program, folder, out, *options):
    return [program, "optimise", str(folder / "problem.json"), "--offspring", str(OFFSPRING), "--generations", str(GENERATIONS), "--seed", "6",
            "--save-population", "--no-report", "--out", str(folder / out), *options]


def evaluated(folder):
    log = folder / "evaluated.log"
    return len(log.read_text().splitlines()) if log.exists() else 0


def run(program, folder, out, *options):
    done = subprocess.run(command(program, folder, out, *options), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr


def kill_after(program, folder, count, *options):
    """Kills the run once so many individuals more were evaluated. Returns whether it was alive."""
    target = evaluated(folder) + count
    process = subprocess.Popen(command(program, folder, "killed", "--resume", *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    limit = time.monotonic() + 60
    while evaluated(folder) < target and process.poll() is None:
        assert time.monotonic() < limit, "the run does not go on"
        time.sleep(0.001)
    process.send_signal(signal.SIGKILL)
    killed = process.wait() == -signal.SIGKILL
    time.sleep(0.05)  # its workers write down what they had, and end
    return killed


def damage(journal, draw):
    """Changes a digit in two lines. Returns their number."""
    lines = journal.read_text().splitlines(keepends=True)
    victims = draw.sample(range(1, len(lines)), min(2, len(lines) - 1))
    for victim in victims:
        lines[victim] = re.sub(r"\d(?=[^\d]*$)", lambda digit: str((int(digit[0]) + 1) % 10), lines[victim], count=1)
    journal.write_text("".join(lines))
    return len(victims)


def assert_same(folder):
    for file in SAME:
        assert (folder / "killed" / file).read_bytes() == (folder / "whole" / file).read_bytes(), f"{file} differs in {folder}"
    assert not (folder / "killed" / "journal").exists(), "a journal is left"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work)
    shutil.rmtree(work, ignore_errors=True)
    for mode, options in MODES.items():
        folder = work / mode
        write_problem(folder)
        run(arguments.program, folder, "whole", *options)
        needed = evaluated(folder)
        draw = random.Random(2)
        kills = sum(kill_after(arguments.program, folder, draw.randrange(2, 9), *options) for _ in range(KILLS))
        journal = folder / "killed" / "journal"
        damaged = damage(journal, draw) if journal.exists() else 0
        run(arguments.program, folder, "killed", "--resume", *options)
        assert_same(folder)
        again = evaluated(folder) - 2 * needed
        print(f"{mode}: {kills} kills, {damaged} damaged lines, {again} of {needed} evaluations made again")
        assert kills >= KILLS - 1 and again <= kills * WORKERS + damaged, (kills, damaged, again)


if __name__ == "__main__":
    sys.exit(main())
