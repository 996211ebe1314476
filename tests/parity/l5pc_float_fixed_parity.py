#!/usr/bin/env python3
"""The fixed step of 0.025 ms in single precision beside double, on the L5PC example of BluePyOpt: the release parameters and the 20
sets around them.

    l5pc_float_fixed_parity.py --dump EVALUATION_DUMP --models CACHE --work FOLDER

Required over all sets together: the same numbers of spikes, no spike moved by more than half a step (a fifteenth of that is seen), the
mean difference of the scores at most a thousandth of the error that the fixed step itself makes against NEURON's CVODE with atol 1e-9
(a quarter of that is seen).
"""

import argparse
import json
import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))
sys.path.insert(0, str(HERE))

import cellwright_program  # noqa: E402
import l5pc  # noqa: E402
import real_models  # noqa: E402
from l5pc_variable_parity import EXACT, GOLDEN, errors, recorded, text_of  # noqa: E402

LARGEST_SHIFT_MS = l5pc.DT_MS / 2
LARGEST_SCORE_SHARE = 1e-3


def simulate(arguments, example, sets, numeric):
    """set -> {"spikes", "scores"}"""
    work = pathlib.Path(arguments.work).resolve()
    cell = l5pc.write_cell_file(example, work / f"{numeric}.json")
    dump = cellwright_program.EvaluationDump(arguments.dump)
    told, traces = dump.evaluate(cell, list(sets.values()), work / numeric, numeric, arguments.jobs)
    return {name: recorded(told, traces, row) for row, name in enumerate(sets)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dump", required=True, help="the program evaluation_dump")
    parser.add_argument("--models", required=True, help="the cache of real_models.py")
    parser.add_argument("--work", required=True, help="a folder for traces")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads")
    arguments = parser.parse_args()
    example = real_models.fetch(arguments.models, "bluepyopt") / "examples/l5pc"
    references = json.loads(GOLDEN.read_text())["sets"]
    sets = {name: params for name, params in l5pc.parameter_sets(example).items() if name in references}
    double, single = (simulate(arguments, example, sets, numeric) for numeric in ("fast", "float"))
    own = errors(double, {name: reference[EXACT] for name, reference in references.items()})
    print(f"the fixed step's own error: {text_of(own)}")
    difference = errors(single, double)
    report = cellwright_program.Report()
    report.check(difference["missed"] == 0 and difference["worst"] <= LARGEST_SHIFT_MS, f"float beside double: {text_of(difference)}")
    share = difference["score"] / own["score"]
    report.check(share <= LARGEST_SCORE_SHARE, f"the scores' mean difference is {share:.1e} of the fixed step's own error")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
