#!/usr/bin/env python3
"""How the costs of L5PC's individuals vary: processor seconds of packs of 8 with the variable step, of individuals drawn over the whole
bounds (how a run begins) and near the release parameters (how it ends). tools/simulate_ranks.py draws from them.

    python3 benchmarks/pack_costs.py --rate-program build/bench/benchmarks/pack_costs
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys

from machine import write_result

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests/support"))
import l5pc  # noqa: E402
import real_models  # noqa: E402

LANES = 8


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True)
    parser.add_argument("--real-models", default=ROOT / "build/real_models", type=pathlib.Path)
    parser.add_argument("--packs", type=int, default=24)
    parser.add_argument("--out", default="build/bench/pack_costs.json")
    arguments = parser.parse_args()
    example = real_models.fetch(arguments.real_models, "bluepyopt") / "examples/l5pc"
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    cell = l5pc.write_cell_file(example, out.parent / "pack_costs_cell.json", simulator={"step": "variable"})
    sets = l5pc.parameter_sets(example, LANES * arguments.packs, LANES * arguments.packs)
    seconds = {}
    for name, prefix in (("random", "deap"), ("near", "near")):
        vectors = [list(params.values()) for key, params in sets.items() if key.startswith(prefix)]
        done = subprocess.run([arguments.rate_program, cell], input=json.dumps(vectors), capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        seconds[name] = json.loads(done.stdout)
        spread = statistics.stdev(math.log(s) for s in seconds[name])
        print(f"{name}: a pack of {LANES} takes {statistics.mean(seconds[name]):.2f} s, standard deviation of the logarithm {spread:.2f}, "
              f"slowest {max(seconds[name]):.2f} s")
    write_result(out, benchmark="pack_costs", lanes=LANES, seconds=seconds)
    return 0


if __name__ == "__main__":
    sys.exit(main())
