"""The L5PC example of BluePyOpt (`examples/l5pc` of its source package) as a cellwright problem.

Nothing of the example is in this repository: the cell file names the example's own configuration files, which stay as they are,
and the release parameters are read from the example's source text without importing it.
"""

import ast
import json
import pathlib
import random

PROTOCOLS = ["bAP", "Step1", "Step2", "Step3"]
SPREAD = 0.3
DT_MS = 0.025


def release_parameters(example):
    """The published solution: the dict `release_params` of l5pc_analysis.py."""
    tree = ast.parse((pathlib.Path(example) / "l5pc_analysis.py").read_text())
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "release_params":
            return ast.literal_eval(node.value)
    raise RuntimeError("l5pc_analysis.py has no release_params")


def free_bounds(example):
    """full name -> (lower, upper), in the order of the example's parameters.json"""
    configs = json.loads((pathlib.Path(example) / "config/parameters.json").read_text())
    return {f"{p['param_name']}.{p['sectionlist']}": tuple(p["bounds"]) for p in configs if "value" not in p}


def parameter_sets(example, around_release=20, individuals=5):
    """name -> parameters: the release, `around_release` sets near it, the first individuals of DEAPOptimisation(seed=1)."""
    bounds, release = free_bounds(example), release_parameters(example)
    sets = {"release": {name: release[name] for name in bounds}}
    stream = random.Random(1)
    for k in range(around_release):
        sets[f"near_{k + 1:02}"] = {
            name: min(max(release[name] * (1 + SPREAD * (stream.random() - 0.5)), lower), upper)
            for name, (lower, upper) in bounds.items()
        }
    stream = random.Random(1)
    for k in range(individuals):
        sets[f"deap_{k + 1}"] = {name: stream.uniform(lower, upper) for name, (lower, upper) in bounds.items()}
    return sets


def write_cell_file(example, file, only=None, simulator=None):
    """A cell file that leaves the example's configuration untouched: it names it, or repeats what l5pc_evaluator.py says.

    `only` names the protocols to keep, with their features. `simulator`: that section, if not the fixed step.
    """
    example = pathlib.Path(example).resolve()
    protocols = json.loads((example / "config/protocols.json").read_text())
    features = json.loads((example / "config/features.json").read_text())
    cell = {
        "name": "l5pc",
        "morphology": {"file": str(example / "morphology/C060114A7.asc"), "replace_axon": True},
        "mechanisms": {
            "directories": [str(example / "mechanisms")],
            "insert": str(example / "config/mechanisms.json"),
        },
        "parameters": str(example / "config/parameters.json"),
        "protocols": {name: protocols[name] for name in only} if only else str(example / "config/protocols.json"),
        "features": {name: features[name] for name in only} if only else str(example / "config/features.json"),
        # l5pc_evaluator.define_fitness_calculator: the window of bAP ends with the sweep, dendrites have a threshold of their own.
        "feature_settings": [
            {"protocol": "bAP", "stim_end": 600},
            {"location": "dend*", "threshold": -55},
        ],
        "simulator": simulator or {"step": "fixed", "dt": DT_MS},
    }
    file = pathlib.Path(file)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(cell, indent=1) + "\n")
    return file
