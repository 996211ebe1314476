#!/usr/bin/env python3
"""The report in a headless browser: it loads without a complaint, its plots show the run's numbers, its controls work.

    page_test.py --program PROGRAM --source ROOT --work FOLDER [--screenshots]

What the page shows is read back from it and compared with the files of the run and with what `simulate` writes.
"""

import argparse
import csv
import json
import pathlib
import shutil
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import cellwright_program  # noqa: E402
import headless_browser  # noqa: E402

NASTY = "</script><img src=x onerror='window.harmed = 1'>&lt;"
EVALUATOR = """\
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    first = next(iter(request["params"].values()))
    print(json.dumps({"id": request["id"], "objectives": [first * first, abs(first - 1)]}), flush=True)
"""


class PageTest:
    def __init__(self, program, work):
        self.program = cellwright_program.Program(program)
        self.work = work
        self.report = cellwright_program.Report()

    def check(self, passed, line):
        self.report.check(bool(passed), line)

    def near(self, found, expected, tolerance, line):
        self.check(abs(found - expected) <= tolerance, f"{line}: {found}, expected {expected}")

    # --- what the page shows against the files of the run ---

    def traces(self, browser, cell, hall, individual):
        """Every sample of `simulate` lies on the page's lines, but for a thousandth of the trace's range and rounding."""
        expected = self.program.simulate(cell, hall[individual]["params"], self.work / f"individual_{individual}")
        lines = browser.evaluate("cellwrightReport.traces.flatMap((plot) => plot.lines.filter((line) => line.who === "
                                 f"{individual}).map((line) => ({{label: line.label, x: line.x, y: line.y}})))")
        lines = {line["label"].removesuffix(" of the best"): line for line in lines}
        self.check(sorted(lines) == sorted(expected), f"individual {individual + 1}: lines {sorted(lines)}")
        for name, (times, values) in expected.items():
            worst = max(abs(interpolate(lines[name]["x"], lines[name]["y"], t) - v) for t, v in zip(times, values))
            limit = 1.3e-3 * (max(values) - min(values)) + 0.01
            self.check(worst <= limit, f"individual {individual + 1}, {name}: {len(lines[name]['x'])} points, at most {worst:.3g} mV off")

    def plotted_points(self, browser):
        """What dygraphs draws are the points of the lines."""
        wrong = browser.evaluate("""cellwrightReport.traces.filter((plot) => {
          const points = plot.lines.reduce((sum, line) => sum + line.x.length, 0);
          const values = plot.lines.flatMap((line) => line.y);
          const [low, high] = plot.plot.yAxisRange();
          return plot.plot.numRows() !== points || plot.plot.numColumns() !== plot.lines.length + 1 ||
            Math.min(...values) < low || Math.max(...values) > high;
        }).map((plot) => plot.protocol.name)""")
        self.check(wrong == [], f"dygraphs has all points of every protocol {wrong}")

    def stimulus(self, browser):
        rows = browser.evaluate("(() => { const plot = cellwrightReport.traces[0].stimulus;"
                                " return Array.from({length: plot.numRows()}, (_, k) => [plot.getValue(k, 0), plot.getValue(k, 1)]); })()")
        self.check(rows == [[0, 0], [50, 0], [50, 0.35], [200, 0.35], [200, 0], [250, 0]], f"the stimulus of weak_step: {rows}")

    def bars(self, browser, individual):
        shown = browser.evaluate("[...document.querySelectorAll('#bars .bar-row[data-score]')].map((row) => ({"
                                 "name: row.querySelector('.bar-name').textContent, score: Number(row.dataset.score),"
                                 "part: row.querySelector('.bar').getBoundingClientRect().width / row.querySelector('.bar-track').getBoundingClientRect().width}))")
        expected = sorted(individual["objectives"].items(), key=lambda item: -item[1])
        self.check([(bar["name"], bar["score"]) for bar in shown] == expected, "a bar for each objective, worst first")
        end = max(3, min(10, expected[0][1]))
        widths = all(abs(bar["part"] - min(bar["score"], end) / end) < 0.01 for bar in shown)
        self.check(widths, f"the bars are as long as the scores (axis to {end:.3g})")

    def ranges(self, browser, hall, bounds):
        shown = browser.evaluate("[...document.querySelectorAll('.range-row')].map((row) => ({"
                                 "name: row.querySelector('.range-name').textContent,"
                                 "places: [...row.querySelectorAll('.range-dot')].map((dot) => parseFloat(dot.style.left) / 100)}))")
        self.check([row["name"] for row in shown] == list(bounds), "a line for each parameter")
        worst = max(abs(place - (one["params"][row["name"]] - bounds[row["name"]][0]) / (bounds[row["name"]][1] - bounds[row["name"]][0]))
                    for row in shown for place, one in zip(row["places"], hall))
        self.check(worst < 1e-4 and all(len(row["places"]) == len(hall) for row in shown), f"dots between the bounds: {worst:.1e} off")

    def convergence(self, browser, run):
        with open(run / "logbook.csv", newline="") as stream:
            logbook = list(csv.DictReader(stream))
        rows = browser.evaluate("(() => { const plot = cellwrightReport.convergence; return Array.from({length: plot.numRows()},"
                                " (_, k) => [plot.getValue(k, 0), plot.getValue(k, 1)[1], plot.getValue(k, 2)[1]]); })()")
        best = float("inf")
        expected = [[int(row["gen"]), (best := min(best, float(row["min"]))), float(row["avg"])] for row in logbook]
        self.check(rows == expected, f"the convergence is the logbook's: {len(rows)} generations")

    # --- the controls ---

    def choosing(self, browser):
        browser.evaluate("(() => { const e = document.getElementById('individual'); e.value = '1'; e.dispatchEvent(new Event('change')); })()")
        chosen = browser.evaluate("[...document.querySelectorAll('.range-row')].map((row) => [...row.querySelectorAll('.range-dot')]"
                                  ".findIndex((dot) => dot.classList.contains('chosen')))")
        self.check(set(chosen) == {1}, f"the second individual's dots are marked: {chosen}")

    def hovering(self, browser):
        browser.move_to(".plot-trace canvas", 0.5)
        browser.move_to(".plot-trace canvas", 0.52)
        legend = browser.evaluate("document.querySelector('.legend').textContent")
        self.check(" ms" in legend and " mV" in legend, f"the legend tells time and voltage: {legend!r}")

    def zooming(self, browser):
        browser.drag(".plot-trace canvas", (0.4, 0.5), (0.6, 0.5))
        windows = browser.evaluate("[cellwrightReport.traces[0].plot.xAxisRange(), cellwrightReport.traces[0].stimulus.xAxisRange()]")
        self.check(10 < windows[0][1] - windows[0][0] < 80 and windows[0] == windows[1], f"trace and stimulus are zoomed alike: {windows}")

    # --- whole pages ---

    def cell_report(self, browser, cell, screenshots):
        run = self.work / "run"
        self.program.run("optimise", cell, "--offspring", 24, "--generations", 6, "--out", run, "-q")
        hall = json.loads((run / "hall_of_fame.json").read_text())
        bounds = {p["name"]: p["bounds"] for p in json.loads((run / "run.json").read_text())["parameters"]}
        size = (run / "report.html").stat().st_size
        self.check(size < 3e6, f"the page has {size / 1e6:.2f} MB")
        browser.load(run / "report.html")
        self.traces(browser, cell, hall, 0)
        self.plotted_points(browser)
        self.stimulus(browser)
        self.bars(browser, hall[0])
        self.ranges(browser, hall, bounds)
        self.convergence(browser, run)
        sites = browser.evaluate("[...document.querySelectorAll('#cell title')].map((title) => title.textContent)")
        self.check({"recording: soma", "stimulus: soma", "soma[0]", "dend[0]"} <= set(sites), "the cell with its sites")
        if screenshots:
            browser.screenshot(self.work / "best.png")
        self.choosing(browser)
        self.traces(browser, cell, hall, 1)
        self.traces(browser, cell, hall, 0)  # in grey
        self.plotted_points(browser)
        self.bars(browser, hall[1])
        self.hovering(browser)
        self.zooming(browser)
        if screenshots:
            browser.screenshot(self.work / "second.png")

    def nasty_report(self, browser):
        """A problem file whose names are markup: they must stay text."""
        folder = self.work / "nasty"
        folder.mkdir()
        (folder / "evaluator.py").write_text(EVALUATOR)
        (folder / "problem.json").write_text(json.dumps({
            "name": NASTY.replace("/", " "),  # part of the run directory's name
            "parameters": [{"name": NASTY, "bounds": [-2, 2]}], "objectives": [NASTY + "1", "f2"],
            "evaluator": {"command": [sys.executable, "evaluator.py"]}}))
        self.program.run("optimise", folder / "problem.json", "--generations", 3, "--out", folder / "run", "-q")
        browser.load(folder / "run" / "report.html")
        names = browser.evaluate("[...document.querySelectorAll('.bar-name, .range-name')].map((e) => e.textContent)")
        self.check({NASTY, NASTY + "1", "f2"} <= set(names), f"names are shown as they are: {names}")
        self.check(browser.evaluate("document.images.length") == 0 and not browser.evaluate("window.harmed"), "no name became markup")
        gone = browser.evaluate("document.getElementById('traces') === null && document.getElementById('morphology') === null")
        self.check(gone, "no traces and no morphology without a cell")


def interpolate(xs, ys, x):
    """On the straight lines between the points; beyond the ends (by rounding) the end."""
    import bisect

    k = min(max(bisect.bisect_right(xs, x), 1), len(xs) - 1)
    width = xs[k] - xs[k - 1]
    part = min(max((x - xs[k - 1]) / width, 0.0), 1.0) if width > 0 else 1.0
    return ys[k - 1] + part * (ys[k] - ys[k - 1])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--source", required=True)
    parser.add_argument("--work", required=True)
    parser.add_argument("--screenshots", action="store_true", help="best.png and second.png in the work folder")
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work).resolve()
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir(parents=True)
    test = PageTest(pathlib.Path(arguments.program).resolve(), work)
    with headless_browser.Browser() as browser:
        test.cell_report(browser, pathlib.Path(arguments.source) / "examples/simple_cell/cell.json", arguments.screenshots)
        test.nasty_report(browser)
        test.check(browser.problems == [], f"no errors, warnings or requests: {browser.problems}")
    return test.report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
