#!/usr/bin/env python3
"""Every mod file of the packages in tests/support/real_models.py, alone in one compartment, by cellwright and by NEURON.

    real_mods_parity.py --program CELLWRIGHT --dump EVALUATION_DUMP --models CACHE --work FOLDER [--only PATTERN]
                        [--numeric strict,fast] [--table FILE]

A density mechanism stands beside a passive leak, and beside a calcium channel and a calcium pool of our own
(tests/parity/mechanisms) where it reads what they give. A point process sits in the middle of the same compartment and gets a
train of events. Two protocols, each at 12 pairs of starting and resting voltage: a voltage ladder (a leak so strong that it
holds the voltage) and a train of current steps. Compared at every sample: all states, ASSIGNED range variables, ion variables
and the voltage, within 1e-9 of the variable's largest magnitude in all runs.

A file is counted once for each content: packages carry copies of one another's. Files that NEURON's nocmodl does not translate
have nothing to compare with. NEURON's builds stay in FOLDER and are used again while the mod files are the same; its answers only
with --keep.
"""

import argparse
import fnmatch
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "support"))

import cellwright_program  # noqa: E402
import neuron_reference  # noqa: E402
import real_models  # noqa: E402

DT_MS = 0.025
TOLERANCE = 1e-9
SHARE = 0.85  # of all files, at least so many agree
CELSIUS = 34.0
REST_MV = -70.0
LADDER_MV = [-110, -90, -75, -62, -50, -40, -25, -10, 5, 20, 40]
LADDER_G, TRAIN_G = 0.05, 1e-4
SETS = [{"g": LADDER_G, "e": float(v)} for v in LADDER_MV] + [{"g": TRAIN_G, "e": REST_MV}]
PULSES = {
    "ladder": [(0.0, 20.0, 0.0)],
    "train": [(10.0, 15.0, 0.03), (40.0, 10.0, -0.03), (60.0, 25.0, 0.06), (100.0, 10.0, 0.12)],
}
TOTAL_MS = {"ladder": 20.0, "train": 120.0}
DENSITY_S_PER_CM2, CONDUCTANCE_US = 1e-4, 1.0  # in place of a default of 0
SPECIAL = {
    # With its default kt the pump takes 50 times what is there in a step of 0.025 ms: the concentration jumps about below zero, and
    # two runs that differ in the last bit part.
    "CaDyn": {"kt": 1e-4},
    # The cell file gives random streams to point processes only.
    "StochKv": {"deterministic": 1},
    "StochKv3": {"deterministic": 1},
}
# Their upstroke multiplies a difference by so much in each step that two runs of NEURON part: each run is compared until NEURON's own
# answer moves by PARTED of the largest magnitude when e_pas is moved by NUDGE_MV.
UNSTABLE = {"AdExpIF"}
NUDGE_MV, PARTED = 1e-13, 1e-11
WEIGHTS = {"ProbAMPANMDA_EMS": 5, "ProbGABAAB_EMS": 5, "DetAMPANMDA": 5, "DetGABAAB": 5, "GluSynapse": 5}  # in units of 1 nS
IDS = [(11, 22, 33), (44, 55, 66)]  # of the first and the second random stream
# What the interpreter gives to the C code of some files: mechanism -> (procedure, variable that keeps it, values)
LISTS = {
    "VecStim": [("play", "space", [5.1, 11.3, 11.9, 30.0, 47.77, 80.0, 80.0, 95.5])],
    "InhPoissonStim": [("setTbins", "vecTbins", [2.0, 30.0, 70.0]), ("setRate", "vecRate", [100.0, 400.0, 50.0])],
}
POINTED_AT = 0.4  # where a POINTER refers to, at the start
WEIGHT = 2e-3  # uS or nA: a synapse moves the voltage by some mV
EVENTS = {"start": 7.3, "interval": 9.17, "number": 12}
BACK = {"start": 11.1, "interval": 13.4, "number": 8}  # with a negative weight, for what takes it for a spike of the target
DELAY_MS = 0.6
SWC = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
BUILT_IN = {"hh", "pas", "ExpSyn", "Exp2Syn", "IClamp", "SEClamp", "VClamp", "NetStim", "AlphaSynapse", "APCount", "PatternStim"}
SOURCES = HERE / "mechanisms"
CALCIUM_CHANNEL, CALCIUM_POOL = "ProbeCa", "ProbePool"


