"""Runs of `cellwright optimise` that tests interrupt and resume."""

import pathlib
import shutil
import subprocess

# What must not depend on interruptions (cell-file contract, section 4); timings.csv and report.html may differ.
FINAL_FILES = ("logbook.csv", "hall_of_fame.json", "best_params.json", "population.csv", "checkpoint")


class Optimisation:
    def __init__(self, program, cell, work, *options):
        self.base = [str(program), "optimise", str(cell), "--save-population", *map(str, options)]
        self.work = pathlib.Path(work)
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)

    def command(self, name, *options):
        return [*self.base, "--out", str(self.work / name), *map(str, options)]

    def run(self, name, *options):
        done = subprocess.run(self.command(name, *options), capture_output=True, text=True)
        if done.returncode != 0:
            raise AssertionError(f"{name} {options}: exit {done.returncode}\n{done.stdout}\n{done.stderr}")
        return done

    def folder(self, name):
        return self.work / name

    def assert_same_files(self, name, reference):
        for file in FINAL_FILES:
            ours, theirs = self.folder(name) / file, self.folder(reference) / file
            if not ours.exists():
                raise AssertionError(f"{name}: {file} is missing")
            if ours.read_bytes() != theirs.read_bytes():
                raise AssertionError(f"{name}: {file} differs from the undisturbed run: diff {ours} {theirs}")
        left = [p.name for p in self.folder(name).iterdir() if ".tmp." in p.name]
        if left:
            raise AssertionError(f"{name}: temporary files are left: {left}")
