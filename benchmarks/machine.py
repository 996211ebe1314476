"""What a benchmark's JSON says about the machine and the source."""

import datetime
import json
import os
import pathlib
import platform
import subprocess


def machine():
    text = pathlib.Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in text.splitlines() if line.startswith("model name")), "unknown")
    flags = next((line.split(":", 1)[1].split() for line in text.splitlines() if line.startswith("flags")), [])
    vector = next((name for name in ("avx512f", "avx2", "avx") if name in flags), "none")
    return {"cpu": model, "cores": os.cpu_count(), "vector": vector, "system": platform.platform()}


def commit():
    here = pathlib.Path(__file__).resolve().parent
    done = subprocess.run(["git", "-C", str(here), "describe", "--always", "--dirty"], capture_output=True, text=True)
    return done.stdout.strip() or "unknown"


def write_result(path, **content):
    """The JSON of a benchmark: what it found, with the date, the source and the machine."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    document = {"date": now, "commit": commit(), "machine": machine(), **content}
    pathlib.Path(path).write_text(json.dumps(document, indent=2) + "\n")


def build(folder):
    """Compiler and flags of a build folder, and what it passes to the compiler of mechanisms."""
    cache = {}
    for line in (pathlib.Path(folder) / "CMakeCache.txt").read_text().splitlines():
        if "=" in line and ":" in line.split("=", 1)[0]:
            name, value = line.split("=", 1)
            cache[name.split(":", 1)[0]] = value
    compiler = cache.get("CMAKE_CXX_COMPILER", "unknown")
    version = subprocess.run([compiler, "--version"], capture_output=True, text=True).stdout.splitlines() or ["unknown"]
    flags = f"{cache.get('CMAKE_CXX_FLAGS', '')} {cache.get('CMAKE_CXX_FLAGS_RELEASE', '')}".strip()
    return {"compiler": compiler, "version": version[0], "type": cache.get("CMAKE_BUILD_TYPE", ""), "flags": flags}
