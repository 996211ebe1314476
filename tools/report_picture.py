#!/usr/bin/env python3
"""Photographs the report of a run, for the documentation: what a reader sees first.

    tools/report_picture.py --run build/l5pc/run --out docs/images/l5pc_report.png
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "support"))

import headless_browser  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", required=True, help="the run directory")
    parser.add_argument("--out", required=True, help="a PNG file")
    parser.add_argument("--width", type=int, default=1400)
    parser.add_argument("--height", type=int, default=1150)
    parser.add_argument("--from", dest="section", help="the id of the section at the top; default: the page's begin")
    arguments = parser.parse_args()
    with headless_browser.Browser(arguments.width, arguments.height) as browser:
        browser.load(pathlib.Path(arguments.run) / "report.html")
        if arguments.section:
            browser.evaluate(f"window.scrollTo(0, document.getElementById({arguments.section!r}).offsetTop - 60)")
        browser.screenshot(arguments.out, whole_page=False)
    return 0


if __name__ == "__main__":
    sys.exit(main())
