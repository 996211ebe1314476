#!/usr/bin/env python3
"""docs/guide/l5pc.md is what the program says: its cell file is that of tools/l5pc_job.py, and check and evaluate print what it shows.

    l5pc_guide.py --program PROGRAM --cache CACHE --work FOLDER [--print]

Numbers may differ by 0.05, and lines by their order: another processor rounds otherwise, a variable step then takes other steps, and a
time that eFEL takes from its grid of 0.1 ms may become its neighbour. --print shows what evaluate prints, for the page.
"""

import argparse
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT / "tests" / "support"), str(ROOT / "tools")]

import cellwright_program  # noqa: E402
import l5pc_job as job  # noqa: E402

GUIDE = ROOT / "docs" / "guide" / "l5pc.md"


def blocks(text):
    """The indented blocks of a Markdown page, without their indent."""
    found = re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE)
    return ["\n".join(line[4:] for line in block.strip("\n").split("\n")) + "\n" for block in found]


def shown_output(text, command):
    """What the page shows below a command."""
    start = f"$ cellwright {command}\n"
    return next(block.removeprefix(start) for block in blocks(text) if block.startswith(start))


def same_words(shown, printed):
    """Equal but for white space, the order of lines and small differences of numbers."""
    shown, printed = (sorted(" ".join(line.split()) for line in text.splitlines() if line.strip()) for text in (shown, printed))
    pairs = [pair for lines in zip(shown, printed) for pair in zip(lines[0].split(), lines[1].split())]
    same_shape = [len(line.split()) for line in shown] == [len(line.split()) for line in printed]
    return same_shape and all(same_word(a, b) for a, b in pairs)


def same_word(a, b):
    try:
        return abs(float(a) - float(b)) <= 0.05 * max(1.0, abs(float(a)))
    except ValueError:
        return a == b


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", required=True)
    parser.add_argument("--cache", required=True, help="the cache of real_models.py")
    parser.add_argument("--work", required=True)
    parser.add_argument("--print", action="store_true")
    arguments = parser.parse_args()
    work = pathlib.Path(arguments.work).resolve()
    job.prepare(arguments.cache, work)
    program = cellwright_program.Program(pathlib.Path(arguments.program).resolve())
    report, text = cellwright_program.Report(), GUIDE.read_text()
    printed = program.run("evaluate", "cell.json", "--params", "release.json", folder=work)
    if arguments.print:
        print("".join(f"    {line}\n" for line in printed.splitlines()))
    report.check(job.CELL_FILE in blocks(text), "the cell file is that of tools/l5pc_job.py")
    checked = program.run("check", "cell.json", folder=work)
    report.check(same_words(shown_output(text, "check cell.json"), checked), f"check: {checked}")
    shown = shown_output(text, "evaluate cell.json --params release.json")
    report.check(same_words(shown, printed), f"evaluate:\n{printed}")
    return report.exit_status()


if __name__ == "__main__":
    sys.exit(main())