# --- the mod files --------------------------------------------------------------------------------------------------------


class Subject:
    """One mod file to compare, and the packages' paths that hold the same content."""

    def __init__(self, mod):
        self.mods = [mod]
        self.content = mod.path.read_bytes()
        self.uses = mod.uses()
        match = re.search(r"(?m)^\s*(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+(\w+)", mod.text())
        self.declared = match.group(1) if match else mod.path.stem
        # A built-in's name stands for NEURON's own mechanism: the file is compared under another.
        self.name = f"{self.declared}_file" if self.declared in BUILT_IN else self.declared
        self.translates = False  # by NEURON's nocmodl
        self.build = None  # NEURON's build that holds it; None: NEURON does not compile it
        self.info = None
        self.refusal = None
        self.worst = {}  # numeric mode -> difference
        self.idle = False  # nothing but the voltage moves
        self.error = None  # why there is no difference
        self.share = 1.0  # of the samples that are compared

    @property
    def label(self):
        return f"{self.mods[0].package}/{self.mods[0].inside}"

    def write(self, folder):
        """A copy for the compilers; the name in it is the one under which the file is compared."""
        text = self.content
        if self.name != self.declared:
            pattern = rb"(?m)^(\s*(?:SUFFIX|POINT_PROCESS|ARTIFICIAL_CELL)\s+)" + self.declared.encode() + rb"\b"
            text = re.sub(pattern, rb"\g<1>" + self.name.encode(), text)
        folder.mkdir(parents=True, exist_ok=True)
        file = folder / f"{self.mods[0].path.stem}.mod"
        if not file.exists() or file.read_bytes() != text:
            file.write_bytes(text)
        return file


def subjects(cache, pattern):
    """All contents, in the order of packages and paths."""
    found = {}
    for mod in real_models.mod_files(cache):
        key = hashlib.sha256(mod.path.read_bytes()).hexdigest()
        if key in found:
            found[key].mods.append(mod)
        else:
            found[key] = Subject(mod)
    return [s for s in found.values() if any(fnmatch.fnmatch(f"{m.package}/{m.inside}", pattern) for m in s.mods)]


# --- NEURON -----------------------------------------------------------------------------------------------------------------


def translates(subject):
    """Whether nocmodl makes C++ of the file."""
    import neuron

    nocmodl = pathlib.Path(neuron.__file__).parent / ".data/bin/nocmodl"
    with tempfile.TemporaryDirectory() as folder:
        file = subject.write(pathlib.Path(folder))
        environment = {**os.environ, "MODLUNIT": str(nocmodl.parent.parent / "share/nrn/lib/nrnunits.lib")}
        return subprocess.run([str(nocmodl), str(file)], cwd=folder, env=environment, capture_output=True).returncode == 0


def build_for_neuron(chosen, work):
    """Gives every translatable subject the folder of a build that holds it: a build has one file of each name."""
    builds = []  # lists of subjects
    for subject in chosen:
        subject.translates = translates(subject)
        if not subject.translates:
            continue
        for members in builds:
            same_folder = members[0].mods[0].folder == subject.mods[0].folder
            names = {m.name for m in members} | {m.mods[0].path.stem for m in members}
            if same_folder and not names & {subject.name, subject.mods[0].path.stem}:
                members.append(subject)
                break
        else:
            builds.append([subject])
    for members in builds:
        folder = compile_for_neuron(members, work)
        for member in members:
            member.build = folder


