#!/usr/bin/env python3
"""Compares the algorithms by how fast they find low sums of scores: a table, and a picture of the best-score curves.

    tools/compare_optimisers.py --program build/bench/benchmarks/optimiser_quality --out build/optimisers \\
        [--problems sphere,rastrigin,...] [--cells examples/simple_cell/cell.json,...] [--tried PYTHON] [--svg FILE]

Runs that stand in the folder --out already are not repeated. The target of a problem is the median over the seeds of the
best sum that IBEA (with that of its population sizes which is best there) has found after half of the evaluations. Of each
algorithm: the median number of evaluations to it, as a share of IBEA's; and the area under the curve of the logarithm of the
best sum, as the mean difference from IBEA's in powers of ten. What decides nothing is not run: IBEA for half of the
evaluations, the others on test functions for 0.65 of them (a share of 1.3), on cells, which are slow, for 0.35 (0.7); the
areas are taken over as much. With --tried (a Python that has pymoo 0.6.2) so are the algorithms of tools/tried_curves.py.
"""

import argparse
import json
import math
import pathlib
import statistics
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

FUNCTIONS = ("features,bent_features,failing_features,coarse_features,sphere,ellipsoid,rosenbrock,rastrigin,zdt1,dtlz2,dtlz3")
ALGORITHMS = "ibea:20,ibea:50,ibea:100,nsga2:100,shade:20,shade:30,ipop:12"
CELL_ALGORITHMS = "ibea:50,ibea:100,shade:20,ipop:12"
# Where they say something: a hypervolume of more than two objectives takes too long, BIPOP and IPOP differ only where a
# search ends early.
TRIED_ALGORITHMS = {"nsga3:100": FUNCTIONS, "smsemoa:100": "zdt1", "bipop:12": "rastrigin,coarse_features", "lshade:60": FUNCTIONS}
COLOURS = {"ibea": "#9aa5b1", "nsga2": "#c58f2c", "nsga3": "#6b8e23", "smsemoa": "#7b5ea7", "bipop": "#4aa3a2",
           "lshade": "#e8998d", "shade": "#d1495b", "ipop": "#2a6f97"}


def share_run(problem, algorithm=""):
    """How much of the evaluations is run."""
    if algorithm.startswith("ibea"):
        return 0.5
    return 0.35 if "cell" in problem else 0.65


def share_shown(problem):
    """How much of the evaluations all algorithms have run."""
    return min(share_run(problem), share_run(problem, "ibea"))


def short_name(problem):
    return pathlib.Path(problem).parent.name if "/" in problem else problem


def curves(arguments, problem, algorithm):
    name, offspring = algorithm.split(":")
    evaluations = round(share_run(problem, name) * arguments.evaluations)
    stored = arguments.out / f"{short_name(problem)}_{name}_{offspring}.jsonl"
    if not stored.exists():
        words = [arguments.program, name, offspring, problem, str(evaluations), str(arguments.seeds)]
        if algorithm in TRIED_ALGORITHMS:
            words = [arguments.tried, str(pathlib.Path(__file__).parent / "tried_curves.py"), *words]
        done = subprocess.run(words, capture_output=True, text=True, check=True)
        stored.write_text(done.stdout)
    runs = [json.loads(line) for line in stored.read_text().splitlines()]
    return [{**run, "curve": [point for point in run["curve"] if point[0] <= evaluations]} for run in runs]


def best_after(curve, evaluations):
    best = math.inf
    for evaluation, value in curve:
        if evaluation > evaluations:
            break
        best = value
    return best


def evaluations_to(curve, target):
    return next((evaluation for evaluation, value in curve if value <= target), math.inf)


