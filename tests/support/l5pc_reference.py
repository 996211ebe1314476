#!/usr/bin/env python3
"""BluePyOpt + NEURON on the L5PC example of BluePyOpt: the definition that cellwright is compared with.

The example's own Python modules build the evaluator; only its simulator is replaced, by one of fixed step 0.025 ms, or by
CVODE of a given absolute tolerance. One process simulates one parameter set (NEURON keeps what it loaded), reads
{"params", "example", "mechanisms", "out", "atol" (null: fixed step)} as JSON on its standard input, and writes `out`: a NumPy archive with one array a recording (`time` once for each protocol),
`scores` and `features` as JSON text, and `seconds`: what building the cell and simulating it took, all protocols together, in seconds of the processor.
"""

import json
import os
import pathlib
import subprocess
import sys

DT_MS = 0.025


def simulate(example, mechanisms, params, out, atol=None):
    """Runs the reference on one parameter set; `mechanisms` is the folder in which nrnivmodl built the example's mods."""
    question = {"params": params, "example": str(example), "mechanisms": str(mechanisms), "out": str(out), "atol": atol}
    done = subprocess.run([sys.executable, __file__], input=json.dumps(question), capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"BluePyOpt: {done.stdout}\n{done.stderr}")


def load(file):
    """(recording -> (times, voltages), objective -> score, objective -> mean value of its feature or None)"""
    import numpy

    with numpy.load(file) as archive:
        traces = {
            name: (archive[f"time {name.split('.')[0]}"], archive[name])
            for name in archive.files
            if not name.startswith("time ") and name not in ("scores", "features", "seconds")
        }
        return traces, json.loads(str(archive["scores"])), json.loads(str(archive["features"]))


def load_seconds(file):
    import numpy

    with numpy.load(file) as archive:
        return float(archive["seconds"])


def main():
    question = json.load(sys.stdin)
    sys.path.insert(0, question["example"])
    import bluepyopt.ephys as ephys
    import l5pc_evaluator
    import numpy

    evaluator = l5pc_evaluator.create()
    atol = question["atol"]
    evaluator.sim = ephys.simulators.NrnSimulator(
        dt=None if atol else DT_MS, cvode_active=atol is not None, mechanisms_directory=question["mechanisms"]
    )
    if atol:
        evaluator.sim.cvode.atol(atol)
    start = sum(os.times()[:4])  # with the processes that BluePyOpt starts for the protocols
    responses = evaluator.run_protocols(evaluator.fitness_protocols.values(), question["params"])
    arrays = {"seconds": sum(os.times()[:4]) - start}
    for name, response in responses.items():
        arrays[name] = numpy.array(response["voltage"])
        arrays[f"time {name.split('.')[0]}"] = numpy.array(response["time"])
    calculator = evaluator.fitness_calculator
    features = {o.name: o.features[0].calculate_feature(responses) for o in calculator.objectives}
    arrays["features"] = json.dumps({k: None if v is None else float(v) for k, v in features.items()})
    arrays["scores"] = json.dumps({k: float(v) for k, v in calculator.calculate_scores(responses).items()})
    out = pathlib.Path(question["out"])
    unfinished = out.with_suffix(f".{os.getpid()}.npz")
    numpy.savez_compressed(unfinished, **arrays)
    unfinished.rename(out)


if __name__ == "__main__":
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    sys.exit(main())
