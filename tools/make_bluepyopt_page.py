#!/usr/bin/env python3
"""Writes docs/reference/bluepyopt.md: every public class, function and member of the installed bluepyopt.ephys and
bluepyopt.deapext, with its C++ declaration or the reason why it has none. Needs a Python with bluepyopt.

    tools/make_bluepyopt_page.py            writes the page
    tools/make_bluepyopt_page.py --check    compares it with what would be written, and looks for every declaration in
                                            the headers; exit 1 and one line for each mistake
"""

import argparse
import importlib
import inspect
import pathlib
import pkgutil
import re
import sys

from bluepyopt_counterparts import (
    ARGUMENTS_NONE,
    COUNTERPARTS,
    HEADERS,
    INSTANTIATE,
    MEMBERS_NONE,
    NONE,
    OPTIMISATION_ARGUMENTS,
)

ROOT = pathlib.Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "reference" / "bluepyopt.md"
INCLUDE = ROOT / "include" / "cellwright"
TOP_MODULES = ["evaluators", "objectives", "optimisations", "parameters", "stoppingCriteria", "tools"]


class Headers:
    """Finds declarations in the public headers; comments do not count."""

    def __init__(self):
        self.texts, self.classes = {}, {}
        for file in sorted(INCLUDE.rglob("*.hpp")):
            header = str(file.relative_to(INCLUDE))
            text = re.sub(r"//[^\n]*|/\*.*?\*/", "", file.read_text(), flags=re.S)
            self.texts[header] = text
            for match in re.finditer(r"\b(?:class|struct) (\w+)(?: final)?\s*(?::([^{;]*))?\{", text):
                body = text[match.end() : self._end(text, match.end())]
                bases = re.findall(r"\w+", match.group(2) or "")
                self.classes[header, match.group(1)] = (body, [base for base in bases if base != match.group(1)])

    @staticmethod
    def _end(text, begin):
        depth = 1
        for position in range(begin, len(text)):
            depth += {"{": 1, "}": -1}.get(text[position], 0)
            if depth == 0:
                return position
        return len(text)

    def has(self, header, name):
        """A class, function or alias of that name is declared in the header, outside of calls and initialisers."""
        text = self.texts.get(header, "")
        return bool(re.search(rf"\b(?:class|struct|using) {name}\b|[\w>&*] +{name}\(", text))

    def find_class(self, header, name):
        """(header, name) of a class: in that header, in its layer, or nothing."""
        layer = header.split("/")[0] + "/"
        keys = [(header, name), *(key for key in self.classes if key[0].startswith(layer) and key[1] == name)]
        return next((key for key in keys if key in self.classes), None)

    def has_member(self, header, owner, name, seen=()):
        """A function or field of that name is declared in the class or in one of its bases."""
        key = self.find_class(header, owner)
        if key is None or key in seen:
            return False
        body, bases = self.classes[key]
        if re.search(rf"[\w>&*] +{name}(?:\(|;| =|\b,|\{{)", body):
            return True
        return any(self.has_member(key[0], base, name, (*seen, key)) for base in bases)

    def fields(self, header, arguments):
        """The names of a struct of arguments, an alias resolved."""
        if alias := re.search(rf"using {arguments} = (\w+);", self.texts.get(header, "")):
            arguments = alias.group(1)
        key = self.find_class(header, arguments)
        return set(re.findall(r'visit\("(\w+)"', self.classes[key][0])) if key else None


def modules():
    for name in TOP_MODULES:
        yield f"bluepyopt.{name}"
    for package in ("bluepyopt.deapext", "bluepyopt.ephys"):
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
            yield module.name


def public_names(module):
    """(full name, kind, object) of every public class, function and member that the module itself defines."""
    for name, thing in vars(module).items():
        if name.startswith("_") or getattr(thing, "__module__", None) != module.__name__:
            continue
        full = f"{module.__name__}.{name}"
        if inspect.isfunction(thing):
            yield full, "function", thing
        if inspect.isclass(thing):
            yield full, "class", thing
            for member, value in vars(thing).items():
                if not member.startswith("_"):
                    yield f"{full}.{member}", kind_of(value), value


def kind_of(value):
    value_kinds = {staticmethod: "static function", classmethod: "class method", property: "property"}
    return value_kinds.get(type(value), "method" if inspect.isfunction(value) else "attribute")


def find(full, module, kind):
    """(header, class, name) or a reason."""
    for known in (full, full.rsplit(".", 1)[0], module):
        if known in NONE:
            return NONE[known]
    if full in COUNTERPARTS:
        return COUNTERPARTS[full]
    header = HEADERS.get(module, module.removeprefix("bluepyopt.").replace(".", "/") + ".hpp")
    name = full.rsplit(".", 1)[1]
    if kind in ("class", "function"):
        return header, None, name
    owner = full.split(".")[-2]
    if full.rsplit(".", 1)[0] in COUNTERPARTS:
        header = COUNTERPARTS[full.rsplit(".", 1)[0]][0]
    if module.startswith("bluepyopt.ephys"):
        if name == "instantiate" and module in INSTANTIATE:
            return INSTANTIATE[module]
        if name == "SERIALIZED_FIELDS":
            return header, owner + "Arguments", "fields"
        if name in MEMBERS_NONE:
            return MEMBERS_NONE[name]
    return header, owner, name


