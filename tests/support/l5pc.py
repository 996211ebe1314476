"""The L5PC example of BluePyOpt (`examples/l5pc` of its source package) as a cellwright problem.

Nothing of the example is in this repository: the cell file names the example's own configuration files, which stay as they are,
and the release parameters are read from the example's source text without importing it.
"""

import ast
import json
import pathlib
import random

PROTOCOLS = ["bAP", "Step1", "Step2", "Step3"]
STEP_SPREAD = 0.3


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
            name: min(max(release[name] * (1 + STEP_SPREAD * (stream.random() - 0.5)), lower), upper)
            for name, (lower, upper) in bounds.items()
        }
    stream = random.Random(1)
    for k in range(individuals):
        sets[f"deap_{k + 1}"] = {name: stream.uniform(lower, upper) for name, (lower, upper) in bounds.items()}
    return sets
