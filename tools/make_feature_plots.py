#!/usr/bin/env python3
"""Writes docs/reference/plots/<feature>.svg: what twenty common features measure, on traces that the program simulates.

    tools/make_feature_plots.py --program build/ci/src/cli/cellwright

The cell is that of tests/parity/features/simulated_cells.py; traces, features and pictures all come from this tree.
"""

import argparse
import json
import pathlib
import sys
import tempfile
from xml.sax.saxutils import escape

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tests/parity/features"), str(ROOT / "tests/support")]

import simulated_cells  # noqa: E402
from cellwright_program import Program  # noqa: E402

WIDTH, HEIGHT = 460, 210
LEFT, RIGHT, TOP, BOTTOM = 44, 12, 14, 38
INK, MARK, SHADE = "#3c4650", "#c0392b", "#f3d9a4"
START, END = simulated_cells.START, simulated_cells.END

# Two cells: one that spikes with adaptation, one whose voltage sags and returns.
CELLS = {
    "train": ({"TrNa": 0.05, "TrK": 0.005, "TrM": 6e-4}, {}, [0.08]),
    "sag": ({"TrH": 6e-5}, {}, [-0.03]),
}


class Recorded:
    """A trace and all its features."""

    def __init__(self, program, name, work):
        simulated_cells.KINDS[name] = CELLS[name]
        cell = work / f"{name}.json"
        cell.write_text(json.dumps(simulated_cells.cell_file(name)))
        recordings = Program(program).simulate(cell, {}, work / name, "--step", "fixed", "--sample", "0.1")
        self.t, self.v = next(trace for key, trace in recordings.items() if "dendrite" not in key)
        file = work / f"{name}_trace.json"
        file.write_text(json.dumps({"time": self.t, "voltage": self.v, "stim_start": START, "stim_end": END}))
        self.features = Program(program).run_json("features", file)
        if self.features is None:
            raise RuntimeError(f"{name}: no features")

    def __getitem__(self, feature):
        return self.features[feature]

    def at(self, time):
        return self.v[min(range(len(self.t)), key=lambda i: abs(self.t[i] - time))]

    def when(self, index):
        return self["time"][int(index)]


