#!/usr/bin/env python3
"""How the cost of an evaluation grows: with compartments (100 to 10,000), individuals in a batch (1 to 1,000), protocols (1 to 50).

    benchmarks/growth.py --rate-program build/bench/benchmarks/evaluate_rate --out docs/images/growth.json --svg docs/images/growth.svg

The cell is a random tree of dendrites with `hh` and `pas`, variable step at its default tolerance, 30 ms of model time in a protocol.
Seconds of a whole batch on one thread, features and scores included. Required: in the upper half of each range, where the fixed cost
of a call and incomplete packs of lanes no longer count, ten times as much costs less than LARGEST_PER_DECADE times as much.
"""

import argparse
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import tempfile

from machine import write_result

COMPARTMENTS = [100, 200, 500, 1000, 2000, 5000, 10000]
BATCHES = [1, 2, 4, 8, 16, 64, 250, 1000]
PROTOCOLS = [1, 2, 5, 10, 20, 50]
SECTION_UM = 30.0  # one compartment each
LARGEST_PER_DECADE = 14.0


def tree(compartments, seed=1):
    """SWC text: a soma and sections of one compartment, each on a random one of the last few, at most two on each."""
    stream = random.Random(seed)
    lines = ["1 1 0 0 0 10 -1", "2 1 10 0 0 10 1", "3 1 20 0 0 10 2"]
    open_ends = [(3, (20.0, 0.0, 0.0), 0)] * 3
    point = 3
    sections = 1
    while sections < compartments:
        at = stream.randrange(max(0, len(open_ends) - 40), len(open_ends))
        parent, place, depth = open_ends.pop(at)
        angle, rise = stream.uniform(0, 2 * math.pi), stream.uniform(-1, 1)
        flat = math.sqrt(1 - rise * rise)
        end = (place[0] + SECTION_UM * flat * math.cos(angle), place[1] + SECTION_UM * flat * math.sin(angle), place[2] + SECTION_UM * rise)
        point += 1
        # The first point of a section is that of its parent, in another type of section so that each is a section of its own.
        lines.append(f"{point} {3 + depth % 2} {end[0]:.3f} {end[1]:.3f} {end[2]:.3f} 0.8 {parent}")
        open_ends += [(point, end, depth + 1)] * 2
        sections += 1
    return "\n".join(lines) + "\n"


def cell_file(folder, compartments, protocols):
    (folder / "cell.swc").write_text(tree(compartments))
    pulses = {
        f"p{k}": {"stimuli": [{"delay": 5, "amp": 0.3 + 0.01 * k, "duration": 20, "totduration": 30}]} for k in range(protocols)
    }
    cell = {
        "name": "growth",
        "morphology": {"file": "cell.swc"},
        "mechanisms": {"insert": {"all": ["pas"], "somatic": ["hh"], "basal": ["hh"], "apical": ["hh"]}},
        "parameters": [
            {"param_name": "e_pas", "sectionlist": "all", "type": "range", "value": -65},
            {"param_name": "gnabar_hh", "sectionlist": "somatic", "type": "range", "bounds": [0.1, 0.2]},
        ],
        "protocols": pulses,
        "features": {name: {"soma": {"Spikecount": [2, 1], "voltage_base": [-65, 1]}} for name in pulses},
        "simulator": {"step": "variable"},
    }
    (folder / "cell.json").write_text(json.dumps(cell))
    return folder / "cell.json"


