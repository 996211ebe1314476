"""The part of cellwright that runs inside NEURON: builds a cell and simulates it with the numbers that it is sent.

Both directions carry frames: four letters, the length of the payload (8 bytes, little endian), the payload.
  HELO  driver -> program, at the start: JSON {version, nrnivmodl}
  MODL  program -> driver: JSON, the model (model_description.cpp)
  PLAN  driver -> program: JSON {problems, distances}
  RUNP  program -> driver: protocol (u32), Random123 index (u32), numbers (f64): tstop, those of the stimuli, the parameters
  TRAC  driver -> program: samples (u64), recordings (u64), times (f64), per recording a flag (u64) and its values (f64)
  FAIL  driver -> program: text, why the simulation failed
Places are found by NEURON itself, by the rules of BluePyOpt. Nothing that is received is executed as Python.
"""

import array
import gc
import json
import os
import shutil
import struct
import sys

ARRAYS = {"soma": "somatic", "dend": "basal", "apic": "apical", "axon": "axonal", "myelin": "myelinated"}
# Section attributes whose change NEURON must see; every other variable is written through pointers.
WATCHED = ("L", "Ra", "cm", "diam", "nseg", "rallbranch")

TEMPLATE = """
begintemplate CellwrightCell
  public init, all, somatic, basal, apical, axonal, myelinated, soma, dend, apic, axon, myelin, gid, CellRef
  objref all, somatic, basal, apical, axonal, myelinated, this, CellRef
  create soma[1], dend[1], apic[1], axon[1], myelin[1]
  proc init() {
    all = new SectionList()
    somatic = new SectionList()
    basal = new SectionList()
    apical = new SectionList()
    axonal = new SectionList()
    myelinated = new SectionList()
    forall delete_section()
    gid = 0
    CellRef = this
  }
endtemplate CellwrightCell
"""


class Problem(Exception):
    """Something in the model that NEURON does not have."""


class Missing(Exception):
    """A place that the cell does not reach."""


