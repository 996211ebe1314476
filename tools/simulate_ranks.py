#!/usr/bin/env python3
"""Efficiency of 16 to 10,000 ranks by a simulation of how individuals are dealt (src/evaluate/chunk_size.cpp, crew_evaluator.cpp,
crew_slots.cpp), synchronous and asynchronous; writes the table of docs/cluster-scaling.md and docs/images/cluster_scaling.svg.

    python3 tools/simulate_ranks.py --costs build/bench/results/pack_costs.json --overhead build/bench/results/ranks_overhead.json [--write]
    python3 tools/simulate_ranks.py --seconds 1.0 --spread 0.3

A rank has one thread here and evaluates packs of 8 individuals. What a pack costs is drawn from measured ones (--costs, made by
benchmarks/pack_costs.py; the population --of near the end of a run by default), or log-normally around 8 times --seconds. What rank 0
does by itself (breeding and selection, measured by benchmarks/optimiser_rate,
and the messages, measured by benchmarks/ranks_overhead) is serial. Standard library only.
"""

import argparse
import heapq
import json
import math
import pathlib
import random
import statistics
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LANES = 8
CHUNK_SECONDS = 2.0
RANKS = [16, 64, 256, 1024, 4096, 10000]
PER_RANK = [1, 8, 32, 128]  # individuals of a generation for each rank
MESSAGE_US = 2.0  # of rank 0 for an individual out and back, unless --overhead tells
# Milliseconds of rank 0 a generation by offspring: the table of docs/optimisers.md (35 objectives).
SELECTION_MS = {"ibea": {100: 0.50, 300: 2.9, 1000: 28, 3000: 295, 10000: 3494},
                "nsga2": {100: 0.81, 300: 2.9, 1000: 12.3, 3000: 48, 10000: 506}}
STEADY_POPULATIONS = [100, 1000]  # --offspring of the asynchronous runs


def chunk_size(places, remaining, seconds_per_row):
    """As evaluate::chunk_size for equal places of one thread."""
    by_time = CHUNK_SECONDS / seconds_per_row
    rows = max(min(by_time, remaining / places / 2), min(LANES, remaining / places))
    return int(min(remaining, math.ceil(max(rows, 1.0) / LANES) * LANES))


class MeasuredCosts:
    def __init__(self, packs):
        self.packs = packs
        self.seconds = sum(packs) / len(packs) / LANES  # of one individual

    def pack(self, draw):
        return draw.choice(self.packs)


class LogNormalCosts:
    def __init__(self, seconds, spread):
        self.seconds, self.spread = seconds, spread

    def pack(self, draw):
        return LANES * self.seconds * draw.lognormvariate(-self.spread * self.spread / 2, self.spread)


def chunk_seconds(draw, rows, costs):
    """A pack with fewer individuals costs the same."""
    return sum(costs.pack(draw) for _ in range(math.ceil(rows / LANES)))


def selection_seconds(algorithm, individuals):
    """Between the measured sizes, and beyond them, straight lines of the logarithms."""
    known = sorted(SELECTION_MS[algorithm].items())
    below = max((k for k in range(len(known) - 1) if known[k][0] <= individuals), default=0)
    (n1, t1), (n2, t2) = known[below], known[below + 1]
    slope = math.log(t2 / t1) / math.log(n2 / n1)
    return 1e-3 * t1 * (individuals / n1) ** slope


def synchronous(ranks, individuals, costs, message_s, algorithm, draw):
    """Share of the time of all ranks in which they evaluate, in one generation, breeding included."""
    free = [(0.0, rank) for rank in range(ranks)]  # when a rank has nothing to do
    heapq.heapify(free)
    remaining, talks, busy, end = individuals, 0.0, 0.0, 0.0
    while remaining > 0:
        time, rank = heapq.heappop(free)
        rows = chunk_size(ranks, remaining, costs.seconds)
        remaining -= rows
        talks = max(talks, time) + rows * message_s  # rank 0 talks to one at a time
        work = chunk_seconds(draw, rows, costs)
        busy += rows * costs.seconds
        end = max(end, talks + work)
        heapq.heappush(free, (talks + work, rank))
    return busy / (ranks * (end + selection_seconds(algorithm, individuals)))


