#!/usr/bin/env python3
"""BluePyOpt's thalamocortical cells (examples/thalamocortical-cell), from their own files, in both engines.

    thalamocortical_parity.py --program CELLWRIGHT --cache build/real_models --work FOLDER

A second published model beside L5PC: T-type and L-type currents by GHK, calcium dynamics by derivimplicit, 22 free parameters. The first
of the published solutions of each cell runs a burst and a rest protocol in `cellwright verify` with the fixed step: the same spikes, at
most 1e-6 ms apart, and scores within 1e-6. NEURON is the one of the Python that runs this test.
"""

import argparse
import csv
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import real_models  # noqa: E402

PROTOCOLS = ["Step_200_hyp", "RMP"]
# What CellEvalSetup/template.py calls by names of its own.
SECTION_LISTS = {"alldend": ["basal"], "somadend": ["basal", "somatic"]}


def load(example, *path):
    return json.loads(example.joinpath(*path).read_text())


def insert(definitions):
    lists = {}
    for name, channels in definitions.items():
        for seclist in SECTION_LISTS.get(name, [name]):
            lists.setdefault(seclist, []).extend(channels["mech"])
    return lists


def parameters(definitions):
    result = []
    for seclist, entries in definitions.items():
        for entry in entries if isinstance(entries, list) else []:
            value = entry["val"]
            parameter = {"param_name": entry["name"], "bounds" if isinstance(value, list) else "value": value}
            if seclist == "global":
                parameter["type"] = "global"
            else:
                parameter.update(type="section", sectionlist=SECTION_LISTS.get(seclist, seclist), name=f"{entry['name']}.{seclist}")
            result.append(parameter)
    return result


def protocol(definition):
    stimuli = [definition["stimuli"][name] for name in ("step", "holding") if name in definition["stimuli"]]
    return {"stimuli": [{key: stimulus[key] for key in ("delay", "amp", "duration", "totduration")} for stimulus in stimuli]}


def cell_file(example, name):
    """CellEvalSetup/evaluator.py as a cell file."""
    recipe = load(example, "config/recipes.json")[name]
    definitions = load(example, recipe["params"])
    protocols = load(example, recipe["protocol"])
    features = load(example, recipe["features"])
    return {
        "name": name,
        "morphology": {"file": str(example / recipe["morph_path"] / recipe["morphology"]), "replace_axon": True},
        "mechanisms": {"directories": [str(example / "mechanisms")], "insert": insert(definitions["mechanisms"])},
        "parameters": parameters(definitions["parameters"]),
        "protocols": {p: protocol(protocols[p]) for p in PROTOCOLS},
        "features": {p: {"soma": {entry["feature"]: entry["val"] for entry in features[p]["soma.v"]}} for p in PROTOCOLS},
        "feature_settings": [{"threshold": -30, "strict_stiminterval": True}],
        "simulator": {"step": "fixed", "dt": 0.025},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cache", required=True)
    parser.add_argument("--work", required=True)
    arguments = parser.parse_args()
    program, work = str(pathlib.Path(arguments.program).resolve()), pathlib.Path(arguments.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    example = real_models.fetch(pathlib.Path(arguments.cache), "bluepyopt").resolve() / "examples/thalamocortical-cell"
    for name in load(example, "config/recipes.json"):
        cell = cell_file(example, name)
        with open(example / f"results/{name}_params.csv") as stream:
            solution = [float(value) for value in next(csv.reader(stream))]
        free = [p["name"] for p in cell["parameters"] if "bounds" in p]
        assert len(free) == len(solution) == 22, (len(free), len(solution))
        (work / f"{name}.json").write_text(json.dumps(cell))
        (work / f"{name}_params.json").write_text(json.dumps(dict(zip(free, solution))))
        done = subprocess.run(
            [program, "verify", f"{name}.json", "--params", f"{name}_params.json", "--json", "--max-shift", "1e-6", "--max-score", "1e-6"],
            cwd=work, capture_output=True, text=True, env=dict(os.environ, CELLWRIGHT_NEURON=sys.executable))
        assert done.returncode == 0, done.stdout + done.stderr
        told = json.loads(done.stdout)
        assert told["pass"] and len(told["recordings"]) == len(PROTOCOLS), told
        assert told["recordings"]["Step_200_hyp.soma.v"]["spikes"][0] > 0, told
        for recording, result in told["recordings"].items():
            print(name, recording, json.dumps(result))
    return 0


if __name__ == "__main__":
    sys.exit(main())