def compile_for_neuron(members, work):
    """nrnivmodl's build of the members; those that do not compile are removed from the list."""
    while members:
        folder = work / "neuron" / hashlib.sha256(b"".join(m.content for m in members)).hexdigest()[:16]
        if (folder / "built").exists():
            return folder
        shutil.rmtree(folder, ignore_errors=True)
        for member in members:
            member.write(folder / "mods")
        for source in sorted(SOURCES.glob("calcium_*.mod")):
            shutil.copy(source, folder / "mods")
        try:
            neuron_reference.compile_mechanisms(folder / "mods", folder)
        except RuntimeError as error:
            failed = set(re.findall(r"\[\S*: (\w+)\.o\] Error", str(error)))
            good = [m for m in members if m.mods[0].path.stem not in failed]
            if len(good) == len(members):
                raise
            members[:] = good
        else:
            (folder / "built").touch()
            return folder
    return None


# --- what is built and recorded -------------------------------------------------------------------------------------------------


def companions(info):
    """Our own mechanisms that stand beside: what the mechanism reads then moves."""
    reads = {name for ion in info["ions"] for name in ion["reads"]}
    writes = {name for ion in info["ions"] for name in ion["writes"]}
    if "cai" in writes or ("ica" in reads and "ica" not in writes):
        return [CALCIUM_CHANNEL]
    if "cai" in reads:
        return [CALCIUM_CHANNEL, CALCIUM_POOL]
    return []


def is_density(info):
    return info["kind"] == "density"


def is_artificial(info):
    return "artificial" in info["kind"]


def ion_variables(info):
    return list(dict.fromkeys(name for ion in info["ions"] for name in ion["reads"] + ion["writes"]))


def own_variables(info):
    """States and ASSIGNED range variables; an artificial cell is seen through the synapse that it drives."""
    if is_artificial(info):
        return []
    ions = ion_variables(info)
    return [v["name"] for v in info["states"] + info["range_assigned"] if v["name"] not in ions]


def settings(info):
    """Values for parameters whose default makes the mechanism do nothing, or blow up."""
    zero = [p["name"] for p in info["range_parameters"] if p["default"] == 0 and re.match(r"g|p(max|bar)", p["name"])]
    values = {name: DENSITY_S_PER_CM2 if is_density(info) else CONDUCTANCE_US for name in zero}
    return {**values, **SPECIAL.get(info["suffix"], {})}


def recorded(info):
    """What is compared: (owner, name as NEURON has it); the owner is the segment, the point process or the driven synapse."""
    own = own_variables(info)
    mine = [("soma", f"{name}_{info['suffix']}") for name in own] if is_density(info) else [("subject", name) for name in own]
    driven = [("synapse", "g"), ("synapse", "i")] if is_artificial(info) else []
    driven += [("holder", "e")] if info.get("pointers") else []
    every = [("soma", "v"), *mine, *driven, *(("soma", name) for name in ion_variables(info))]
    return [variable for variable in every if variable not in info.get("left out", [])]


# --- cellwright -------------------------------------------------------------------------------------------------------------------


def cell_file(folder, subject, simulator):
    info = subject.info
    mods = folder / "mods"
    subject.write(mods)
    for source in sorted(SOURCES.glob("calcium_*.mod")):
        shutil.copy(source, mods)
    (folder / "cell.swc").write_text(SWC)
    inserted = ["pas", *companions(info)] + ([info["suffix"]] if is_density(info) else [])
    protocols = {}
    for name, pulses in PULSES.items():
        stimuli = [{"delay": d, "duration": w, "amp": a, "totduration": TOTAL_MS[name]} for d, w, a in pulses]
        extra = [{"name": f"r{k}", "location": owner, "var": v} for k, (owner, v) in enumerate(recorded(info)) if k > 0]
        protocols[name] = {"stimuli": stimuli, "extra_recordings": extra}
    cell = {
        "name": "probe",
        "morphology": {"file": "cell.swc"},
        "simulator": simulator,
        "mechanisms": {"directories": ["mods"], "insert": {"somatic": inserted}},
        "parameters": [
            {"param_name": "celsius", "type": "global", "value": CELSIUS},
            {"name": "start", "param_name": "v_init", "type": "global", "bounds": [-200, 200]},
            {"name": "e", "param_name": "e_pas", "sectionlist": "somatic", "type": "section", "bounds": [-200, 200]},
            {"name": "g", "param_name": "g_pas", "sectionlist": "somatic", "type": "section", "bounds": [0, 1]},
            *own_parameters(info),
        ],
        "protocols": protocols,
        "features": {"train": {"soma": {"Spikecount": [1, 1]}}},
    }
    if not is_density(info):
        add_events(cell, info)
    (folder / "cell.json").write_text(json.dumps(cell, indent=1))
    return folder / "cell.json"