class Plot:
    def __init__(self, trace, first, last, margin=6.0):
        self.trace, self.first, self.last = trace, first, last
        self.points = [(t, v) for t, v in zip(trace.t, trace.v) if first <= t <= last]
        voltages = [v for _, v in self.points]
        self.low, self.high = min(voltages) - margin, max(voltages) + margin
        self.behind, self.parts = [], []

    def x(self, t):
        return LEFT + (t - self.first) / (self.last - self.first) * (WIDTH - LEFT - RIGHT)

    def y(self, v):
        return TOP + (self.high - v) / (self.high - self.low) * (HEIGHT - TOP - BOTTOM)

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {style}/>')

    def text(self, x, y, text, colour=MARK, anchor="middle"):
        self.parts.append(f'<text x="{x:.1f}" y="{y:.1f}" fill="{colour}" text-anchor="{anchor}">{escape(text)}</text>')

    def level(self, v, first=None, last=None):
        self.line(self.x(first or self.first), self.y(v), self.x(last or self.last), self.y(v),
                  f'stroke="{MARK}" stroke-dasharray="4 3"')

    def dot(self, t, v, label=""):
        self.parts.append(f'<circle cx="{self.x(t):.1f}" cy="{self.y(v):.1f}" r="3.2" fill="{MARK}"/>')
        if label:
            self.text(self.x(t), self.y(v) - 6, label)

    def across(self, t1, t2, v, label="", below=False):
        """A double arrow in time."""
        y = self.y(v)
        self.line(self.x(t1), y, self.x(t2), y, f'stroke="{MARK}" stroke-width="1.4" marker-start="url(#a)" marker-end="url(#a)"')
        if label:
            self.text((self.x(t1) + self.x(t2)) / 2, y + (14 if below else -5), label)

    def up(self, t, v1, v2, label="", left=False):
        """A double arrow in voltage."""
        x = self.x(t)
        self.line(x, self.y(v1), x, self.y(v2), f'stroke="{MARK}" stroke-width="1.4" marker-start="url(#a)" marker-end="url(#a)"')
        if label:
            self.text(x + (-6 if left else 6), (self.y(v1) + self.y(v2)) / 2 + 4, label, anchor="end" if left else "start")

    def shade(self, t1, t2):
        self.behind.append(f'<rect x="{self.x(t1):.1f}" y="{TOP}" width="{self.x(t2) - self.x(t1):.1f}" '
                           f'height="{HEIGHT - TOP - BOTTOM}" fill="{SHADE}"/>')

    def curve(self, points):
        path = " ".join(f"{self.x(t):.1f},{self.y(v):.1f}" for t, v in points)
        self.parts.append(f'<polyline points="{path}" fill="none" stroke="{MARK}" stroke-width="2"/>')

    def ticks(self, low, high):
        step = next(s for s in (0.5, 1, 2, 5, 10, 20, 50, 100, 200) if (high - low) / s <= 6)
        value = step * -(-low // step)
        while value <= high:
            yield value
            value += step

    def svg(self, title):
        bottom = HEIGHT - BOTTOM
        out = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
               'font-family="sans-serif" font-size="11">', f"<title>{escape(title)}</title>",
               f'<defs><marker id="a" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" '
               f'orient="auto-start-reverse"><path d="M0 0 L8 4 L0 8 z" fill="{MARK}"/></marker></defs>',
               f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>', *self.behind]
        for t in self.ticks(self.first, self.last):
            out.append(f'<text x="{self.x(t):.1f}" y="{bottom + 13}" fill="{INK}" text-anchor="middle">{t:g}</text>')
        for v in self.ticks(self.low, self.high):
            out.append(f'<text x="{LEFT - 6}" y="{self.y(v) + 4:.1f}" fill="{INK}" text-anchor="end">{v:g}</text>')
            out.append(f'<line x1="{LEFT}" y1="{self.y(v):.1f}" x2="{WIDTH - RIGHT}" y2="{self.y(v):.1f}" stroke="#e8ebee"/>')
        out.append(f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 6}" fill="{INK}" text-anchor="end">ms</text>')
        out.append(f'<text x="{LEFT - 6}" y="{TOP - 3}" fill="{INK}" text-anchor="end">mV</text>')
        begin, end = max(START, self.first), min(END, self.last)
        if begin < end:
            out.append(f'<rect x="{self.x(begin):.1f}" y="{HEIGHT - 18}" width="{self.x(end) - self.x(begin):.1f}" height="4" '
                       f'fill="{INK}"/><text x="{self.x(begin):.1f}" y="{HEIGHT - 4}" fill="{INK}">stimulus</text>')
        pixels = [(self.x(t), self.y(v)) for t, v in self.points]
        kept = simplified(pixels)
        out.append('<polyline points="' + " ".join(f"{x:.1f},{y:.1f}" for x, y in kept) +
                   f'" fill="none" stroke="{INK}" stroke-width="1.3"/>')
        return "\n".join([*out, *self.parts, "</svg>"]) + "\n"


def simplified(points, tolerance=0.15):
    """The points without those that lie within `tolerance` of the line through the ones kept (Douglas and Peucker 1973)."""
    kept, stack = {0, len(points) - 1}, [(0, len(points) - 1)]
    while stack:
        first, last = stack.pop()
        (x1, y1), (x2, y2) = points[first], points[last]
        length = ((x2 - x1) ** 2 + (y2 - y1) ** 2) ** 0.5 or 1.0
        far, worst = None, tolerance
        for i in range(first + 1, last):
            distance = abs((points[i][0] - x1) * (y2 - y1) - (points[i][1] - y1) * (x2 - x1)) / length
            if distance > worst:
                far, worst = i, distance
        if far is not None:
            kept.add(far)
            stack += [(first, far), (far, last)]
    return [points[i] for i in sorted(kept)]


# ------------------------------------------------------------------------------------------------ what is measured

def whole(trace):
    return Plot(trace, 60, 560)


def one_spike(trace, before=3.0, after=9.0, which=2):
    peak = trace["peak_time"][which]
    return Plot(trace, peak - before, peak + after)


def intervals(plot, count=None, skip=0):
    trace = plot.trace
    peaks, heights = trace["peak_time"], trace["peak_voltage"]
    for i in range(skip, len(peaks) - 1 if count is None else count):
        plot.across(peaks[i], peaks[i + 1], heights[i] - 14 - 10 * (i % 2), f"{peaks[i + 1] - peaks[i]:.0f}")
    return plot


def numbered(plot):
    for i, (t, v) in enumerate(zip(plot.trace["peak_time"], plot.trace["peak_voltage"])):
        plot.dot(t, v, str(i + 1))
    return plot


def ap_height(train, _sag):
    plot = whole(train)
    for t, v in zip(train["peak_time"], train["AP_height"]):
        plot.dot(t, v)
    return plot


def ap_amplitude(train, _sag):
    plot = one_spike(train)
    begin, height = train["AP_begin_voltage"][2], train["peak_voltage"][2]
    plot.level(begin)
    plot.dot(train["AP_begin_time"][2], begin)
    plot.up(train["peak_time"][2], begin, height, f"{height - begin:.1f} mV")
    return plot


def ap_begin_voltage(train, _sag):
    plot = one_spike(train)
    plot.level(train["AP_begin_voltage"][2])
    plot.dot(train["AP_begin_time"][2], train["AP_begin_voltage"][2])
    plot.text(plot.x(plot.last) - 4, plot.y(train["AP_begin_voltage"][2]) - 5, "from here dv/dt > 10 mV/ms", anchor="end")
    return plot


def ap_width(train, _sag):
    plot = one_spike(train)
    above = [t for t, v in plot.points if v >= -20]
    plot.level(-20)
    plot.text(plot.x(plot.last) - 4, plot.y(-20) - 5, "Threshold", anchor="end")
    plot.across(above[0], above[-1] + 0.1, -20, f"{train['AP_width'][2]:.1f} ms", below=True)
    return plot


def half_width(train, _sag):
    plot = one_spike(train)
    rise, fall = train.when(train["AP_rise_indices"][2]), train.when(train["AP_fall_indices"][2])
    half = (train["peak_voltage"][2] + train["AP_begin_voltage"][2]) / 2
    plot.dot(train["AP_begin_time"][2], train["AP_begin_voltage"][2])
    plot.level(half)
    plot.across(rise, fall, half, f"{fall - rise:.1f} ms", below=True)
    return plot


def ahp_depth(train, _sag):
    plot = Plot(train, 70, train["peak_time"][2] + 5)
    base, minimum = train["voltage_base"][0], train["min_AHP_indices"][0]
    plot.level(base)
    plot.text(plot.x(72), plot.y(base) - 5, "voltage_base", anchor="start")
    plot.up(train.when(minimum), base, train["min_AHP_values"][0], f"{train['AHP_depth'][0]:.1f} mV")
    return plot


def ahp_depth_abs(train, _sag):
    plot = whole(train)
    for i, v in zip(train["min_AHP_indices"], train["AHP_depth_abs"]):
        plot.dot(train.when(i), v)
    return plot


def ahp_slow_time(train, _sag):
    peaks = train["peak_time"]
    plot = Plot(train, peaks[1] - 5, peaks[2] + 5)
    low = train["AHP_depth_abs_slow"][0]
    when = peaks[1] + train["AHP_slow_time"][0] * (peaks[2] - peaks[1])
    plot.dot(when, low)
    plot.across(peaks[1], peaks[2], 10, "interval")
    plot.across(peaks[1], when, -15, f"{train['AHP_slow_time'][0]:.2f} of it")
    return plot


def mean_frequency(train, _sag):
    plot = numbered(whole(train))
    plot.across(START, train["peak_time"][-1], -10, f"{len(train['peak_time'])} spikes: {train['mean_frequency'][0]:.1f} Hz")
    return plot


def time_to_first_spike(train, _sag):
    plot = Plot(train, 80, train["peak_time"][1] + 10)
    plot.across(START, train["peak_time"][0], train["peak_voltage"][0] - 10, f"{train['time_to_first_spike'][0]:.1f} ms")
    return plot


def adaptation(train, _sag):
    plot = intervals(whole(train), skip=1)
    plot.text(plot.x(330), TOP + 4, f"mean of (next - this) / (next + this) = {train['adaptation_index2'][0]:.3f}")
    return plot


def isi_cv(train, _sag):
    plot = intervals(whole(train), skip=1)
    plot.text(plot.x(330), TOP + 4, f"standard deviation / mean = {train['ISI_CV'][0]:.3f}")
    return plot


def voltage_base(_train, sag):
    plot = Plot(sag, 50, 300, 2)
    plot.shade(0.9 * START, START)
    plot.level(sag["voltage_base"][0])
    plot.text(plot.x(95), plot.y(sag["voltage_base"][0]) + 16, f"mean {sag['voltage_base'][0]:.2f} mV")
    return plot


def steady(sag):
    plot = Plot(sag, 50, 600, 2)
    plot.shade(END - 0.1 * (END - START), END)
    plot.level(sag["steady_state_voltage_stimend"][0])
    return plot


def steady_state(_train, sag):
    plot = steady(sag)
    value = sag["steady_state_voltage_stimend"][0]
    plot.text(plot.x(380), plot.y(value) - 6, f"mean {value:.2f} mV")
    return plot


def voltage_deflection(_train, sag):
    plot = Plot(sag, 50, 600, 2)
    base = sag["voltage_base"][0]
    plot.level(base)
    plot.level(base + sag["voltage_deflection"][0])
    plot.up(300, base, base + sag["voltage_deflection"][0], f"{sag['voltage_deflection'][0]:.2f} mV")
    return plot


def sag_amplitude(_train, sag):
    plot = steady(sag)
    low = sag["minimum_voltage"][0]
    plot.level(low)
    plot.up(300, low, sag["steady_state_voltage_stimend"][0], f"{sag['sag_amplitude'][0]:.2f} mV")
    return plot


def decay(_train, sag):
    import math

    plot = Plot(sag, 490, 540, 2)
    plot.shade(END + 1, END + 10)
    tau, rest, begin = sag["decay_time_constant_after_stim"][0], sag.at(START), sag.at(END + 1)
    plot.level(rest)
    times = [END + 1 + 0.3 * i for i in range(31)]
    plot.curve([(t, rest + (begin - rest) * math.exp(-(t - END - 1) / tau)) for t in times])
    plot.text(plot.x(END + 5), TOP + 12, f"tau {tau:.1f} ms")
    return plot


PLOTS = {
    "AP_height": ap_height, "AP_amplitude": ap_amplitude, "AP_begin_voltage": ap_begin_voltage, "AP_width": ap_width,
    "AP_duration_half_width": half_width, "AHP_depth": ahp_depth, "AHP_depth_abs": ahp_depth_abs, "AHP_slow_time": ahp_slow_time,
    "Spikecount": lambda train, _sag: numbered(whole(train)), "mean_frequency": mean_frequency,
    "time_to_first_spike": time_to_first_spike, "all_ISI_values": lambda train, _sag: intervals(whole(train)),
    "doublet_ISI": lambda train, _sag: intervals(Plot(train, 80, train["peak_time"][2] + 20), 1), "ISI_CV": isi_cv,
    "adaptation_index2": adaptation, "voltage_base": voltage_base, "steady_state_voltage_stimend": steady_state,
    "voltage_deflection": voltage_deflection, "sag_amplitude": sag_amplitude, "decay_time_constant_after_stim": decay,
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True, help="the cellwright program")
    parser.add_argument("--out", default=ROOT / "docs/reference/plots", type=pathlib.Path, help="the folder for the plots")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        train, sag = (Recorded(arguments.program, name, pathlib.Path(folder)) for name in CELLS)
    for name, make in PLOTS.items():
        (arguments.out / f"{name}.svg").write_text(make(train, sag).svg(name))
    print(f"{len(PLOTS)} plots in {arguments.out}")


if __name__ == "__main__":
    main()
