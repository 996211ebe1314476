#!/usr/bin/env python3
"""kill -9 at 50 random moments of a run, then --resume: the final files are those of the run that nobody disturbed.

The moments are drawn with a fixed seed: 24 over all generations (a random while after the logbook shows a random one), 10 between
the start of the process and the first generation, 10 inside a write (the folder is watched, and the process killed as soon as it
shows one more temporary file), and 6 in the last writing, of a run that has written no checkpoint before. A third of the first kind
writes its checkpoints every 7 generations, another third by time. Resumed runs use another number of threads.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time

from run_folder import Optimisation

SPREAD, EARLY, IN_WRITE, LAST_WRITE = 24, 10, 10, 6
GENERATIONS = 60
SEED = 1
ATTEMPTS = 10  # on a loaded machine a run may end before it is killed
FREQUENCIES = [[], ["--checkpoint-every", 7], ["--checkpoint-every", 1000, "--checkpoint-interval", 0.02]]
SYNC = ["--sync-every", 0]  # a write that waits for the disk takes long enough to be seen


def temporary_file_shown(folder):
    try:
        return any(".tmp." in name for name in os.listdir(folder))
    except FileNotFoundError:
        return False


def generations_logged(folder):
    try:
        with open(folder / "logbook.csv") as logbook:
            return sum(1 for _ in logbook) - 1
    except FileNotFoundError:
        return 0


def kill_after(process, folder, generations, seconds):
    """Kills `seconds` after the logbook shows a number of generations."""
    while process.poll() is None and generations_logged(folder) < generations:
        time.sleep(0.0005)
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)


def kill_in_write(process, folder, skip):
    """Kills while a temporary file is there, letting `skip` of them pass. Returns whether the file outlived the process."""
    shown = False
    while process.poll() is None:
        now = temporary_file_shown(folder)
        if now and not shown:
            if skip == 0:
                process.send_signal(signal.SIGKILL)
                process.wait()
                return temporary_file_shown(folder)
            skip -= 1
        shown = now
    return False


def plan_kills():
    """[(kind, generation or number of temporary files to let pass, fraction of a while, options)]"""
    draw = random.Random(SEED)
    plans = [("spread", draw.randrange(1, GENERATIONS), draw.random(), FREQUENCIES[k % 3]) for k in range(SPREAD)]
    plans += [("early", 0, draw.random(), []) for _ in range(EARLY)]
    plans += [("write", draw.randrange(GENERATIONS), 0, SYNC) for _ in range(IN_WRITE)]
    # Only the end writes then: hall of fame, best parameters, checkpoint.
    plans += [("last", k % 3, 0, [*SYNC, "--checkpoint-every", 1000]) for k in range(LAST_WRITE)]
    return plans


def measure_undisturbed(optimisation):
    """Runs it and returns (seconds to the first generation, seconds of a generation)."""
    start = time.monotonic()
    process = subprocess.Popen(
        optimisation.command("undisturbed", "--threads", 1), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    while process.poll() is None and generations_logged(optimisation.folder("undisturbed")) < 1:
        time.sleep(0.0005)
    first = time.monotonic() - start
    assert process.wait() == 0, "the undisturbed run failed"
    return first, (time.monotonic() - start - first) / (GENERATIONS - 1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    optimisation = Optimisation(
        arguments.program, arguments.cell, arguments.work, "--seed", 5, "--offspring", 24, "--generations", GENERATIONS,
        "--no-report",  # its time would count as that of generations
    )
    optimisation.run("warm", "--threads", 2)  # the mechanisms are in the cache from here on
    first_s, generation_s = measure_undisturbed(optimisation)
    print(f"undisturbed: {first_s:.3f} s to the first generation, {1e3 * generation_s:.2f} ms a generation")

    plans = plan_kills()
    assert len(plans) == 50
    generations_at_kill = []
    killed = without_checkpoint = inside_write = inside_last = 0
    for number, (kind, moment, fraction, options) in enumerate(plans):
        name = f"kill-{number:02d}-{kind}"
        folder = optimisation.folder(name)
        for _ in range(ATTEMPTS):
            shutil.rmtree(folder, ignore_errors=True)
            process = subprocess.Popen(
                optimisation.command(name, "--threads", 1, *options), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            in_write = False
            if kind in ("write", "last"):
                in_write = kill_in_write(process, folder, moment)
            else:
                kill_after(process, folder, moment, fraction * (first_s if kind == "early" else generation_s))
            if process.wait() == -signal.SIGKILL:
                killed += 1
                generations_at_kill.append(max(0, generations_logged(folder)))
                break
        inside_write += in_write and kind == "write"
        inside_last += in_write and kind == "last"
        without_checkpoint += not (folder / "checkpoint").exists()
        optimisation.run(name, "--resume", "--threads", 1 + number % 3)
        optimisation.assert_same_files(name, "undisturbed")

    print(f"{killed} of {len(plans)} killed, at {len(set(generations_at_kill))} different generations {sorted(generations_at_kill)}")
    print(f"{without_checkpoint} before a checkpoint, {inside_write} inside a write, {inside_last} inside the last writing")
    print("every resumed run's files are those of the undisturbed run")
    assert killed >= len(plans) - 5, "too many runs ended before they were killed"
    assert len(set(generations_at_kill)) >= 15, "the kills are not spread over the run"
    assert without_checkpoint >= 5, "too few kills came before the first checkpoint"
    assert inside_write >= 2, "no kill came inside a write"
    assert inside_last >= 1, "no kill came inside the last writing"


if __name__ == "__main__":
    sys.exit(main())