def median(values):
    """Of an even number the upper one: half of the runs are not better, infinity included."""
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def area(runs, evaluations):
    """Mean over evaluations and seeds of log10 of the best sum, from the 21st evaluation on."""
    steps = range(21, evaluations + 1, max(1, evaluations // 400))
    return statistics.fmean(math.log10(max(best_after(run, e), 1e-6)) for run in runs for e in steps)


def compare(problem, told, evaluations):
    runs = {algorithm: [run["curve"] for run in r] for algorithm, r in told.items()}
    reached = {a: median(best_after(run, evaluations // 2) for run in r) for a, r in runs.items() if a.startswith("ibea")}
    ibea = min(reached, key=reached.get)
    target = reached[ibea]
    needed = {a: median(evaluations_to(run, target) for run in r) for a, r in runs.items()}
    areas = {a: area(r, round(share_shown(problem) * evaluations)) for a, r in runs.items()}
    return {"reference": ibea, "target": target, "evaluations": needed,
            "share": {a: needed[a] / needed[ibea] for a in runs},
            "area": {a: areas[a] - areas[ibea] for a in runs}}


def panel(problem, told, evaluations, left, top, width, height):
    """One diagram: the median best sum over the evaluations, both logarithmic."""
    runs = {algorithm: [run["curve"] for run in r] for algorithm, r in told.items()}
    grid = [round(10 ** (1 + k * (math.log10(evaluations) - 1) / 60)) for k in range(61)]
    medians = {a: [max(statistics.median(best_after(run, e) for run in r), 1e-6) for e in grid] for a, r in runs.items()}
    finite = [v for values in medians.values() for v in values if math.isfinite(v)]
    low, high = math.log10(min(finite)), math.log10(max(finite)) + 0.05
    parts = [f'<rect x="{left}" y="{top}" width="{width}" height="{height}" fill="none" stroke="#d9e2ec"/>',
             f'<text x="{left}" y="{top - 6}" font-weight="bold">{problem}</text>',
             f'<text x="{left + width}" y="{top + height + 14}" text-anchor="end">{evaluations} evaluations</text>',
             f'<text x="{left - 4}" y="{top + 10}" text-anchor="end">{10 ** high:.3g}</text>',
             f'<text x="{left - 4}" y="{top + height}" text-anchor="end">{10 ** low:.2g}</text>']
    for algorithm, values in medians.items():
        points = " ".join(
            f"{left + width * k / 60:.1f},{top + height * (high - math.log10(v)) / (high - low):.1f}"
            for k, v in enumerate(values) if math.isfinite(v))
        name, offspring = algorithm.split(":")
        dash = {"20": "", "12": "", "30": "6,3", "50": "6,3", "60": "6,3", "100": "2,3"}[offspring]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{COLOURS[name]}" stroke-width="1.6" '
                     f'stroke-dasharray="{dash}"/>')
    return parts


def picture(everything):
    columns, width, height = 4, 200, 130
    rows = math.ceil(len(everything) / columns)
    parts = ['<text x="60" y="42">median of the best sum of scores over the evaluations, both axes logarithmic; '
             'populations: smallest solid, 30 to 60 dashed, 100 dotted</text>']
    shown = {algorithm.split(":")[0] for told, _ in everything.values() for algorithm in told}
    for index, name in enumerate(name for name in COLOURS if name in shown):
        parts.append(f'<text x="{60 + 90 * index}" y="24" fill="{COLOURS[name]}" font-weight="bold">{name}</text>')
    for index, (problem, (told, evaluations)) in enumerate(everything.items()):
        left, top = 60 + (index % columns) * 270, 80 + (index // columns) * 190
        parts += panel(problem, told, round(share_shown(problem) * evaluations), left, top, width, height)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" width="1110" height="{60 + rows * 190}" font-family="sans-serif" '
            f'font-size="11" fill="#243b53">\n<rect width="100%" height="100%" fill="#ffffff"/>\n'
            + "\n".join(parts) + "\n</svg>\n")


def rank(algorithm):
    name, offspring = algorithm.split(":")
    return list(COLOURS).index(name), int(offspring)


def table(results):
    algorithms = sorted({a for result in results.values() for a in result["share"]}, key=rank)
    lines = ["| problem | target | IBEA's evaluations | " + " | ".join(a.replace(":", " ") for a in algorithms) + " |",
             "|---|---|---|" + "---|" * len(algorithms)]
    for problem, result in results.items():
        cells = []
        for a in algorithms:
            if a not in result["share"]:
                cells.append("")
            elif math.isinf(result["share"][a]):
                cells.append(f"not reached ({result['area'][a]:+.2f})")
            else:
                cells.append(f"{result['share'][a]:.2f} ({result['area'][a]:+.2f})")
        reference = result["reference"]
        lines.append(f"| {problem} | {result['target']:.4g} | {result['evaluations'][reference]} ({reference.split(':')[1]}) | "
                     + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def found_table(everything):
    """In how many runs the README's criterion was met, and after how many evaluations in the median."""
    lines = []
    for problem, (told, evaluations) in everything.items():
        for algorithm in sorted(told, key=rank):
            run = round(share_run(problem, algorithm) * evaluations)
            found = [run_told["found"] or math.inf for run_told in told[algorithm]]
            found = [evaluation if evaluation <= run else math.inf for evaluation in found]
            count = sum(map(math.isfinite, found))
            lines.append(f"| {problem} | {algorithm.replace(':', ' ')} | {count} of {len(found)} in {run} | {median(found)} |")
    return "| problem | algorithm | found | median evaluations |\n|---|---|---|---|\n" + "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", required=True, help="the built benchmarks/optimiser_quality")
    parser.add_argument("--out", required=True, type=pathlib.Path, help="a folder for the runs")
    parser.add_argument("--problems", default=FUNCTIONS)
    parser.add_argument("--cells", default="", help="cell files, separated by commas")
    parser.add_argument("--evaluations", type=int, default=8000, help="of IBEA (default 8000)")
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--tried", help="a Python with pymoo, to compare what was tried on the test functions too")
    parser.add_argument("--svg", type=pathlib.Path)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)

    functions, cells = arguments.problems.split(","), arguments.cells.split(",")
    tasks = [(p, a) for p in filter(None, functions) for a in ALGORITHMS.split(",")]
    if arguments.tried:
        tasks += [(p, a) for a, where in TRIED_ALGORITHMS.items() for p in functions if p in where.split(",")]
    tasks += [(c, a) for c in filter(None, cells) for a in CELL_ALGORITHMS.split(",")]
    everything = {}
    with ThreadPoolExecutor(2) as pool:
        for (problem, algorithm), runs in zip(tasks, pool.map(lambda task: curves(arguments, *task), tasks)):
            everything.setdefault(short_name(problem), ({}, arguments.evaluations))[0][algorithm] = runs
    results = {problem: compare(problem, runs, evaluations) for problem, (runs, evaluations) in everything.items()}
    on_cells = {short_name(c): everything[short_name(c)] for c in filter(None, cells)}
    text = table(results) + ("\n" + found_table(on_cells) if on_cells else "")
    (arguments.out / "table.md").write_text(text)
    print(text)
    if arguments.svg:
        arguments.svg.write_text(picture(everything))
    return 0


if __name__ == "__main__":
    sys.exit(main())