def own_parameters(info):
    for name, value in settings(info).items():
        if is_density(info):
            yield {"param_name": f"{name}_{info['suffix']}", "sectionlist": "somatic", "type": "section", "value": value}
        else:
            yield {"param_name": name, "type": "point_process", "point_process": "subject", "value": value}


def sources(info):
    """name -> (NetStim's settings, weight) of what drives the subject."""
    if not info["receives"]:
        return {}
    weight = WEIGHTS.get(info["suffix"], WEIGHT)
    both = {"source": (EVENTS, weight), "back": (BACK, -weight)}
    return both if info["pointers"] else {"source": both["source"]}


def add_events(cell, info):
    """Sources of regular events drive the point process; an artificial cell drives a synapse in turn. A POINTER refers to a
    parameter of a synapse that gets no events."""
    of_subject = [] if is_artificial(info) else [("subject", info["suffix"])]
    of_driven = [("synapse", "ExpSyn")] if is_artificial(info) else []
    of_holder = [("holder", "ExpSyn")] if info["pointers"] else []
    processes = [*of_subject, *of_driven, *of_holder]
    mechanisms, parameters = cell["mechanisms"], cell["parameters"]
    mechanisms["point_processes"] = [{"name": n, "suffix": s, "location": "soma"} for n, s in processes]
    mechanisms["artificial_cells"] = [{"name": n, "suffix": "NetStim"} for n in sources(info)]
    mechanisms["connections"] = []
    cell["locations"] = {n: {"type": "PointProcess", "pprocess_mech": n} for n, _ in processes}

    def connect(source, target, weight):
        mechanisms["connections"].append({"source": source, "target": target, "weight": [weight], "delay": DELAY_MS})

    def assign(owner, name, value):
        parameters.append({"param_name": name, "type": "point_process", "point_process": owner, "value": value})

    if is_artificial(info):
        mechanisms["artificial_cells"].insert(0, {"name": "subject", "suffix": info["suffix"]})
        connect("subject", "synapse", WEIGHT)
    for name, (timing, weight) in sources(info).items():
        connect(name, "subject", weight)
        for key, value in timing.items():
            assign(name, key, value)
    if info["pointers"]:
        assign("holder", "e", POINTED_AT)
        mechanisms["pointers"] = [
            {"point_process": "subject", "pointer": p, "location": "holder", "var": "e"} for p in info["pointers"]
        ]
    if info["random streams"]:
        mechanisms["random_streams"] = [
            {"point_process": "subject", "variable": name, "ids": list(ids)} for name, ids in zip(info["random streams"], IDS)
        ]
    if info["suffix"] in LISTS:
        mechanisms["number_lists"] = [
            {"point_process": "subject", "variable": name, "values": values} for _, name, values in LISTS[info["suffix"]]
        ]


def simulate_cellwright(dump, folder, subject, numeric):
    """(protocol, number of the set) -> array [variables, samples]"""
    file = cell_file(folder, subject, {"step": "fixed"})
    traces = evaluated(dump, file, [{"start": s["e"], **s} for s in SETS], folder / numeric, numeric)
    return {(p, k): traces(k, p)[1:] for p in PULSES for k in range(len(SETS))}


def evaluated(dump, file, sets, folder, numeric):
    """The traces of EvaluationDump.evaluate, if no protocol failed."""
    told, traces = dump.evaluate(file, sets, folder, numeric, 1)
    for number, individual in enumerate(told):
        for protocol, reason in individual["errors"].items():
            raise RuntimeError(f"cellwright: {protocol} at {sets[number]['e']:g} mV: {reason}")
    return traces


