#!/usr/bin/env python3
"""The derivatives of every mod file of the packages of real_models.py, against finite differences.

    derivative_parity.py --cache CACHE PROGRAM

PROGRAM is derivative_check. Files of equal content are checked once. Files that the NMODL compiler refuses are listed and not
counted as wrong (mechanism_parity.py judges what must be accepted).
"""

import argparse
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "support"))

import real_models  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--cache", required=True)
    parser.add_argument("--package", action="append", help="only this package (may be given several times)")
    arguments = parser.parse_args()
    by_content = {}
    for mod in real_models.mod_files(arguments.cache, arguments.package):
        by_content.setdefault(mod.text(), mod.path)
    print(f"{len(by_content)} mod files")
    result = subprocess.run([arguments.program] + [str(path) for path in by_content.values()])
    return result.returncode


if __name__ == "__main__":
    sys.exit(main())
