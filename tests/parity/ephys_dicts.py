#!/usr/bin/env python3
"""BluePyOpt's dictionaries of objects and cellwright's: what BluePyOpt's to_dict() writes is read, and what comes back holds
all of it; where BluePyOpt can instantiate its own form again, it does the same with cellwright's.

    ephys_dicts.py --dump build/ci/tests/parity/ephys_dump
"""

import argparse
import json
import subprocess
import sys
import tempfile

import bluepyopt.ephys as ephys
from bluepyopt.ephys.serializer import instantiator


def objects():
    soma = ephys.locations.NrnSeclistCompLocation("soma", seclist_name="somatic", sec_index=0, comp_x=0.5, comment="middle")
    somatic = ephys.locations.NrnSeclistLocation("somatic", seclist_name="somatic")
    linear = ephys.parameterscalers.NrnSegmentLinearScaler("line", multiplier=2.5, offset=-1)
    distance = ephys.parameterscalers.NrnSegmentSomaDistanceScaler("exp", distribution="math.exp({distance})*{value}")
    yield from (soma, somatic, linear, distance)
    yield ephys.locations.NrnSeclistSecLocation("second", seclist_name="basal", sec_index=1)
    yield ephys.locations.NrnSomaDistanceCompLocation("far", soma_distance=660.5, seclist_name="apical")
    yield ephys.mechanisms.NrnMODMechanism("hh", suffix="hh", locations=[somatic], comment="sodium and potassium")
    yield ephys.morphologies.NrnFileMorphology("cell.swc", do_replace_axon=True, nseg_frequency=20)
    yield ephys.parameters.NrnGlobalParameter("celsius", value=34, frozen=True, param_name="celsius")
    yield ephys.parameters.NrnSectionParameter("cm", bounds=[0.5, 2], param_name="cm", value_scaler=linear, locations=[somatic])
    yield ephys.parameters.NrnRangeParameter(
        "g", value=0.25, bounds=[0, 1], param_name="gnabar_hh", value_scaler=distance, locations=[somatic], param_dependencies=["cm"]
    )
    yield ephys.efeatures.eFELFeature(
        "f", efel_feature_name="AP_height", recording_names={"": "soma.v"}, stim_start=100, stim_end=200, exp_mean=10, exp_std=0.5, threshold=-30
    )


def differences(before, after, path):
    """What of `before` is not in `after`; None and an empty list are the same."""
    if isinstance(before, dict) and isinstance(after, dict):
        for key, value in before.items():
            yield from differences(value, after.get(key), f"{path}.{key}")
    elif isinstance(before, (list, tuple)) and before:
        if not isinstance(after, list) or len(before) != len(after):
            yield f"{path}: {before} became {after}"
        else:
            for i, (one, other) in enumerate(zip(before, after)):
                yield from differences(one, other, f"{path}[{i}]")
    elif before != after and (before or after):
        yield f"{path}: {before!r} became {after!r}"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True)
    program = parser.parse_args().dump
    made = list(objects())
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump([thing.to_dict() for thing in made], file)
        file.flush()
        done = subprocess.run([program, file.name], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(done.stderr)
    problems, read_back = [], 0
    for thing, dictionary in zip(made, json.loads(done.stdout), strict=True):
        name = type(thing).__name__
        problems += differences(thing.to_dict(), dictionary, name)
        try:
            again = instantiator(json.loads(json.dumps(dictionary)))
        except TypeError:  # a field that BluePyOpt's constructor does not know
            continue
        read_back += 1
        problems += differences(thing.to_dict(), again.to_dict(), f"{name}, read by BluePyOpt")
    print("\n".join(problems) or f"{len(made)} objects read, {read_back} of them read again by BluePyOpt")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