# --- NEURON's simulation, in a process of its own: NEURON keeps what it loaded ------------------------------------------------------


def simulate_neuron(work, subject, keep, nudge_mv=0.0):
    """The answer of the same question is kept below `work`, and used again if `keep`. `nudge_mv` is added to e_pas."""
    question = {"info": subject.info, "build": str(subject.build), "nudge_mv": nudge_mv}
    asked = json.dumps([question, SETS, PULSES, EVENTS, BACK, DELAY_MS, WEIGHT, DENSITY_S_PER_CM2, CONDUCTANCE_US, POINTED_AT, SPECIAL, WEIGHTS, IDS, LISTS, CELSIUS, DT_MS]).encode() + subject.content
    return neurons_answer(work, asked, len(SETS), keep, lambda out: ask_neuron(__file__, {**question, "out": out}, lambda lines: lines[-1]))


def neurons_answer(work, asked, n_sets, keep, ask):
    """(protocol, number of the set) -> array, from the file below `work` that belongs to the bytes `asked`, which ask(file) writes."""
    import numpy

    out = work / "answers" / f"{hashlib.sha256(asked).hexdigest()[:16]}.npz"
    out.parent.mkdir(exist_ok=True)
    if not (keep and out.exists()):
        ask(str(out))
    with numpy.load(out) as archive:
        return {(p, k): archive[f"{p}{k}"] for p in PULSES for k in range(n_sets)}


def ask_neuron(script, question, telling, timeout_s=None):
    """Runs `script --neuron-child`. `telling` chooses from the lines that it left the one that says why it failed."""
    command = [sys.executable, script, "--neuron-child"]
    try:
        done = subprocess.run(command, input=json.dumps(question), capture_output=True, text=True, timeout=timeout_s)
    except subprocess.TimeoutExpired:
        raise RuntimeError(f"NEURON: not done after {timeout_s} s") from None
    if done.returncode != 0:
        lines = (done.stderr.strip() or done.stdout.strip() or f"exit {done.returncode}").splitlines()
        raise RuntimeError(f"NEURON: {telling(lines)}")


def answer_as_child(sets, run):
    """What the child does: reads the question, and writes run(h, question, values, protocol) for each set and protocol."""
    question = json.load(sys.stdin)
    import neuron
    import numpy

    neuron.load_mechanisms(question["build"])
    neuron.h.load_file("stdrun.hoc")
    numpy.savez(question["out"], **{f"{p}{k}": run(neuron.h, question, values, p) for p in PULSES for k, values in enumerate(sets)})


def neuron_child():
    def run(h, question, values, protocol):
        nudged = {**values, "rest": values["e"] + question["nudge_mv"]}
        return run_in_neuron(h, question["info"], nudged, PULSES[protocol], TOTAL_MS[protocol])

    answer_as_child(SETS, run)


def run_in_neuron(h, info, values, pulses, total):
    import numpy

    owners = build_in_neuron(h, info, values, pulses)
    vectors = [h.Vector().record(getattr(owners[owner], f"_ref_{v}")) for owner, v in recorded(info)]
    h.cvode_active(0)
    h.dt, h.steps_per_ms, h.tstop = DT_MS, 1 / DT_MS, total
    h.run()
    return numpy.array([list(v) for v in vectors])


def build_in_neuron(h, info, values, pulses):
    """Name of an owner in `recorded` -> the object in NEURON, and under "alive" what must live on. The resting voltage is the
    initial one if `values` have no `start`."""
    section = h.Section(name="soma")
    for x in (0, 10, 20):
        section.pt3dadd(x, 0, 0, 20)
    for suffix in ["pas", *companions(info)] + ([info["suffix"]] if is_density(info) else []):
        section.insert(suffix)
    for name, value in settings(info).items() if is_density(info) else ():
        setattr(section, f"{name}_{info['suffix']}", value)
    section.g_pas, section.e_pas = values["g"], values["rest"]
    h.celsius, h.v_init = CELSIUS, values.get("start", values["e"])
    clamps = []
    for delay, duration, amplitude in pulses:
        clamp = h.IClamp(section(0.5))
        clamp.delay, clamp.dur, clamp.amp = delay, duration, amplitude
        clamps.append(clamp)
    owners = {"soma": section(0.5), "alive": []}
    if not is_density(info):
        owners.update(neuron_events(h, section(0.5), info))
    owners["alive"] += [section, *clamps]
    return owners


