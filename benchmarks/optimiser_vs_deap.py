#!/usr/bin/env python3
"""The optimiser's own time per generation: cellwright against BluePyOpt with DEAP.

20 parameters, 35 objectives, 100 and 1000 offspring, IBEA and NSGA2. Both run the same generations from the same seed on
one pinned core; the time of evaluations is left out on both sides, and the best sum of scores must be equal to the last
bit: a benchmark of different work would say nothing. Processor time is measured, so that other programs disturb little.

Then cellwright alone with populations of 100 to 10,000: time and memory.

    build/venv/bin/python benchmarks/optimiser_vs_deap.py --rate-program build/bench/benchmarks/optimiser_rate \\
        [--svg docs/images/optimiser_growth.svg]
"""

import argparse
import datetime
import json
import logging
import math
import os
import pathlib
import subprocess
import sys
import time

from machine import commit, machine

HERE = pathlib.Path(__file__).resolve().parent
PARAMETERS, OBJECTIVES = 20, 35


def objectives_of(values):
    n = len(values)
    scores = []
    for k in range(OBJECTIVES):
        a = values[k % n] - float((3 * k) % 11) / 10.0
        b = values[(k + 7) % n] + float((5 * k) % 7) / 10.0
        scores.append(a * a + b * b)
    return scores


def peer_rate(selector, offspring, generations):
    """Milliseconds of processor time that BluePyOpt takes per generation after the first, and the best sum."""
    import bluepyopt

    spent = [0.0]

    class Evaluator(bluepyopt.evaluators.Evaluator):
        def __init__(self):
            super().__init__(
                objectives=[bluepyopt.objectives.Objective(f"f{k}") for k in range(OBJECTIVES)],
                params=[bluepyopt.parameters.Parameter(f"p{i}", bounds=[-1.0, 1.0]) for i in range(PARAMETERS)],
            )

        def init_simulator_and_evaluate_with_lists(self, values):
            return objectives_of(values)

    starts = []

    def mapped(function, individuals):
        start = time.process_time()
        if not starts:
            starts.append(None)
            scores = [function(individual) for individual in individuals]
            starts[0] = time.process_time()  # the first generation is not counted
            return scores
        scores = [function(individual) for individual in individuals]
        spent[0] += time.process_time() - start
        return scores

    logging.disable(logging.CRITICAL)
    optimisation = bluepyopt.optimisations.DEAPOptimisation(
        Evaluator(), seed=1, offspring_size=offspring, selector_name=selector, map_function=mapped)
    _, hall_of_fame, _, _ = optimisation.run(max_ngen=generations + 1)
    total = time.process_time() - starts[0]
    return (total - spent[0]) / generations * 1000, sum(hall_of_fame[0].fitness.values)


def our_rate(program, selector, offspring, generations):
    output = subprocess.run([program, selector, str(offspring), str(generations)], capture_output=True, text=True, check=True)
    return json.loads(output.stdout)


def compare(program, selector, offspring, generations):
    theirs, their_best = peer_rate(selector, offspring, generations)
    ours = min((our_rate(program, selector, offspring, generations) for _ in range(3)), key=lambda r: r["ms_per_generation"])
    if ours["best_sum"] != their_best:
        raise SystemExit(f"{selector}, {offspring}: the runs differ: {ours['best_sum']!r} and {their_best!r}")
    return {"selector": selector, "offspring": offspring, "generations": generations,
            "bluepyopt_ms": round(theirs, 3), "cellwright_ms": ours["ms_per_generation"],
            "times_faster": round(theirs / ours["ms_per_generation"], 1)}


def growth(program, selector, offspring):
    rate = our_rate(program, selector, offspring, max(1, 2000 // offspring))
    return {"selector": selector, "offspring": offspring, "ms_per_generation": rate["ms_per_generation"],
            "peak_mib": rate["peak_mib"]}


def growth_panel(title, rows, key, left):
    """One diagram over the population, both axes logarithmic, with a line for each selector."""
    width, height, top = 300, 200, 50
    x = lambda offspring: left + width * (math.log10(offspring) - 2) / 2
    values = [row[key] for row in rows]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    y = lambda value: top + height * (high - math.log10(value)) / (high - low)
    parts = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#d9e2ec"/>',
             f'<text x="{left}" y="{top - 8}" font-weight="bold">{title}</text>']
    for power in range(low, high + 1):
        parts.append(f'<line x1="{left}" x2="{left + width}" y1="{y(10 ** power):.1f}" y2="{y(10 ** power):.1f}" stroke="#eef2f6"/>')
        parts.append(f'<text x="{left - 6}" y="{y(10 ** power) + 4:.1f}" text-anchor="end">{10 ** power:g}</text>')
    for offspring in sorted({row["offspring"] for row in rows}):
        parts.append(f'<text x="{x(offspring):.1f}" y="{top + height + 16}" text-anchor="middle">{offspring}</text>')
    for selector, colour in (("IBEA", "#d1495b"), ("NSGA2", "#2a6f97")):
        own = [row for row in rows if row["selector"] == selector]
        points = " ".join(f"{x(row['offspring']):.1f},{y(row[key]):.1f}" for row in own)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{x(own[-1]["offspring"]) + 5:.1f}" y="{y(own[-1][key]) + 4:.1f}" fill="{colour}">{selector}</text>')
    return parts


def growth_picture(rows):
    parts = growth_panel("ms of processor time a generation", rows, "ms_per_generation", 60)
    parts += growth_panel("MiB of the whole process", rows, "peak_mib", 480)
    parts.append('<text x="420" y="295" text-anchor="middle">offspring; 20 parameters, 35 objectives</text>')
    return ('<svg xmlns="http://www.w3.org/2000/svg" width="850" height="310" font-family="sans-serif" font-size="12" fill="#243b53">\n'
            '<rect width="100%" height="100%" fill="#ffffff"/>\n' + "\n".join(parts) + "\n</svg>\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rate-program", required=True)
    parser.add_argument("--out", help="a JSON file for the figures")
    parser.add_argument("--svg", type=pathlib.Path, help="a file for the plot of the growth")
    parser.add_argument("--quick", action="store_true", help="fewer generations, no growth beyond 1000")
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # children inherit it

    result = {"benchmark": "optimiser_vs_deap", "date": datetime.datetime.now(datetime.timezone.utc).isoformat(),
              "commit": commit(), "machine": machine(), "parameters": PARAMETERS, "objectives": OBJECTIVES,
              "comparison": [], "growth": []}
    print("selector offspring   BluePyOpt  cellwright  (ms of processor time a generation)")
    for selector in ("IBEA", "NSGA2"):
        for offspring, generations in ((100, 30), (1000, 4)):
            row = compare(arguments.rate_program, selector, offspring, 2 if arguments.quick else generations)
            result["comparison"].append(row)
            print(f"{selector:8} {offspring:9} {row['bluepyopt_ms']:11.2f} {row['cellwright_ms']:11.3f}   {row['times_faster']:.0f} times", flush=True)
    print("selector offspring ms/generation peak MiB")
    for selector in ("IBEA", "NSGA2"):
        for offspring in (100, 300, 1000) if arguments.quick else (100, 300, 1000, 3000, 10000):
            row = growth(arguments.rate_program, selector, offspring)
            result["growth"].append(row)
            print(f"{selector:8} {offspring:9} {row['ms_per_generation']:13.2f} {row['peak_mib']:8.1f}", flush=True)
    if arguments.out:
        pathlib.Path(arguments.out).write_text(json.dumps(result, indent=2) + "\n")
    if arguments.svg:
        arguments.svg.write_text(growth_picture(result["growth"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())