class Channel:
    """Frames over the pipes that were standard input and output; what NEURON prints goes to standard error."""

    def __init__(self):
        self.source = os.fdopen(os.dup(0), "rb")
        self.sink = os.fdopen(os.dup(1), "wb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)

    def receive(self):
        head = self.source.read(12)
        if len(head) < 12:
            return None, b""
        kind, length = struct.unpack("<4sQ", head)
        return kind.decode(), self.source.read(length)

    def send(self, kind, *parts):
        self.sink.write(struct.pack("<4sQ", kind.encode(), sum(map(len, parts))))
        for part in parts:
            self.sink.write(part)
        self.sink.flush()


def values_of(vector):
    """The bytes of a hoc Vector."""
    try:
        return vector.as_numpy().tobytes()
    except Exception:  # no NumPy
        return array.array("d", vector.to_python()).tobytes()


def short_name(section):
    return section.name().split(".")[-1]


def refusal(error):
    """What NEURON says, in one line; it also prints a longer text on standard error."""
    text = " ".join(str(error).split())
    return text.replace("hocobj_call error: ", "").replace("hoc_execerror: ", "") or type(error).__name__


def import_neuron():
    """The package; NEURON 8.2's nrniv, as pip installs it, does not look where it lies itself."""
    try:
        import neuron
    except ImportError:
        home = os.environ.get("NRNHOME", "")  # .../site-packages/neuron/.data
        sys.path.append(os.path.dirname(os.path.dirname(home)))
        import neuron
    return neuron


class Cell:
    """One cell in NEURON, with everything that all protocols share."""

    def __init__(self, h, model):
        self.h, self.model, self.problems, self.named = h, model, [], {}
        self.cell = self.hoc_cell() if model["hoc"] else self.imported_cell()
        self.insert_mechanisms()
        self.point_processes()
        self.wire()
        self.setters, self.distances = [], []
        for index, parameter in enumerate(model["parameters"]):
            self.collect("parameters", index, lambda i=index, p=parameter: self.add_parameter(i, p))

    def collect(self, kind, index, action):
        try:
            return action()
        except (Problem, Missing, AttributeError, LookupError, ValueError, RuntimeError, TypeError, NameError) as error:
            self.problems.append({"kind": kind, "index": index, "text": refusal(error)})

    # --- shape ---

    def imported_cell(self):
        h, shape = self.h, self.model["morphology"]
        if not hasattr(h, "CellwrightCell"):
            h(TEMPLATE)
        cell = h.CellwrightCell()
        cell.gid = self.model["gid"]
        reader = h.Import3d_Neurolucida3() if shape["file"].lower().endswith(".asc") else h.Import3d_SWC_read()
        reader.quiet = 1
        reader.input(shape["file"])
        h.Import3d_GUI(reader, 0).instantiate(cell)
        if shape["nseg_frequency"] is not None:
            for section in cell.all:
                section.nseg = 1 + 2 * int(section.L / shape["nseg_frequency"])
        for stub_length, nseg_frequency in shape["axon_stubs"]:
            self.replace_axon(cell, stub_length, nseg_frequency)
        return cell

    def replace_axon(self, cell, stub_length, nseg_frequency):
        h, old, section = self.h, list(cell.axonal), None
        diameters = [cell.axon[0].diam] * 2 if old else [1, 1]
        if len(old) > 1:
            far = [s.diam for s in old if h.distance(cell.soma[0](0.5), s(0.5)) > stub_length]
            diameters[1] = far[0] if far else diameters[1]
        for section in old:
            h.delete_section(sec=section)
        del old, section
        h.execute("create axon[2]", cell)
        for section, diameter in zip(cell.axon, diameters):
            section.L = stub_length / 2
            section.nseg = 1 + 2 * int(section.L / nseg_frequency)
            section.diam = diameter
            cell.axonal.append(sec=section)
            cell.all.append(sec=section)
        cell.axon[0].connect(cell.soma[0], 1.0, 0.0)
        cell.axon[1].connect(cell.axon[0], 1.0, 0.0)

    def hoc_cell(self):
        h, hoc, shape = self.h, self.model["hoc"], self.model["morphology"]
        if not hasattr(h, hoc["template"]):
            os.chdir(hoc["folder"])
            if not h(hoc["text"]):
                raise Problem("NEURON refused the hoc text of the cell model")
        folder, name = os.path.split(os.path.abspath(shape["file"]))
        template = getattr(h, hoc["template"])
        made = template(shape["file"]) if os.path.isdir(shape["file"]) else template(folder, name)
        self.kept = made
        return made.CellRef if hasattr(made, "CellRef") else made

    # --- places ---

    def sections(self, name):
        if not self.model["hoc"]:
            name = ARRAYS.get(name, name)
        if not hasattr(self.cell, name):
            raise Problem(f"the cell has no section list '{name}'")
        found = getattr(self.cell, name)
        return [found] if type(found).__name__ == "Section" else list(found)

    def all_sections(self):
        if hasattr(self.cell, "all"):
            return list(self.cell.all)
        return [s for s in self.h.allsec() if s.cell() == self.cell]

    def section(self, location):
        found = self.sections(location["list"])
        if location["index"] >= len(found):
            raise Problem(f"section list '{location['list']}' has {len(found)} sections, index {location['index']} does not exist")
        return found[location["index"]]

    def origin(self, name="soma[0]", x=0.5):
        sections = self.all_sections()
        exact = [s for s in sections if short_name(s) == name]
        near = exact or [s for s in sections if name in short_name(s)]
        if not near:
            raise Problem(f"the cell has no {name} to measure distances from")
        return near[0](x)

    def at_distance(self, sections, distance):
        """The last section that reaches over the distance."""
        origin, found = self.origin(), None
        for section in sections:
            ends = [self.h.distance(origin, section(x)) for x in (0, 1)]
            low, high = min(ends), max(ends)
            if low <= distance <= high and high > low:
                candidate = section((distance - low) / (high - low))
                found = candidate if candidate.diam > 0 else found
        if found is None:
            raise Missing(f"no compartment at {distance:g} um from the soma")
        return found

    def on_path(self, section, distance):
        path, first = [], section
        while short_name(section) != "soma[0]":
            path.append(section)
            parent = section.parentseg()
            if parent is None:
                raise Missing(f"no way leads from {short_name(first)} to soma[0]")
            section = parent.sec
        return self.at_distance(path, distance)

    def trunk(self, location):
        sections = self.sections(location["list"])
        if not sections:
            raise Missing(f"the cell has no section in '{location['list']}'")
        direction, best, farthest = location["direction"], None, 0
        for section in sections:
            last = section.n3d() - 1
            if last < 0:
                raise Problem(f"section {short_name(section)} has no 3-d points to look for a trunk")
            point = [section.x3d(last), section.y3d(last), section.z3d(last)]
            if direction is None:
                far = sum(p * p for p in point) ** 0.5
            else:
                far = sum(p * d for p, d in zip(point, direction))
            if best is None or far > farthest:
                best, farthest = section, far
        return best

    def compartment(self, location):
        kind = location["type"]
        if kind == "seclist_comp":
            return self.section(location)(location["x"])
        if kind == "section_comp":
            for section in self.all_sections():
                if short_name(section) == location["section"]:
                    return section(location["x"])
            raise Problem(f"the cell has no section '{location['section']}'")
        if kind == "soma_distance":
            return self.at_distance(self.sections(location["list"]), location["distance"])
        if kind == "path_distance":
            return self.on_path(self.section(location), location["distance"])
        if kind == "trunk_distance":
            start = self.trunk(location) if location["index"] is None else self.section(location)
            return self.on_path(start, location["distance"])
        raise Problem(f"a place of type {kind} is no compartment")

    def instances(self, name):
        if name not in self.named:
            raise Problem(f"there is no point process '{name}'")
        return self.named[name]

    def reference(self, location, variable):
        """A reference to a variable at a place, and the section that it belongs to."""
        if location["type"] == "point_process":
            return getattr(self.instances(location["name"])[0], "_ref_" + variable)
        return getattr(self.compartment(location), "_ref_" + variable)

    # --- mechanisms ---

    def insert_mechanisms(self):
        for index, mechanism in enumerate(self.model["mechanisms"]):
            self.collect("mechanisms", index, lambda m=mechanism: self.insert(m))

    def insert(self, mechanism):
        for section in self.sections(mechanism["list"]):
            section.insert(mechanism["suffix"])
            if "deterministic" in mechanism:
                setattr(section, "deterministic_" + mechanism["suffix"], 1 if mechanism["deterministic"] else 0)
                for segment in section:
                    self.seed_stream(mechanism["suffix"], segment)

    def silence(self):
        """Stochastic mechanisms run without noise until the next Snapshot.restore."""
        for mechanism in self.model["mechanisms"]:
            if "deterministic" in mechanism:
                for section in self.sections(mechanism["list"]):
                    setattr(section, "deterministic_" + mechanism["suffix"], 1)

    def seed_stream(self, suffix, segment):
        """BluePyOpt's identifiers of the random stream of one segment."""
        number = 0
        for letter in f"{short_name(segment.sec)}.{segment.x:.19g}":
            number = (31 * number + ord(letter)) % (2**31 - 1)
        getattr(self.h, "setdata_" + suffix)(segment.x, sec=segment.sec)
        getattr(self.h, "setRNG_" + suffix)(self.model["gid"], number)

    def point_processes(self):
        for index, process in enumerate(self.model["point_processes"]):
            self.collect("point_processes", index, lambda p=process: self.add_point_process(p))
        for index, artificial in enumerate(self.model["artificial_cells"]):
            self.collect("artificial_cells", index, lambda a=artificial: self.add_artificial_cell(a))

    def add_point_process(self, process):
        make = getattr(self.h, process["suffix"])
        self.named[process["name"]] = [make(self.compartment(place)) for place in process["locations"]]

    def add_artificial_cell(self, artificial):
        self.named[artificial["name"]] = [getattr(self.h, artificial["suffix"])()]

    def wire(self):
        self.connections, self.lists = [], []
        for kind, action in (
            ("connections", self.connect),
            ("pointers", self.set_pointer),
            ("random_streams", self.set_stream),
            ("number_lists", self.set_list),
        ):
            for index, item in enumerate(self.model[kind]):
                self.collect(kind, index, lambda a=action, i=item: a(i))

    def connect(self, item):
        for target in self.instances(item["target"]):
            if "source" in item:
                connection = self.h.NetCon(self.instances(item["source"])[0], target)
            else:
                place = self.compartment(item["location"])
                connection = self.h.NetCon(place._ref_v, target, sec=place.sec)
                connection.threshold = item["threshold"]
            connection.delay = item["delay"]
            for k, weight in enumerate(item["weight"]):
                connection.weight[k] = weight
            self.connections.append(connection)

    def set_pointer(self, item):
        for owner in self.instances(item["owner"]):
            self.h.setpointer(self.reference(item["location"], item["variable"]), item["pointer"], owner)

    def set_stream(self, item):
        for owner in self.instances(item["owner"]):
            stream = getattr(owner, item["variable"])
            stream.set_ids(*item["ids"])
            stream.set_seq(item["sequence"])

    def set_list(self, item):
        """The mechanism takes a Vector by its function `play` (VecStim and its like)."""
        for owner in self.instances(item["owner"]):
            vector = self.h.Vector(item["values"])
            self.lists.append(vector)
            owner.play(vector)

    # --- parameters ---

    def warn(self, index, text):
        self.problems.append({"kind": "parameters", "index": index, "text": text, "warning": True})

    def add_parameter(self, index, parameter):
        name, kind = parameter["param_name"], parameter["kind"]
        if kind == "global":
            getattr(self.h, name)
            self.setters.append((1, lambda numbers: setattr(self.h, name, numbers[0])))
        elif kind == "point_process":
            for place in parameter["locations"]:
                for process in self.instances(place["name"]):
                    getattr(process, name)
                    self.setters.append((0, lambda numbers, p=process: setattr(p, name, numbers[0])))
                self.setters.append((1, lambda numbers: None))
        else:
            for place in parameter["locations"]:
                sections = [self.section(place)] if place["type"] == "seclist_sec" else self.sections(place["list"])
                if not sections:
                    self.warn(index, f"it sets nothing: the cell has no section in '{place['list']}'")
                self.add_section_parameter(parameter, name, sections)

    def add_section_parameter(self, parameter, name, sections):
        scaled = parameter["origin"] is not None
        if scaled:
            origin = self.origin(parameter["origin"]["section"], parameter["origin"]["x"])
            self.distances.append([self.h.distance(origin, segment) for s in sections for segment in s])
        if name in WATCHED:
            holders = sections
            if parameter["kind"] == "range" and name not in ("L", "Ra", "nseg", "rallbranch"):
                holders = [segment for s in sections for segment in s]
            for holder in holders:
                getattr(holder, name)
            if scaled:
                set_all = lambda numbers: [setattr(holder, name, x) for holder, x in zip(holders, numbers)]
            else:
                set_all = lambda numbers: [setattr(holder, name, numbers[0]) for holder in holders]
            self.setters.append((len(holders) if scaled else 1, set_all))
            return
        references = [getattr(segment, "_ref_" + name) for s in sections for segment in s]
        self.setters.append(self.pointer_setter(references, scaled))

    def pointer_setter(self, references, scaled):
        if not references:
            return (0 if scaled else 1, lambda numbers: None)
        pointers = self.h.PtrVector(len(references))
        for k, reference in enumerate(references):
            pointers.pset(k, reference)
        values = self.h.Vector(len(references))
        if scaled:
            return (len(references), lambda numbers: pointers.scatter(values.from_python(numbers)))
        return (1, lambda numbers: pointers.scatter(values.fill(numbers[0])))

    def assign(self, numbers):
        first = 0
        for count, write in self.setters:
            write(numbers[first:first + max(count, 1)])
            first += count


class Snapshot:
    """All variables of a cell's mechanisms as they are after it was built: each run starts from them."""

    def __init__(self, cell):
        self.h = h = cell.h
        self.global_values, self.standards, references, names = [], [], [], {}
        for section in cell.all_sections():
            for segment in section:
                for mechanism in segment:
                    if mechanism.name() not in names:
                        names[mechanism.name()] = self.variables(mechanism.name())
                    references += [getattr(segment, "_ref_" + name) for name in names[mechanism.name()]]
        self.pointers = h.PtrVector(max(len(references), 1))
        for k, reference in enumerate(references):
            self.pointers.pset(k, reference)
        self.values = h.Vector(max(len(references), 1))
        self.any = bool(references)
        if self.any:
            self.pointers.gather(self.values)
        for processes in cell.named.values():
            for process in processes:
                standard = h.MechanismStandard(process.hname().split("[")[0], 0)
                getattr(standard, "_in")(process)
                self.standards.append((standard, process))

    def variables(self, mechanism):
        """The names of its range variables; arrays are left to the mechanism. Notes the values of its globals."""
        h, text, result = self.h, self.h.ref(""), []
        standard = h.MechanismStandard(mechanism, 0)
        for k in range(int(standard.count())):
            if standard.name(text, k) == 1:
                result.append(text[0])
        standard = h.MechanismStandard(mechanism, -1)
        for k in range(int(standard.count())):
            if standard.name(text, k) == 1:
                self.global_values.append((text[0], getattr(h, text[0])))
        return result

    def restore(self):
        for name, value in self.global_values:
            setattr(self.h, name, value)
        if self.any:
            self.pointers.scatter(self.values)
        for standard, process in self.standards:
            standard.out(process)


class Sweep:
    """The stimuli and recordings of one protocol, for one run."""

    def __init__(self, cell, protocol, numbers):
        self.h, self.cell, self.numbers = cell.h, cell, iter(numbers)
        self.kept, self.streams = [], 0
        for stimulus in protocol["stimuli"]:
            getattr(self, stimulus["type"])(stimulus)
        self.time = self.h.Vector()
        self.time.record(self.h._ref_t)
        self.recordings = [self.record(recording) for recording in protocol["recordings"]]

    def clamp(self, stimulus):
        place = self.cell.compartment(stimulus["location"])
        self.kept.append(self.h.IClamp(place))
        return self.kept[-1]

    def square(self, stimulus):
        clamp = self.clamp(stimulus)
        clamp.amp, clamp.delay, clamp.dur = (next(self.numbers) for _ in range(3))

    def ramp(self, stimulus):
        start, end, delay, duration, total = (next(self.numbers) for _ in range(5))
        times = [0.0, delay, delay, delay + duration, delay + duration, total]
        self.play(self.clamp(stimulus), times, [0.0, 0.0, start, end, 0.0, 0.0], total)

    def current_play(self, stimulus):
        times = stimulus["times"]
        self.play(self.clamp(stimulus), times, stimulus["currents"], max(times))

    def play(self, clamp, times, currents, duration):
        times, currents = self.h.Vector(times), self.h.Vector(currents)
        clamp.delay, clamp.dur = 0, duration
        currents.play(clamp._ref_amp, times, 1)
        self.kept += [times, currents]

    def netstim(self, stimulus):
        interval, number, start, noise, weight = (next(self.numbers) for _ in range(5))
        for name in stimulus["point_processes"]:
            for target in self.cell.instances(name):
                source = self.h.NetStim()
                source.interval, source.number, source.start, source.noise = interval, number, start, noise
                self.seed(source)
                connection = self.h.NetCon(source, target)
                connection.weight[0] = weight
                self.kept += [source, connection]

    def seed(self, source):
        """As in a new process: NEURON numbers the streams in order of creation."""
        number = self.cell.first_stream + self.streams
        self.streams += 1
        if hasattr(source, "ranvar"):
            source.ranvar.set_ids(1, 0, number)
            source.ranvar.set_seq(0)
        else:
            source.noiseFromRandom123(1, 0, number)

    def record(self, recording):
        """None where the cell has no such place."""
        try:
            reference = self.cell.reference(recording["location"], recording["variable"])
        except Missing:
            return None
        vector = self.h.Vector()
        vector.record(reference)
        return vector

    def answer(self):
        parts = [struct.pack("<QQ", int(self.time.size()), len(self.recordings)), values_of(self.time)]
        for vector in self.recordings:
            parts.append(struct.pack("<Q", vector is not None))
            if vector is not None:
                parts.append(values_of(vector))
        return parts


class Driver:
    def __init__(self, channel):
        self.channel = channel
        os.environ.setdefault("NEURON_MODULE_OPTIONS", "-nogui -nobanner")
        neuron = import_neuron()
        self.neuron, self.h, self.first_stream = neuron, neuron.h, None
        beside = os.path.join(os.path.dirname(sys.executable or ""), "nrnivmodl")
        compiler = beside if os.path.exists(beside) else shutil.which("nrnivmodl") or "nrnivmodl"
        self.channel.send("HELO", json.dumps({"version": neuron.__version__, "nrnivmodl": compiler}).encode())

    def serve(self):
        actions = {"MODL": self.build, "RUNP": self.run}
        while True:
            kind, payload = self.channel.receive()
            if kind is None:
                return
            try:
                actions[kind](payload)
            except (RuntimeError, AttributeError, ValueError, LookupError, TypeError, NameError, MemoryError, Problem) as error:
                self.channel.send("FAIL", refusal(error).encode())

    def build(self, payload):
        self.model = json.loads(payload)
        if self.model["memory_bytes"]:
            import resource

            wanted, (soft, hard) = self.model["memory_bytes"], resource.getrlimit(resource.RLIMIT_DATA)
            limit = min([wanted] + [bound for bound in (soft, hard) if bound != resource.RLIM_INFINITY])
            resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))  # a limit that the user has set stays
        if self.model["library"]:
            self.h.nrn_load_dll(self.model["library"])
        self.h.load_file("stdrun.hoc")
        self.h.load_file("import3d.hoc")
        self.cvode = self.h.CVode()
        self.make_cell()
        problems = self.cell.problems + self.check_protocols()
        self.channel.send("PLAN", json.dumps({"problems": problems, "distances": self.cell.distances}).encode())

    def make_cell(self):
        self.cell = self.snapshot = None
        gc.collect()
        for section in list(self.h.allsec()):  # a template that refers to itself is never freed
            self.h.delete_section(sec=section)
        self.cell = Cell(self.h, self.model)
        if self.first_stream is None:  # a cell that is built anew starts where the first one did: NEURON's own count goes on
            probe = self.h.NetStim()
            self.first_stream = probe.ranvar.get_ids().x[2] if hasattr(probe, "ranvar") else 1
        self.cell.first_stream = self.first_stream
        self.snapshot = Snapshot(self.cell)

    def check_protocols(self):
        """The places and variables of all stimuli and recordings, before anything is run."""
        problems = []
        for index, protocol in enumerate(self.model["protocols"]):
            for kind in ("stimuli", "recordings"):
                for k, item in enumerate(protocol[kind]):
                    try:
                        if "point_processes" in item:
                            for name in item["point_processes"]:
                                self.cell.instances(name)
                        else:
                            variable = item.get("variable", "v")
                            self.cell.reference(item["location"], variable)
                    except Missing as error:
                        if kind == "stimuli":
                            problems.append({"kind": kind, "protocol": index, "index": k, "text": refusal(error)})
                    except (Problem, AttributeError, LookupError, ValueError, TypeError, NameError) as error:
                        problems.append({"kind": kind, "protocol": index, "index": k, "text": refusal(error)})
        return problems

    def run(self, payload):
        index, stream = struct.unpack_from("<II", payload)
        numbers = array.array("d", payload[8:]).tolist()
        protocol = self.model["protocols"][index]
        if self.model["rebuild"]:
            self.make_cell()
        self.snapshot.restore()
        n_stimuli = protocol["n_numbers"]
        self.cell.assign(numbers[1 + n_stimuli:])
        if protocol["deterministic"]:
            self.cell.silence()
        sweep = Sweep(self.cell, protocol, numbers[1:1 + n_stimuli])
        self.h.Random().Random123_globalindex(stream)
        self.simulate(numbers[0], protocol["variable_step"])
        self.channel.send("TRAC", *sweep.answer())

    def simulate(self, tstop, variable_step):
        h = self.h
        h.tstop = tstop
        h.cvode_active(1 if variable_step else 0)
        if not variable_step:
            h.dt = self.model["dt"]
            h.steps_per_ms = 1.0 / self.model["dt"]
        h.run()


if __name__ == "__main__":
    Driver(Channel()).serve()