def neuron_events(h, segment, info):
    """The same as add_events; what must live on is in the result."""
    make = getattr(h, info["suffix"])
    subject = make() if is_artificial(info) else make(segment)
    for name, value in settings(info).items():
        setattr(subject, name, value)
    owners = {"subject": subject, "alive": []}
    if info["random streams"]:
        owners["alive"].append(neuron_stream(h, subject))
    for procedure, _, values in LISTS.get(info["suffix"], ()):
        owners["alive"].append(h.Vector(values))
        getattr(subject, procedure)(owners["alive"][-1])

    def connect(sender, receiver, weight):
        connection = h.NetCon(sender, receiver)
        connection.weight[0], connection.delay = weight, DELAY_MS
        owners["alive"].append(connection)

    if is_artificial(info):
        owners["synapse"] = h.ExpSyn(segment)
        connect(subject, owners["synapse"], WEIGHT)
    for timing, weight in sources(info).values():
        source = h.NetStim()
        for key, value in timing.items():
            setattr(source, key, value)
        connect(source, subject, weight)
        owners["alive"].append(source)
    if info["pointers"]:
        owners["holder"] = h.ExpSyn(segment)
        owners["holder"].e = POINTED_AT
        for pointer in info["pointers"]:
            h.setpointer(owners["holder"]._ref_e, pointer, subject)
    return owners


def neuron_stream(h, subject):
    """Gives the subject's C code its random generators: by identifiers, or one as an object that draws uniform numbers."""
    if hasattr(subject, "setRNGs"):
        return subject.setRNGs(*IDS[0], *IDS[1])
    procedure = "setRNG" if hasattr(subject, "setRNG") else "noiseFromRandom"
    try:
        getattr(subject, procedure)(*IDS[0])
        return None
    except RuntimeError:  # it takes an object
        generator = h.Random()
        generator.Random123(*IDS[0])
        generator.uniform(0, 1) if procedure == "setRNG" else generator.negexp(1)
        generator.seq(0)  # uniform and negexp have drawn one
        getattr(subject, procedure)(generator)
        return generator


# --- comparison ---------------------------------------------------------------------------------------------------------------------


def determined(theirs, nudged):
    """Run -> the number of samples before NEURON's own answers part."""
    import numpy

    rows = range(len(next(iter(theirs.values()))))
    sizes = [max(float(numpy.abs(block[row]).max()) for block in theirs.values()) or 1.0 for row in rows]
    result = {}
    for key, block in theirs.items():
        moved = [numpy.abs(other[key][row] - block[row]) > PARTED * sizes[row] for other in nudged for row in rows]
        parted = numpy.any(moved, axis=0)
        result[key] = int(parted.argmax()) if parted.any() else block.shape[1]
    return result


def worst_difference(ours, theirs, names, samples):
    """(largest difference relative to the variable's largest magnitude over all runs, where); `samples` of each run count."""
    import numpy

    worst, where = 0.0, ""
    for row, name in enumerate(names):
        size = max(float(numpy.nanmax(numpy.abs(block[row]), initial=0.0)) for block in theirs.values()) or 1.0
        for key, block in theirs.items():
            mine = ours[key]
            if mine.shape != block.shape:
                return float("inf"), f"{key}: {mine.shape[1]} samples, NEURON {block.shape[1]}"
            difference = numpy.abs(mine[row] - block[row])
            difference[samples[key] :] = 0.0
            difference[numpy.isnan(mine[row]) & numpy.isnan(block[row])] = 0.0
            difference[numpy.isnan(difference)] = numpy.inf
            if difference.max() / size > worst:
                worst = float(difference.max() / size)
                where = f"{name}, {key[0]} at {SETS[key[1]]['e']:g} mV, {DT_MS * difference.argmax():g} ms"
    return worst, where