def seconds(program, folder, compartments, batch, protocols):
    """Of one evaluation of the whole batch."""
    cell = cell_file(folder, compartments, protocols)
    stream = random.Random(2)
    vectors = json.dumps([[stream.uniform(0.1, 0.2)] for _ in range(batch)])
    done = subprocess.run([program, cell, "fast"], input=vectors, capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{program}: {done.stderr}")
    return json.loads(done.stdout)["seconds_per_evaluation"] * batch


def per_decade(points):
    """What ten times as much costs, between the middle of the range (by logarithm) and its end."""
    middle = min(points, key=lambda p: abs(math.log(p[0]) - (math.log(points[0][0]) + math.log(points[-1][0])) / 2))
    slope = math.log(points[-1][1] / middle[1]) / math.log(points[-1][0] / middle[0])
    return 10**slope


PANEL, MARGIN, HEIGHT = 250, 62, 230


def panel(x0, title, points):
    xs, ys = [math.log10(p[0]) for p in points], [math.log10(p[1]) for p in points]
    left, right = math.floor(min(xs)), math.ceil(max(xs) - 1e-9)
    low, high = math.floor(min(ys)), math.ceil(max(ys))

    def at(x, y):
        return (x0 + (x - left) / (right - left) * PANEL, 30 + (high - y) / (high - low) * HEIGHT)

    for x in range(left, right + 1):
        px, _ = at(x, low)
        yield f'<path d="M{px:.1f} 30V{30 + HEIGHT}" class="grid"/><text x="{px:.1f}" y="{46 + HEIGHT}" text-anchor="middle">{10**x:,}</text>'
    for y in range(low, high + 1):
        _, py = at(left, y)
        yield f'<path d="M{x0} {py:.1f}h{PANEL}" class="grid"/><text x="{x0 - 6}" y="{py + 4:.1f}" text-anchor="end">{10.0**y:g}</text>'
    end = at(xs[-1], ys[-1])
    begin_y = ys[-1] - (xs[-1] - left)  # the straight line of slope 1 through the last point
    cut = max(left, left + (low - begin_y))
    start = at(cut, max(begin_y, low))
    yield f'<path d="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}" class="linear"/>'
    line = "L".join("{:.1f} {:.1f}".format(*at(x, y)) for x, y in zip(xs, ys))
    yield f'<path d="M{line}" class="measured"/>'
    for x, y in zip(xs, ys):
        yield '<circle cx="{:.1f}" cy="{:.1f}" r="3"/>'.format(*at(x, y))
    yield f'<text x="{x0 + PANEL / 2}" y="18" text-anchor="middle">seconds over {title}</text>'


def svg(curves):
    width = len(curves) * (PANEL + MARGIN) + 20
    style = ("text{font:12px sans-serif;fill:#333}.grid{stroke:#ddd}.linear{stroke:#999;stroke-dasharray:4 4}"
             ".measured{stroke:#1f5fa8;stroke-width:2;fill:none}circle{fill:#1f5fa8}")  # fmt: skip
    body = [line for k, (title, points) in enumerate(curves.items()) for line in panel(MARGIN + k * (PANEL + MARGIN), title, points)]
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {HEIGHT + 60}"><style>{style}</style>'
            f'<rect width="100%" height="100%" fill="white"/>\n' + "\n".join(body) + "\n</svg>\n")  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rate-program", required=True, type=pathlib.Path)
    parser.add_argument("--out", type=pathlib.Path)
    parser.add_argument("--svg", type=pathlib.Path)
    arguments = parser.parse_args()
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        curves = {
            "compartments": [(n, seconds(arguments.rate_program, folder, n, 8, 1)) for n in COMPARTMENTS],
            "individuals": [(n, seconds(arguments.rate_program, folder, 100, n, 1)) for n in BATCHES],
            "protocols": [(n, seconds(arguments.rate_program, folder, 100, 8, n)) for n in PROTOCOLS],
        }
    status = 0
    for title, points in curves.items():
        growth = per_decade(points)
        status = status or int(growth > LARGEST_PER_DECADE)
        print(f"{title}: " + ", ".join(f"{n}: {s:.3g} s" for n, s in points) + f"; ten times as much costs {growth:.1f} times (at most {LARGEST_PER_DECADE:g})")
    if arguments.svg:
        arguments.svg.write_text(svg(curves))
    if arguments.out:
        write_result(arguments.out, seconds=curves)
    return status


if __name__ == "__main__":
    sys.exit(main())
