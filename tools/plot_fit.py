#!/usr/bin/env python3
"""Draws a fit as an SVG picture: the best traces over the targets', each score, and the scores over the generations.

    tools/plot_fit.py --run build/demo-run --out docs/images/simple_cell_fit.svg

"Target" is the cell with the hidden parameter set whose features are the targets; the optimiser never sees its traces.
"""

import argparse
import csv
import json
import pathlib
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import cellwright_program  # noqa: E402

WIDTH, HEIGHT = 1080, 560
TARGET, BEST, INK, FAINT = "#9aa5b1", "#d1495b", "#243b53", "#d9e2ec"


class Panel:
    """A rectangle of the picture with its own data coordinates."""

    def __init__(self, left, top, width, height, x_range, y_range):
        self.left, self.top, self.width, self.height = left, top, width, height
        self.x_range, self.y_range = x_range, y_range

    def x(self, value):
        low, high = self.x_range
        return self.left + (value - low) / (high - low) * self.width

    def y(self, value):
        low, high = self.y_range
        return self.top + (high - value) / (high - low) * self.height

    def line(self, xs, ys, colour, width):
        points = " ".join(f"{self.x(x):.1f},{self.y(y):.1f}" for x, y in zip(xs, ys))
        return f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-linejoin="round"/>'

    def frame(self, title, x_ticks, y_ticks, x_label=""):
        parts = [text(self.left, self.top - 10, title, weight="bold")]
        for tick in y_ticks:
            parts.append(segment(self.left, self.y(tick), self.left + self.width, self.y(tick)))
            parts.append(text(self.left - 6, self.y(tick) + 4, f"{tick:g}", anchor="end", size=11))
        for tick in x_ticks:
            parts.append(text(self.x(tick), self.top + self.height + 16, f"{tick:g}", anchor="middle", size=11))
        parts.append(text(self.left + self.width / 2, self.top + self.height + 32, x_label, anchor="middle", size=11))
        return parts


def text(x, y, content, anchor="start", size=13, weight="normal", colour=INK):
    content = content.replace("&", "&amp;").replace("<", "&lt;")
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}" font-weight="{weight}" fill="{colour}">{content}</text>'


def segment(x1, y1, x2, y2, colour=FAINT):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}"/>'


def thin(times, voltages, every=4):
    """Every fourth sample (0.1 ms) is more than a picture shows."""
    return times[::every], voltages[::every]


def trace_panels(target, best):
    parts, width = [], 320
    for column, recording in enumerate(sorted(target, key=lambda name: ("hyper" in name, "strong" in name))):
        times = target[recording][0]
        panel = Panel(50 + column * (width + 35), 60, width, 200, (times[0], times[-1]), (-85, 50))
        parts += panel.frame(recording.split(".")[0].replace("_", " "), range(0, int(times[-1]) + 1, 50), (-80, -40, 0, 40), "ms")
        parts.append(panel.line(*thin(*target[recording]), TARGET, 3.5))
        parts.append(panel.line(*thin(*best[recording]), BEST, 1.2))
    parts.append(text(12, 160, "mV", size=11))
    return parts


def score_panel(scores):
    panel = Panel(330, 335, 250, 200, (0, 1), (len(scores), 0))
    parts = [text(panel.left, panel.top - 10, "scores of the best (1 = one standard deviation)", weight="bold")]
    for row, (name, score) in enumerate(scores.items()):
        protocol, _, feature = name.split(".")
        y = panel.top + (row + 0.5) * panel.height / len(scores)
        parts.append(text(panel.left - 8, y + 3.5, f"{protocol.replace('_', ' ')}: {feature}", anchor="end", size=10))
        parts.append(f'<rect x="{panel.left}" y="{y - 4:.1f}" width="{min(score, 1) * panel.width:.1f}" height="8" fill="{BEST}"/>')
    parts.append(segment(panel.x(1), panel.top, panel.x(1), panel.top + panel.height, INK))
    return parts


def progress_panel(logbook):
    generations = [int(row["gen"]) for row in logbook]
    best, running = [], float("inf")
    for row in logbook:
        running = min(running, float(row["min"]))
        best.append(running)
    panel = Panel(690, 335, 360, 175, (1, generations[-1]), (0, best[0] * 1.05))
    step = next(s for s in (1, 2, 5, 10, 20, 50) if best[0] / s <= 6)
    ticks = [i * step for i in range(int(best[0] / step) + 1)]
    parts = panel.frame("best sum of scores", sorted({1, *range(10, generations[-1] + 1, 10)}), ticks, "generation")
    return [*parts, panel.line(generations, best, BEST, 2)]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default=ROOT / "build" / "cellwright")
    parser.add_argument("--cell", default=ROOT / "examples" / "simple_cell" / "cell.json")
    parser.add_argument("--hidden", default=ROOT / "examples" / "simple_cell" / "hidden_parameters.json")
    parser.add_argument("--run", required=True, help="the run folder of `cellwright optimise`")
    parser.add_argument("--out", required=True)
    arguments = parser.parse_args()

    program = cellwright_program.Program(arguments.program)
    run = pathlib.Path(arguments.run)
    best_params = json.loads((run / "best_params.json").read_text())
    scores = json.loads((run / "hall_of_fame.json").read_text())[0]["objectives"]
    with open(run / "logbook.csv", newline="") as stream:
        logbook = list(csv.DictReader(stream))
    with tempfile.TemporaryDirectory() as folder:
        target = program.simulate(arguments.cell, json.loads(pathlib.Path(arguments.hidden).read_text()), f"{folder}/target")
        best = program.simulate(arguments.cell, best_params, f"{folder}/best")
    legend = [
        text(50, 24, "target", colour=TARGET, weight="bold"), text(105, 24, "best of the fit", colour=BEST, weight="bold"),
    ]
    parts = [*legend, *trace_panels(target, best), *score_panel(scores), *progress_panel(logbook)]
    picture = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="sans-serif">\n'
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>\n' + "\n".join(parts) + "\n</svg>\n"
    )
    pathlib.Path(arguments.out).parent.mkdir(parents=True, exist_ok=True)
    pathlib.Path(arguments.out).write_text(picture)
    return 0


if __name__ == "__main__":
    sys.exit(main())