def asynchronous(ranks, population, costs, message_s, algorithm, draw):
    """The same for steady state: a pack goes out when one has come back and rank 0 has taken it. Each 2 % of the population the
    population is ranked twice; a generation's selection ranks twice as many once, which takes twice as long or more."""
    per_individual = message_s + selection_seconds(algorithm, population) / max(1, population // 50)
    back = []
    clock = busy = 0.0
    for rank in range(ranks):
        clock += LANES * message_s
        heapq.heappush(back, (clock + costs.pack(draw), rank))
    for _ in range(8 * ranks):
        time, rank = heapq.heappop(back)
        clock = max(clock, time) + LANES * per_individual
        busy += LANES * costs.seconds
        heapq.heappush(back, (clock + costs.pack(draw), rank))
    return min(1.0, busy / (ranks * clock))


def simulate(costs, message_s):
    rows = []
    for ranks in RANKS:
        row = {"ranks": ranks}
        for algorithm in SELECTION_MS:
            for population in STEADY_POPULATIONS:
                row[algorithm, "steady", population] = asynchronous(ranks, population, costs, message_s, algorithm, random.Random(ranks))
        for algorithm in SELECTION_MS:
            for per_rank in PER_RANK:
                draw = random.Random(ranks * 1000 + per_rank)
                row[algorithm, per_rank] = synchronous(ranks, ranks * per_rank, costs, message_s, algorithm, draw)
        rows.append(row)
    return rows


def overhead_table(results):
    """Of the run with several ranks."""
    lines = ["| individuals | microseconds a generation | microseconds an individual | bytes out | bytes back |", "|---" * 5 + "|"]
    for row in results[-1]["generations"]:
        lines.append(f"| {row['individuals']:,} | {row['us_per_generation']:,.0f} | {row['us_per_individual']:.2f} | {row['bytes_out']:.0f} | "
                     f"{row['bytes_back']:.0f} |")
    return "\n".join(lines)


def costs_text(seconds):
    names = {"random": "drawn over the whole bounds", "near": "near the release parameters"}
    parts = []
    for name, packs in seconds.items():
        spread = statistics.stdev(map(math.log, packs))
        parts.append(f"{len(packs)} packs of 8 individuals {names[name]} take {sum(packs) / len(packs):.2f} s each (slowest {max(packs):.2f} s; "
                     f"standard deviation of the logarithm {spread:.2f})")
    return ("Packs cost what L5PC's cost with the variable step, measured by `benchmarks/pack_costs.py` in processor time:\n" + ",\n".join(parts)
            + ".\nThe table draws from the latter.")


def percent(value):
    return f"{100 * value:.0f} %" if value >= 0.005 else "< 1 %"


def table(rows):
    columns = [((n,), f"{n} a rank") for n in PER_RANK] + [(("steady", n), f"asynchronous, {n:,}") for n in STEADY_POPULATIONS]
    lines = ["| ranks | " + " | ".join(title for _, title in columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for row in rows:
        cells = [f"{percent(row['nsga2', *key])} ({percent(row['ibea', *key])})" for key, _ in columns]
        lines.append(f"| {row['ranks']:,} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def svg(rows):
    """Efficiency over ranks: a line for each generation size a rank (NSGA2), and a dashed one for asynchronous runs."""
    width, height, left, bottom = 640, 400, 60, 50
    colours = ["#888888", "#1b6ca8", "#c8553d", "#2e7d32", "#000000"]
    right = width - 150

    def x(ranks):
        return left + (right - left) * (math.log(ranks) - math.log(RANKS[0])) / (math.log(RANKS[-1]) - math.log(RANKS[0]))

    def y(value):
        return height - bottom - (height - bottom - 20) * value

    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" font-family="sans-serif" font-size="12">',
             f'<rect width="{width}" height="{height}" fill="white"/>']
    for tick in (0, 0.25, 0.5, 0.75, 1):
        parts.append(f'<line x1="{left}" x2="{right}" y1="{y(tick)}" y2="{y(tick)}" stroke="#dddddd"/>'
                     f'<text x="{left - 8}" y="{y(tick) + 4}" text-anchor="end">{100 * tick:.0f} %</text>')
    for ranks in RANKS:
        parts.append(f'<text x="{x(ranks)}" y="{height - bottom + 18}" text-anchor="middle">{ranks:,}</text>')
    parts.append(f'<text x="{(left + right) / 2}" y="{height - 10}" text-anchor="middle">ranks</text>')
    lines = [(f"{n} a rank", ("nsga2", n), "") for n in PER_RANK]
    lines.append(("asynchronous", ("nsga2", "steady", STEADY_POPULATIONS[0]), ' stroke-dasharray="6 4"'))
    for place, (colour, (label, key, dash)) in enumerate(zip(colours, lines)):
        path = " ".join(f"{x(row['ranks']):.1f},{y(row[key]):.1f}" for row in rows)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<line x1="{right + 12}" x2="{right + 36}" y1="{40 + 20 * place}" y2="{40 + 20 * place}" stroke="{colour}" '
                     f'stroke-width="2"{dash}/><text x="{right + 42}" y="{44 + 20 * place}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def replace_block(page, key, text):
    begin, end = f"<!-- {key} -->", f"<!-- end {key} -->"
    head, rest = page.split(begin)
    return head + begin + "\n" + text + "\n" + end + rest.split(end)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="mean processor time of an individual (default 1)")
    parser.add_argument("--spread", type=float, default=0.3, help="standard deviation of the logarithm of a pack's time (default 0.3)")
    parser.add_argument("--costs", help="JSON of benchmarks/pack_costs.py")
    parser.add_argument("--of", choices=["near", "random"], default="near",
                        help="whose costs: near the end of a run, or of its first generation")
    parser.add_argument("--overhead", help="JSON of benchmarks/ranks_overhead.py")
    parser.add_argument("--write", action="store_true", help="write the page's table and the plot")
    arguments = parser.parse_args()
    if arguments.write and not (arguments.overhead and arguments.costs):
        parser.error("--write needs --overhead and --costs: the page has measured figures only")
    message_s = MESSAGE_US * 1e-6
    if arguments.overhead:
        results = json.loads(pathlib.Path(arguments.overhead).read_text())["results"]
        message_s = results[-1]["generations"][-1]["us_per_individual"] * 1e-6
    costs = LogNormalCosts(arguments.seconds, arguments.spread)
    if arguments.costs:
        costs = MeasuredCosts(json.loads(pathlib.Path(arguments.costs).read_text())["seconds"][arguments.of])
    print(f"{costs.seconds:.3f} s for each individual, {1e6 * message_s:.2f} us of rank 0 for its messages")
    rows = simulate(costs, message_s)
    print(table(rows))
    if arguments.write:
        page = ROOT / "docs" / "cluster-scaling.md"
        text = replace_block(page.read_text(), "table", table(rows))
        text = replace_block(text, "overhead", overhead_table(json.loads(pathlib.Path(arguments.overhead).read_text())["results"]))
        page.write_text(replace_block(text, "costs", costs_text(json.loads(pathlib.Path(arguments.costs).read_text())["seconds"])))
        (ROOT / "docs" / "images" / "cluster_scaling.svg").write_text(svg(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
