#!/usr/bin/env python3
"""Runs every benchmark, leaves one JSON file each, and prints the table of the throughput targets: `make bench`.

Exit status 1 if a benchmark fails, a floor of the speed is missed or a cost grows faster than it may; missed targets of the table only show.
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", required=True, help="the build folder of the bench preset")
    parser.add_argument("--out", required=True, help="the folder for the JSON files")
    arguments = parser.parse_args()

    out = pathlib.Path(arguments.out)
    out.mkdir(parents=True, exist_ok=True)
    programs = pathlib.Path(arguments.build) / "benchmarks"
    status = 0
    for program in sorted(programs.glob("micro_*")):
        if program.is_file() and program.stat().st_mode & 0o100:
            result = out / f"{program.name}.json"
            done = subprocess.run([program, f"--benchmark_out={result}", "--benchmark_out_format=json"])
            status = status or done.returncode
    for script, options in [
        ("simple_cell_vs_bluepyopt", ["--rate-program", programs / "evaluate_rate"]),
        ("optimiser_vs_deap", ["--rate-program", programs / "optimiser_rate"]),
        ("features_vs_efel", ["--rate-program", programs / "features_rate"]),
        ("compile_mechanisms", ["--program", programs / "compile_mechanisms"]),
        ("step_vs_neuron", ["--rate-program", programs / "step_rate"]),
        ("ranks_overhead", ["--rate-program", programs / "ranks_rate", "--plugin", pathlib.Path(arguments.build) / "cellwright_mpi.so"]),
        ("ranks_speedup", ["--program", pathlib.Path(arguments.build) / "cellwright"]),
        ("ranks_vs_ipyparallel", ["--program", pathlib.Path(arguments.build) / "cellwright"]),
        ("pack_costs", ["--rate-program", programs / "pack_costs"]),
        ("evaluate_l5pc", ["--rate-program", programs / "evaluate_rate"]),
        ("l5pc_program", ["--program", pathlib.Path(arguments.build) / "cellwright", "--rate-program", programs / "evaluate_rate"]),
        ("whole_optimisation", ["--program", pathlib.Path(arguments.build) / "cellwright", "--run-directory", out / "whole_optimisation"]),
        ("growth", ["--rate-program", programs / "evaluate_rate"]),
    ]:
        done = subprocess.run([sys.executable, HERE / f"{script}.py", *options, "--out", out / f"{script}.json"])
        status = status or done.returncode
    # The floors of the speed: a gate, because they are ratios to scalar code in the same process.
    floors = subprocess.run([programs / "speed_floors", HERE / "speed_floors/cell.json"], capture_output=True, text=True)
    print(f"speed floors: {floors.stdout}{floors.stderr}", end="")
    (out / "speed_floors.json").write_text(floors.stdout)
    status = status or floors.returncode
    table = subprocess.run([sys.executable, HERE / "throughput_table.py", "--results", out, "--build", arguments.build])
    return status or table.returncode


if __name__ == "__main__":
    sys.exit(main())