def leave_out_infinite(info, theirs):
    """Variables that are infinite in NEURON, such as a rate before INITIAL has set what it divides by: cellwright takes a recorded
    infinity for a failed run."""
    import numpy

    finite = [all(numpy.isfinite(block[row]).all() for block in theirs.values()) for row in range(len(recorded(info)))]
    info["left out"] = [variable for variable, good in zip(recorded(info), finite) if not good]
    return {key: block[numpy.array(finite)] for key, block in theirs.items()}


def describe(program, subject, work):
    """Fills in what `cellwright nmodl` says of the file, or why it refuses it."""
    file = subject.write(work / "described")
    done = subprocess.run([program, "nmodl", str(file), "--json"], capture_output=True, text=True)
    if done.returncode == 0:
        subject.info = json.loads(done.stdout)
        text = subprocess.run([program, "nmodl", str(file)], capture_output=True, text=True).stdout
        for key in ("pointers", "random streams"):
            names = re.search(rf"(?m)^  {key} +(.*)$", text)
            subject.info[key] = [re.match(r"\w+", name).group() for name in names.group(1).split(", ")] if names else []
        subject.info["receives"] = bool(re.search(rb"(?m)^\s*NET_RECEIVE\b", subject.content))
    elif done.returncode == 3:
        errors = re.findall(r"(?m)^\S+?:(\d+):\d+: error: (.*)$", done.stderr)
        subject.refusal = "line {}: {}".format(*errors[0]) if errors else done.stderr.strip().splitlines()[0]
    else:
        raise RuntimeError(f"cellwright nmodl {file}: exit {done.returncode}\n{done.stderr}")


def compare(report, dump, subject, work, modes, keep):
    """Fills in the worst difference for each numeric mode; what cannot be simulated is a failure with its text."""
    folder = work / "probes" / hashlib.sha256(subject.content).hexdigest()[:12]
    folder.mkdir(parents=True, exist_ok=True)
    try:
        theirs = leave_out_infinite(subject.info, simulate_neuron(work, subject, keep))
        names = [name for _, name in recorded(subject.info)]
        samples = {key: block.shape[1] for key, block in theirs.items()}
        if subject.info["suffix"] in UNSTABLE:
            samples = determined(theirs, [simulate_neuron(work, subject, keep, nudge) for nudge in (NUDGE_MV, -NUDGE_MV)])
            subject.share = sum(samples.values()) / sum(block.shape[1] for block in theirs.values())
        for numeric in modes:
            worst, where = worst_difference(simulate_cellwright(dump, folder, subject, numeric), theirs, names, samples)
            subject.worst[numeric] = worst
            subject.idle = all(span(theirs, row) == 0 for row in range(1, len(names))) and len(names) > 1
            report.check(worst <= TOLERANCE, f"{subject.label}, {numeric}: {worst:.1e} ({where or 'equal'})")
        if subject.share < 1:
            report.check(subject.share >= 0.8, f"{subject.label}: compared over {100 * subject.share:.0f} % of the samples")
    except RuntimeError as error:
        subject.error = str(error)
        report.check(False, f"{subject.label}: {error}")
    shutil.rmtree(folder)


# --- totals and the table ------------------------------------------------------------------------------------------------------------


def span(blocks, row):
    """The range of a variable over all runs."""
    return max(block[row].max() for block in blocks.values()) - min(block[row].min() for block in blocks.values())


def agrees(subject):
    return bool(subject.worst) and not subject.error and max(subject.worst.values()) <= TOLERANCE


def totals(chosen):
    """(plain files that NEURON compiles, those of them that agree, all files that NEURON compiles, those that agree)"""
    files = [(s, m) for s in chosen if s.build for m in s.mods]
    plain = [s for s, _ in files if s.uses == "-"]
    return len(plain), sum(map(agrees, plain)), len(files), sum(agrees(s) for s, _ in files)


