#!/usr/bin/env python3
"""20 kills of random ranks and whole jobs, each followed by --resume with another number of ranks: the files are those of
the undisturbed run, and what had arrived before the death is not evaluated again. SIGTERM to rank 0 ends with a valid
checkpoint, and so does Ctrl-C; a rank that hangs ends the job with status 75."""

import os
import pathlib
import random
import re
import signal
import sys
import time

from ranks import Job, alive, parse_arguments, rank_processes, rows, wait_for_end

KILLS = 20
GENERATIONS = 30
PATIENCE_S = 60


def wait_for(condition, process, what):
    limit = time.monotonic() + PATIENCE_S
    while not condition() and process.poll() is None:
        if time.monotonic() > limit:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.002)


def kill(process, kind, draw):
    """Kills a rank (mpirun then ends the others), mpirun, or all at once. Returns whether anything was there to kill."""
    ranks = rank_processes(process.pid)
    if process.poll() is not None or not ranks:
        return False, ""
    victims = {"rank": [draw.choice(ranks)], "mpirun": [process.pid], "job": [process.pid, *ranks]}[kind]
    for pid in victims:
        if alive(pid):
            os.kill(pid, signal.SIGKILL)
    text = "".join(process.communicate(timeout=PATIENCE_S))
    wait_for_end(ranks)
    return process.returncode != 0, text


def main():
    arguments = parse_arguments(__doc__)
    work = pathlib.Path(arguments.work)
    job = Job(arguments, "--offspring", 48, "--generations", GENERATIONS, "--seed", 8, work=work / "cell")
    job.run(1, "one", "--threads", 1)
    draw = random.Random(4)
    killed = 0
    messages = 0
    for number in range(KILLS):
        name, kind = f"kill-{number:02d}", ("rank", "rank", "job", "mpirun")[number % 4]
        ranks = draw.choice([2, 3, 4])
        target = draw.randrange(GENERATIONS)
        process = job.launch(ranks, name, "--threads", 1)
        wait_for(lambda: rows(job.folder(name) / "logbook.csv") >= target, process, f"generation {target}")
        time.sleep(0.02 * draw.random())
        was_killed, text = kill(process, kind, draw)
        killed += was_killed
        messages += bool(re.search(r"exited on signal 9|terminated|stopped", text))
        if process.poll() is None:
            process.communicate(timeout=PATIENCE_S)
        job.run(draw.choice([1, 2, 4]), name, "--resume", "--threads", 1)
        job.assert_same_files(name, "one")
    print(f"{killed} of {KILLS} jobs killed; all resumed to the files of the undisturbed run; {messages} jobs said so")
    assert killed >= KILLS - 6, "too many jobs ended before they were killed"

    process = job.launch(3, "term", "--threads", 1)
    wait_for(lambda: rows(job.folder("term") / "logbook.csv") >= 3, process, "generation 3")
    os.kill(rank_processes(process.pid)[0], signal.SIGTERM)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 130, (process.returncode, out, err)
    assert "go on with:" in err, err
    job.run(2, "term", "--resume")
    job.assert_same_files("term", "one")
    print("SIGTERM to rank 0: exit 130, resumed to the same files")

    longer = Job(arguments, "--offspring", 48, "--generations", 500, work=work / "longer")  # mpirun hands Ctrl-C on after a second
    longer.run(1, "one")
    process = longer.launch(3, "ctrl-c", "--threads", 1)
    wait_for(lambda: rows(longer.folder("ctrl-c") / "logbook.csv") >= 3, process, "generation 3")
    os.kill(process.pid, signal.SIGINT)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode != 0 and "go on with:" in err, (process.returncode, out, err)
    longer.run(2, "ctrl-c", "--resume")
    longer.assert_same_files("ctrl-c", "one")
    print("Ctrl-C: checkpoint, resumed to the same files")

    process = job.launch(3, "frozen", "--threads", 1, "--rank-timeout", 2)
    wait_for(lambda: rows(job.folder("frozen") / "logbook.csv") >= 3, process, "generation 3")
    os.kill(rank_processes(process.pid)[1], signal.SIGSTOP)
    out, err = process.communicate(timeout=PATIENCE_S)
    assert process.returncode == 75 and "rank 1" in err and "has not been heard of for 2 s" in err, (process.returncode, out, err)
    job.run(2, "frozen", "--resume")
    job.assert_same_files("frozen", "one")
    print("a rank that hangs: exit 75, resumed to the same files")


if __name__ == "__main__":
    sys.exit(main())
