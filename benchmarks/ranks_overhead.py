#!/usr/bin/env python3
"""What distributing costs: microseconds and bytes a generation and an individual with an evaluator that is free, 100 to 100,000
individuals of 20 parameters and 35 objectives, in one process and over 2 ranks; memory of a rank of a real run.

    python3 benchmarks/ranks_overhead.py --rate-program build/bench/benchmarks/ranks_rate --plugin build/bench/cellwright_mpi.so
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys

from machine import write_result

SIZES = ["100", "1000", "10000", "100000"]
ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1", "OMPI_MCA_rmaps_base_oversubscribe": "1",
        "OMPI_MCA_hwloc_base_binding_policy": "none", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True)
    parser.add_argument("--plugin", required=True)
    parser.add_argument("--out", default="build/bench/ranks_overhead.json")
    arguments = parser.parse_args()
    if not pathlib.Path(arguments.plugin).exists():
        print("no MPI: nothing to measure")
        return 0
    environment = {**os.environ, **ROOT, "CELLWRIGHT_MPI": str(pathlib.Path(arguments.plugin).resolve())}
    command = [str(arguments.rate_program), "20", "35", *SIZES]
    results = []
    for ranks in (1, 2):
        launch = ["mpirun", "-n", str(ranks)] if ranks > 1 else []
        done = subprocess.run([*launch, *command], env=environment, capture_output=True, text=True, check=True)
        results.append(json.loads(done.stdout))
        for row in results[-1]["generations"]:
            print(f"{ranks} ranks, {row['individuals']:6} individuals: {row['us_per_generation']:10.0f} us a generation, "
                  f"{row['us_per_individual']:7.2f} us an individual, {row['bytes_out']:5.0f} bytes out and {row['bytes_back']:5.0f} back")
        print(f"{ranks} ranks: rank 0 takes {results[-1]['peak_mib']:.0f} MiB")
    out = pathlib.Path(arguments.out)
    out.parent.mkdir(parents=True, exist_ok=True)
    write_result(out, benchmark="ranks_overhead", results=results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