def verdict(subject):
    if subject.refusal:
        return f"refused: {subject.refusal}"
    if subject.build is None:
        return "accepted; " + ("what nocmodl makes of it does not compile" if subject.translates else "nocmodl refuses it")
    if subject.error:
        return f"**fails**: {subject.error.splitlines()[-1]}"
    left_out = ", ".join(name for _, name in subject.info["left out"])
    without = "; nothing of its own moves" if subject.idle else ""
    without += f"; not compared, infinite in NEURON: {left_out}" if left_out else ""
    without += f"; over {100 * subject.share:.0f} % of the samples, until NEURON's own runs part" if subject.share < 1 else ""
    return ("agrees" if agrees(subject) else "**differs**") + without


def table(chosen):
    plain, plain_agree, every, agree = totals(chosen)
    lines = [
        "# Published mechanisms",
        "",
        "<!-- written by tests/parity/real_mods_parity.py --table -->",
        "",
        "Every mod file of the packages named below, alone in one compartment, against NEURON 9.0.2: a voltage ladder and a train",
        "of current steps, for synapses a train of events. *Agrees*: every state, range variable and ion variable and the voltage are",
        f"within {TOLERANCE:g} of the variable's largest magnitude, in each numeric mode that has a figure. V: VERBATIM, P: POINTER, B: BBCOREPOINTER,",
        "R: RANDOM, r: NEURON's old random functions; -: none of them.",
        "",
        f"Of {every} files that NEURON compiles, {agree} agree ({100 * agree / max(every, 1):.0f} %); of the {plain} without any letter, "
        f"{plain_agree}.",
        "",
        "| package | file | mechanism | uses | verdict | strict | fast |",
        "|---|---|---|---|---|---|---|",
    ]
    for package in real_models.PACKAGES:
        rows = [(m.inside, s) for s in chosen for m in s.mods if m.package == package]
        for inside, s in sorted(rows, key=lambda row: row[0]):
            figures = [f"{s.worst[mode]:.0e}" if mode in s.worst else "" for mode in ("strict", "fast")]
            text = verdict(s).replace("|", "\\|")
            lines.append(f"| {package} | `{inside}` | {s.declared} | {s.uses} | {text} | {figures[0]} | {figures[1]} |")
    return "\n".join(lines) + "\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", help="the cellwright program")
    parser.add_argument("--dump", help="the program evaluation_dump")
    parser.add_argument("--models", help="the cache of real_models.py")
    parser.add_argument("--work", help="a folder for builds and traces")
    parser.add_argument("--only", default="*", help="pattern of package/path")
    parser.add_argument("--numeric", default="strict,fast")
    parser.add_argument("--keep", action="store_true", help="use what NEURON answered before in --work")
    parser.add_argument("--table", help="write the table of the documentation to this file")
    parser.add_argument("--neuron-child", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.neuron_child:
        return neuron_child()

    work = pathlib.Path(arguments.work).resolve()
    work.mkdir(parents=True, exist_ok=True)
    chosen = subjects(arguments.models, arguments.only)
    build_for_neuron(chosen, work)
    report = cellwright_program.Report()
    dump = cellwright_program.EvaluationDump(arguments.dump)
    for subject in chosen:
        describe(arguments.program, subject, work)
        if subject.info is None:
            print(f"refused {subject.label} [{subject.uses}]: {subject.refusal}")
        elif subject.build is None:
            print(f"alone   {subject.label}: accepted, but NEURON does not compile it")
        else:
            compare(report, dump, subject, work, arguments.numeric.split(","), arguments.keep)
        sys.stdout.flush()
    plain, plain_agree, every, agree = totals(chosen)
    report.check(plain_agree == plain, f"plain files that NEURON compiles: {plain_agree} of {plain} agree")
    if arguments.only == "*":
        report.check(agree >= SHARE * every, f"all files that NEURON compiles: {agree} of {every} agree ({100 * agree / every:.1f} %)")
    if arguments.table:
        pathlib.Path(arguments.table).write_text(table(chosen))
    return report.exit_status()


if __name__ == "__main__":
    os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui")
    sys.exit(main())
