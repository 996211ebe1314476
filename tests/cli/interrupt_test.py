#!/usr/bin/env python3
"""Ctrl-C at a terminal: the run ends after the current batch with a valid checkpoint, exit 130, and says how to go on.

The run is started on a pseudo-terminal, so that the progress bar is seen too; --resume then gives the undisturbed files.
A second run gets two interrupts at once and must end at once; SIGTERM must do what the first Ctrl-C does.
"""

import argparse
import os
import pty
import select
import signal
import subprocess
import sys
import time

from run_folder import Optimisation

TIME_LIMIT_S = 60
GENERATIONS = 50
UNDER_WAY = "best "  # in the progress bar once a generation is finished


def run_on_terminal(command, act):
    """Runs a command on a terminal; act(pid, terminal, text so far) is called whenever something was printed.
    Returns (exit status, everything printed)."""
    pid, terminal = pty.fork()
    if pid == 0:
        os.environ["TERM"] = "xterm"
        os.execv(command[0], command)
    text, start = "", time.monotonic()
    while True:
        if time.monotonic() - start > TIME_LIMIT_S:
            os.kill(pid, signal.SIGKILL)
            raise AssertionError(f"the program did not end; it printed:\n{text}")
        ready, _, _ = select.select([terminal], [], [], 0.1)
        if not ready:
            continue
        try:
            chunk = os.read(terminal, 65536)
        except OSError:  # the other end was closed
            break
        if not chunk:
            break
        text += chunk.decode(errors="replace")
        act(pid, terminal, text)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), text


class Once:
    """Acts when `marker` has been printed, a single time."""

    def __init__(self, marker, action):
        self.marker, self.action, self.done = marker, action, False

    def __call__(self, pid, terminal, text):
        if not self.done and self.marker in text:
            self.done = True
            self.action(pid, terminal)


def interrupt_twice(_, terminal):
    for _ in range(2):
        time.sleep(0.5)
        os.write(terminal, b"\x03")


def report_while_interrupted(program, folder, generations):
    """The report of a run that is not at its end says how far it came."""
    done = subprocess.run([program, "report", folder], capture_output=True, text=True, check=True)
    page = (folder / "report.html").read_text()
    check(f'["generations","{generations} of {GENERATIONS}"]' in page, "the report does not say how far the run came", done.stdout + done.stderr)


def check(condition, message, text):
    if not condition:
        raise AssertionError(f"{message}; printed:\n{text}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cell", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    optimisation = Optimisation(
        arguments.program, arguments.cell, arguments.work, "--seed", 2, "--offspring", 40, "--generations", GENERATIONS, "--threads", 2
    )
    optimisation.run("undisturbed")

    status, text = run_on_terminal(optimisation.command("ctrl-c"), Once(UNDER_WAY, lambda _, terminal: os.write(terminal, b"\x03")))
    check(status == 130, f"exit {status}, not 130", text)
    check("--resume" in text, "it does not say how to go on", text)
    check("\r" in text, "there is no progress bar on a terminal", text)
    generations = sum(1 for _ in open(optimisation.folder("ctrl-c") / "logbook.csv")) - 1
    check(1 <= generations < GENERATIONS, f"{generations} generations were logged", text)
    report_while_interrupted(arguments.program, optimisation.folder("ctrl-c"), generations)
    optimisation.run("ctrl-c", "--resume")
    optimisation.assert_same_files("ctrl-c", "undisturbed")
    print(f"Ctrl-C: exit 130 after {generations} generations; resumed to the same files")

    status, text = run_on_terminal(optimisation.command("sigterm"), Once(UNDER_WAY, lambda pid, _: os.kill(pid, signal.SIGTERM)))
    check(status == 130, f"SIGTERM: exit {status}, not 130", text)
    optimisation.run("sigterm", "--resume")
    optimisation.assert_same_files("sigterm", "undisturbed")
    print("SIGTERM: the same")

    # A batch that takes far longer than the time limit of this test: the second interrupt must not wait for it.
    endless = Optimisation(arguments.program, arguments.cell, arguments.work, "--offspring", 200000)
    status, text = run_on_terminal(endless.command("twice"), Once("threads", interrupt_twice))
    check(status == 130, f"two interrupts: exit {status}", text)
    print("Two interrupts: ended at once")


if __name__ == "__main__":
    sys.exit(main())
