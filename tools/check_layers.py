#!/usr/bin/env python3
"""Checks every #include of the tree against the layer table of docs/architecture.md.

    tools/check_layers.py               checks include/ and src/; exit 1 and one line for each breach
    tools/check_layers.py --self-test   checks this script on small made-up trees
"""

import argparse
import pathlib
import re
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[1]
INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)
# How an outside library is recognised in an #include; the names are those of the table's last column.
LIBRARIES = {
    "fmt": re.compile(r"fmt/"),
    "nlohmann": re.compile(r"nlohmann/"),
    "tbb": re.compile(r"(oneapi/)?tbb/"),
    "xxhash": re.compile(r"xxhash\.h"),
    "cli11": re.compile(r"CLI/"),
    "dlfcn": re.compile(r"dlfcn\.h"),
    "mpi": re.compile(r"mpi\.h"),
}
SUFFIXES = {".hpp", ".h", ".cpp", ".inc"}


def read_table(text):
    """layer -> (set of layers it may include, set of outside libraries), from the Markdown table."""
    table = {}
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")] if line.startswith("|") else []
        if len(cells) != 4 or cells[0] in ("layer", "") or set(cells[0]) == {"-"}:
            continue
        as_set = [set(filter(None, (name.strip() for name in cell.split(",")))) for cell in cells[2:]]
        table[cells[0]] = (as_set[0], as_set[1])
    return table


def check_table(table):
    """The table itself: only known names, and no way back up (rows stand bottom up)."""
    problems, below = [], set()
    for layer, (layers, libraries) in table.items():
        for name in sorted(layers - below):
            problems.append(f"docs/architecture.md: {layer} may include {name}, which does not stand above it in the table")
        for name in sorted(libraries - LIBRARIES.keys()):
            problems.append(f"docs/architecture.md: {layer}: unknown outside library {name}")
        below.add(layer)
    return problems


def check_file(path, layer, root, table):
    layers, libraries = table[layer]
    text = path.read_text()
    for match in INCLUDE.finditer(text):
        target = match.group(2)
        place = f"{path.relative_to(root)}:{text.count(chr(10), 0, match.start(1)) + 1}"
        parts = target.removeprefix("cellwright/").split("/")
        own = target.startswith("cellwright/") or (len(parts) > 1 and parts[0] in table)
        if own and parts[0] not in table:
            yield f"{place}: {target} belongs to no layer of docs/architecture.md"
        elif own and parts[0] != layer and parts[0] not in layers:
            yield f"{place}: layer {layer} may not include {target} (layer {parts[0]})"
        elif ".." in parts:
            yield f"{place}: {target} climbs out of its folder; include it by its layer"
        for name, pattern in LIBRARIES.items():
            if pattern.match(target) and name not in libraries:
                yield f"{place}: layer {layer} may not use {name} ({target})"


def check_tree(root, table):
    problems = check_table(table)
    for base in (root / "include" / "cellwright", root / "src"):
        for path in sorted(base.rglob("*")) if base.exists() else []:
            if path.suffix not in SUFFIXES:
                continue
            layer = path.relative_to(base).parts[0]
            if layer not in table:
                problems.append(f"{path.relative_to(root)}: folder {layer} is no layer of docs/architecture.md")
            else:
                problems.extend(check_file(path, layer, root, table))
    return problems


def self_test():
    table = read_table("| layer | what | may include | outside libraries |\n|---|---|---|---|\n| base | x | | fmt |\n| text | x | base | nlohmann |\n| nmodl | x | base, text | |\n")
    cases = [
        ("src/nmodl/a.cpp", '#include "cellwright/text/json.hpp"\n#include "nmodl/lexer.hpp"\n#include <vector>\n', []),
        ("src/base/a.cpp", '\n#include "cellwright/text/json.hpp"\n', ["src/base/a.cpp:2: layer base may not include cellwright/text/json.hpp (layer text)"]),
        ("src/base/a.cpp", '#include "text/json.hpp"\n', ["src/base/a.cpp:1: layer base may not include text/json.hpp (layer text)"]),
        ("include/cellwright/text/a.hpp", "#include <fmt/core.h>\n", ["include/cellwright/text/a.hpp:1: layer text may not use fmt (fmt/core.h)"]),
        ("src/text/a.cpp", "#include <nlohmann/json.hpp>\n", []),
        ("src/text/a.cpp", '#include "../base/a.hpp"\n', ["src/text/a.cpp:1: ../base/a.hpp climbs out of its folder; include it by its layer"]),
        ("src/text/a.cpp", '#include "cellwright/other/a.hpp"\n', ["src/text/a.cpp:1: cellwright/other/a.hpp belongs to no layer of docs/architecture.md"]),
        ("src/extra/a.cpp", "", ["src/extra/a.cpp: folder extra is no layer of docs/architecture.md"]),
    ]
    failures = []
    for name, text, expected in cases:
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / name
            path.parent.mkdir(parents=True)
            path.write_text(text)
            found = check_tree(pathlib.Path(folder), table)
            if found != expected:
                failures.append(f"{name} {text!r}: expected {expected}, found {found}")
    upward = check_table({"base": ({"text"}, set()), "text": (set(), {"boost"})})
    if len(upward) != 2:
        failures.append(f"a table that goes up and names an unknown library: {upward}")
    return failures


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true")
    if parser.parse_args().self_test:
        problems = self_test()
    else:
        table = read_table((ROOT / "docs" / "architecture.md").read_text())
        problems = check_tree(ROOT, table) if table else ["docs/architecture.md: no layer table found"]
    for problem in problems:
        print(problem)
    print(f"{len(problems)} problems")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
