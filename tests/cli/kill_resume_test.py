#!/usr/bin/env python3
"""kill -9 at 20 moments of a run, then --resume: the final files are those of the run that nobody disturbed.

Ten moments are spread evenly over the generations (a random while after the logbook shows one), four lie before the first
checkpoint, and six are inside a write: the folder is watched and the process killed as soon as it shows a temporary file.
Resumed runs use another number of threads.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import time

from run_folder import Optimisation

SPREAD, EARLY, IN_WRITE = 10, 4, 6
GENERATIONS = 24


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


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    optimisation = Optimisation(
        arguments.program, arguments.cell, arguments.work, "--seed", 5, "--offspring", 24, "--generations", GENERATIONS
    )
    optimisation.run("warm", "--threads", 2)  # the mechanisms are in the cache from here on
    start = time.monotonic()
    optimisation.run("undisturbed", "--threads", 1)
    duration = time.monotonic() - start
    print(f"undisturbed: {duration:.2f} s")

    random.seed(1)
    generation_s = duration / GENERATIONS
    plans = [("spread", k * (GENERATIONS - 2) // SPREAD) for k in range(1, SPREAD + 1)]
    plans += [("early", k * 0.25 * generation_s) for k in range(EARLY)]
    plans += [("write", 1 + 7 * k) for k in range(IN_WRITE)]
    killed = without_checkpoint = inside_write = 0
    for number, (kind, moment) in enumerate(plans):
        name = f"kill-{number:02d}-{kind}"
        folder = optimisation.folder(name)
        # A write that waits for the disk takes long enough to be seen.
        sync = ["--sync-every", 0] if kind == "write" else []
        process = subprocess.Popen(
            optimisation.command(name, "--threads", 1, *sync), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        if kind == "write":
            inside_write += kill_in_write(process, folder, moment)
        elif kind == "early":
            kill_after(process, folder, 0, moment)
        else:
            kill_after(process, folder, moment, random.random() * 0.8 * generation_s)
        killed += process.wait() == -signal.SIGKILL
        without_checkpoint += not (folder / "checkpoint").exists()
        written = max(0, generations_logged(folder))
        optimisation.run(name, "--resume", "--threads", 1 + number % 3)
        optimisation.assert_same_files(name, "undisturbed")
        print(f"{name}: killed with {written} generations logged; the resumed run's files are the same")

    print(f"{killed} of {len(plans)} killed, {without_checkpoint} before a checkpoint, {inside_write} inside a write")
    assert killed >= len(plans) - 2, "too many runs ended before they were killed"
    assert without_checkpoint >= 2, "no kill came before the first checkpoint"
    assert inside_write >= 2, "no kill came inside a write"


if __name__ == "__main__":
    sys.exit(main())