def check_declared(full, target, headers):
    header, owner, name = target
    if header not in headers.texts:
        return f"{full}: there is no header {header}"
    if owner is None:
        return None if headers.has(header, name) else f"{full}: {header} does not declare {name}"
    if name == "fields" and headers.fields(header, owner):
        return None
    if not headers.has_member(header, owner, name):
        return f"{full}: {header} does not declare {owner}::{name}"
    return None


def check_arguments(full, thing, header, headers):
    """Every argument of a constructor is a field of the class's arguments, its name or comment, or has a reason."""
    known = headers.fields(header, thing.__name__ + "Arguments")
    if known is None or "__init__" not in vars(thing):
        return
    for argument in inspect.signature(thing.__init__).parameters:
        if argument not in known | {"self", "name", "comment"} | ARGUMENTS_NONE.keys():
            yield f"{full}: {thing.__name__}Arguments has no field '{argument}'"


def cell(target):
    header, owner, name = target
    return f"`{owner}::{name}`" if owner else f"`{name}`", f"{header}"


def section(module, headers):
    """The text of a module's section, and what is wrong with it."""
    if module.__name__ in NONE:
        names = ", ".join(f"`{full.removeprefix(module.__name__ + '.')}`" for full, _, _ in public_names(module))
        return f"None of it ({NONE[module.__name__]}): {names}.\n", []
    lines, problems = [], []
    for full, kind, thing in public_names(module):
        target = find(full, module.__name__, kind)
        short = full.removeprefix(module.__name__ + ".")
        if isinstance(target, str):
            lines.append(f"| `{short}` | {kind} | | {target} |")
            continue
        symbol, header = cell(target)
        lines.append(f"| `{short}` | {kind} | {symbol} | {header} |")
        if problem := check_declared(full, target, headers):
            problems.append(problem)
        if kind == "class":
            problems += check_arguments(full, thing, target[0], headers)
    table = "| name | kind | C++ | header, or why there is none |\n|---|---|---|---|\n" + "\n".join(lines) + "\n"
    return table if lines else "", problems


HEAD = """# BluePyOpt's API in C++

<!-- written by tools/make_bluepyopt_page.py -->

Every public class, function and member of bluepyopt {version}'s `ephys` and `deapext`, and its counterpart below
`include/cellwright/`, or why there is none. Objects are made by `Class::make("name", {{.argument = ...}})`, with
BluePyOpt's names of arguments; they live as shared pointers and become values of the layers below when they are run
([decision 10](../decisions/0010-ephys-api.md)). Units are BluePyOpt's: ms, mV, nA, um.

Arguments of constructors that are left out: {arguments}.
"""


def optimisation_arguments(headers):
    """The section on what the optimisations take."""
    deap, cma = (importlib.import_module(f"bluepyopt.deapext.{name}") for name in ("optimisations", "optimisationsCMA"))
    functions = {
        "DEAPOptimisation": [deap.DEAPOptimisation.__init__],
        "DEAPOptimisationCMA": [cma.DEAPOptimisationCMA.__init__],
        "run": [deap.DEAPOptimisation.run, cma.DEAPOptimisationCMA.run],
    }
    lines, problems = [], []
    for owner, known in OPTIMISATION_ARGUMENTS.items():
        taken = {name for function in functions[owner] for name in inspect.signature(function).parameters} - {"self"}
        problems += [f"{owner}: no counterpart of argument '{name}'" for name in sorted(taken - known.keys())]
        for name, target in known.items():
            if isinstance(target, str):
                lines.append(f"| `{owner}({name})` | | {target} |")
                continue
            symbol, header = cell(target)
            lines.append(f"| `{owner}({name})` | {symbol} | {header} |")
            if problem := check_declared(f"{owner}({name})", target, headers):
                problems.append(problem)
    head = "## Arguments of the optimisations\n\nCheckpoints belong to `run::OptimisationRun`, which runs any evaluator in a folder.\n\n"
    return head + "| argument | C++ | header, or why there is none |\n|---|---|---|\n" + "\n".join(lines) + "\n", problems


def page(headers):
    import bluepyopt

    arguments = "; ".join(f"`{name}` ({reason})" for name, reason in ARGUMENTS_NONE.items())
    parts, problems = [HEAD.format(version=bluepyopt.__version__, arguments=arguments)], []
    for name in modules():
        text, wrong = section(importlib.import_module(name), headers)
        problems += wrong
        if text:
            parts.append(f"## {name}\n\n{text}")
    text, wrong = optimisation_arguments(headers)
    parts.append(text)
    problems += wrong
    return "\n".join(parts), problems


def not_instantiated():
    """Classes of the headers that a dictionary could name but that src/ephys/instantiators.cpp does not list."""
    listed = set(re.findall(r"row<(\w+)>", (ROOT / "src/ephys/instantiators.cpp").read_text()))
    named = re.findall(r'python_name = "[\w.]*\.(\w+)"', "".join(file.read_text() for file in (INCLUDE / "ephys").glob("*.hpp")))
    return [f"src/ephys/instantiators.cpp has no row for {name}" for name in named if name not in listed]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true")
    arguments = parser.parse_args()
    content, problems = page(Headers())
    problems += not_instantiated()
    if not arguments.check:
        PAGE.write_text(content)
    elif not PAGE.exists() or PAGE.read_text() != content:
        problems.append(f"{PAGE.relative_to(ROOT)} is not what the script gives now: run tools/make_bluepyopt_page.py")
    print("\n".join(problems) or f"{content.count(chr(10) + '| `')} names")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
