#!/usr/bin/env python3
"""Efficiency of 16 to 10,000 ranks by a simulation of how individuals are dealt (src/evaluate/chunk_size.cpp, crew_evaluator.cpp,
crew_slots.cpp), synchronous and asynchronous; writes the table of docs/cluster-scaling.md and docs/images/cluster_scaling.svg.

    python3 tools/simulate_ranks.py [--seconds 1.0 --spread 0.3] [--overhead build/bench/results/ranks_overhead.json] [--write]

A rank has one thread here and evaluates packs of 8 individuals; a pack costs 8 times `seconds` of one (that is how the rates of the
benchmarks are given), spread log-normally. What rank 0 does by itself (breeding and selection, measured by benchmarks/optimiser_rate,
and the messages, measured by benchmarks/ranks_overhead) is serial. Standard library only.
"""

import argparse
import heapq
import json
import math
import pathlib
import random
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
LANES = 8
CHUNK_SECONDS = 2.0
RANKS = [16, 64, 256, 1024, 4096, 10000]
PER_RANK = [1, 8, 32, 128]  # individuals of a generation for each rank
MESSAGE_US = 6.0  # of rank 0 for an individual out and back, unless --overhead tells
# Milliseconds of rank 0 a generation by offspring: the table of docs/optimisers.md (35 objectives).
SELECTION_MS = {"ibea": {100: 0.50, 300: 3.0, 1000: 28, 3000: 318, 10000: 8332},
                "nsga2": {100: 0.70, 300: 2.5, 1000: 10.7, 3000: 53, 10000: 684}}
STEADY_POPULATION = 100  # --offspring of the asynchronous runs: each individual that arrives is ranked among so many


def chunk_size(places, remaining, seconds_per_row):
    """As evaluate::chunk_size for equal places of one thread."""
    by_time = CHUNK_SECONDS / seconds_per_row
    rows = max(min(by_time, remaining / places / 2), min(LANES, remaining / places))
    return int(min(remaining, math.ceil(max(rows, 1.0) / LANES) * LANES))


def pack_seconds(draw, rows, seconds, spread):
    """The slowest lane of each pack keeps its pack; a pack with fewer individuals costs the same."""
    packs = math.ceil(rows / LANES)
    return sum(LANES * seconds * draw.lognormvariate(-spread * spread / 2, spread) for _ in range(packs))


def selection_seconds(algorithm, individuals):
    """Between the measured sizes, and beyond them, straight lines of the logarithms."""
    known = sorted(SELECTION_MS[algorithm].items())
    below = max((k for k in range(len(known) - 1) if known[k][0] <= individuals), default=0)
    (n1, t1), (n2, t2) = known[below], known[below + 1]
    slope = math.log(t2 / t1) / math.log(n2 / n1)
    return 1e-3 * t1 * (individuals / n1) ** slope


def synchronous(ranks, individuals, seconds, spread, message_s, algorithm, draw):
    """Share of the time of all ranks in which they evaluate, in one generation, breeding included."""
    free = [(0.0, rank) for rank in range(ranks)]  # when a rank has nothing to do
    heapq.heapify(free)
    remaining, talks, busy, end = individuals, 0.0, 0.0, 0.0
    while remaining > 0:
        time, rank = heapq.heappop(free)
        rows = chunk_size(ranks, remaining, seconds)
        remaining -= rows
        talks = max(talks, time) + rows * message_s  # rank 0 talks to one at a time
        work = pack_seconds(draw, rows, seconds, spread)
        busy += rows * seconds
        end = max(end, talks + work)
        heapq.heappush(free, (talks + work, rank))
    return busy / (ranks * (end + selection_seconds(algorithm, individuals)))


def asynchronous(ranks, seconds, spread, message_s, algorithm, draw):
    """The same for steady state: a pack goes out when one has come back, after rank 0 has ranked its individuals one by one (two
    rankings of the population for each, a generation's selection ranks twice as many: half of its time)."""
    per_individual = message_s + selection_seconds(algorithm, STEADY_POPULATION) / 2
    back = []
    clock = busy = 0.0
    for rank in range(ranks):
        clock += LANES * message_s
        heapq.heappush(back, (clock + pack_seconds(draw, LANES, seconds, spread), rank))
    for _ in range(8 * ranks):
        time, rank = heapq.heappop(back)
        clock = max(clock, time) + LANES * per_individual
        busy += LANES * seconds
        heapq.heappush(back, (clock + pack_seconds(draw, LANES, seconds, spread), rank))
    return min(1.0, busy / (ranks * clock))


def simulate(seconds, spread, message_s):
    rows = []
    for ranks in RANKS:
        row = {"ranks": ranks, "asynchronous": asynchronous(ranks, seconds, spread, message_s, "nsga2", random.Random(ranks))}
        for algorithm in SELECTION_MS:
            for per_rank in PER_RANK:
                draw = random.Random(ranks * 1000 + per_rank)
                row[algorithm, per_rank] = synchronous(ranks, ranks * per_rank, seconds, spread, message_s, algorithm, draw)
        rows.append(row)
    return rows


def percent(value):
    return f"{100 * value:.0f} %" if value >= 0.005 else "< 1 %"


def table(rows):
    lines = ["| ranks | " + " | ".join(f"{n} a rank" for n in PER_RANK) + " | asynchronous |", "|---" * (len(PER_RANK) + 2) + "|"]
    for row in rows:
        cells = [f"{percent(row['nsga2', n])} ({percent(row['ibea', n])})" for n in PER_RANK]
        lines.append(f"| {row['ranks']:,} | " + " | ".join([*cells, percent(row["asynchronous"])]) + " |")
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
    lines = [(f"{n} a rank", ("nsga2", n), "") for n in PER_RANK] + [("asynchronous", "asynchronous", ' stroke-dasharray="6 4"')]
    for place, (colour, (label, key, dash)) in enumerate(zip(colours, lines)):
        path = " ".join(f"{x(row['ranks']):.1f},{y(row[key]):.1f}" for row in rows)
        parts.append(f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"{dash}/>')
        parts.append(f'<line x1="{right + 12}" x2="{right + 36}" y1="{40 + 20 * place}" y2="{40 + 20 * place}" stroke="{colour}" '
                     f'stroke-width="2"{dash}/><text x="{right + 42}" y="{44 + 20 * place}">{label}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def replace_table(page, key, text):
    begin, end = f"<!-- {key} -->", f"<!-- end {key} -->"
    head, rest = page.split(begin)
    return head + begin + "\n" + text + "\n" + end + rest.split(end)[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=1.0, help="mean processor time of an individual (default 1)")
    parser.add_argument("--spread", type=float, default=0.3, help="standard deviation of the logarithm of a pack's time (default 0.3)")
    parser.add_argument("--overhead", help="JSON of benchmarks/ranks_overhead.py")
    parser.add_argument("--write", action="store_true", help="write the page's table and the plot")
    arguments = parser.parse_args()
    message_s = MESSAGE_US * 1e-6
    if arguments.overhead:
        results = json.loads(pathlib.Path(arguments.overhead).read_text())["results"]
        message_s = results[-1]["generations"][-1]["us_per_individual"] * 1e-6
    rows = simulate(arguments.seconds, arguments.spread, message_s)
    print(table(rows))
    if arguments.write:
        page = ROOT / "docs" / "cluster-scaling.md"
        page.write_text(replace_table(page.read_text(), "table", table(rows)))
        (ROOT / "docs" / "images" / "cluster_scaling.svg").write_text(svg(rows))
    return 0


if __name__ == "__main__":
    sys.exit(main())
