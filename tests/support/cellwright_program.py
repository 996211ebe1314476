"""Running the cellwright program from test scripts, and comparing what it gives with a peer."""

import csv
import json
import pathlib
import shutil
import subprocess


class Program:
    def __init__(self, path):
        self.path = str(path)

    def run(self, *arguments, folder=None):
        """Runs one command (in a folder) and returns its standard output; a failure carries the whole output."""
        command = [self.path, *map(str, arguments)]
        done = subprocess.run(command, capture_output=True, text=True, cwd=folder)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def run_json(self, *arguments):
        return json.loads(self.run(*arguments, "--json"))

    def simulate(self, cell_file, params, folder, *options):
        """recording name -> (times in ms, voltages in mV), read back from the CSV files of `simulate`."""
        folder = pathlib.Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        params_file = folder / "params.json"
        params_file.write_text(json.dumps(params))
        out = folder / "traces"
        self.run("simulate", cell_file, "--params", params_file, "--out", out, *options)
        return {file.name.removesuffix(".csv"): read_trace(file) for file in sorted(out.glob("*.csv"))}


class EvaluationDump:
    """evaluation_dump.cpp: a list of parameter sets as one batch, with all traces."""

    def __init__(self, path):
        self.path = str(path)

    def evaluate(self, cell_file, sets, folder, numeric, threads=0, sample_ms=None):
        """`sample_ms`: other samples of a variable step than features need. Returns (what `evaluate --json` says, a list; function (set, protocol) -> array [1 + recordings, samples], times first)"""
        import numpy

        folder = pathlib.Path(folder)
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        (folder / "params.json").write_text(json.dumps(sets))
        command = [self.path, str(cell_file), str(folder / "params.json"), str(folder), numeric, str(threads)]
        command += [] if sample_ms is None else [str(sample_ms)]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stderr}")
        told = json.loads(done.stdout)

        def traces(row, protocol):
            names = [name for name in told[row]["responses"] if name.startswith(f"{protocol}.")]
            return numpy.fromfile(folder / f"{row}.{protocol}.f64").reshape(1 + len(names), -1)

        return told, traces


def read_trace(file):
    with open(file, newline="") as stream:
        rows = list(csv.reader(stream))
    if rows[0] != ["time", "voltage"]:
        raise RuntimeError(f"{file}: the header is {rows[0]}, not time,voltage")
    return [float(row[0]) for row in rows[1:]], [float(row[1]) for row in rows[1:]]


class Report:
    """Collects what failed; prints one line for each comparison."""

    def __init__(self):
        self.failures = 0
        self.comparisons = 0

    def check(self, passed, line):
        self.comparisons += 1
        self.failures += not passed
        print(("ok      " if passed else "FAILED  ") + line)

    def exit_status(self):
        print(f"{self.comparisons} comparisons, {self.failures} failed")
        return 1 if self.failures or not self.comparisons else 0
