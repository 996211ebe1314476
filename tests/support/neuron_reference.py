"""The definition that cellwright is compared with: a cell file simulated by NEURON the way BluePyOpt does it.

The cell is made from a hoc template (so that its points take the same text detour as BluePyOpt's), sections get
nseg = 1 + 2 * trunc(L / nseg_frequency), mechanisms are inserted, then the parameters are assigned in file order. Only
the parts of a cell file that the example uses are understood; anything else stops the comparison.
"""

import json
import pathlib
import subprocess
import sys

TEMPLATE = """
begintemplate ReferenceCell
  public init, all, somatic, basal, apical, axonal, myelinated, soma, dend, apic, axon, myelin
  objref all, somatic, basal, apical, axonal, myelinated, this
  create soma[1], dend[1], apic[1], axon[1], myelin[1]
  proc init() {
    all = new SectionList()
    somatic = new SectionList()
    basal = new SectionList()
    apical = new SectionList()
    axonal = new SectionList()
    myelinated = new SectionList()
    forall delete_section()
  }
endtemplate ReferenceCell
"""


def compile_mechanisms(mod_directory, build_directory):
    """Runs nrnivmodl on a folder of .mod files; NEURON's own build products stay in build_directory."""
    build_directory = pathlib.Path(build_directory)
    build_directory.mkdir(parents=True, exist_ok=True)
    nrnivmodl = pathlib.Path(sys.executable).parent / "nrnivmodl"
    done = subprocess.run(
        [str(nrnivmodl), str(pathlib.Path(mod_directory).resolve())], cwd=build_directory, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise RuntimeError(f"nrnivmodl failed:\n{done.stdout}\n{done.stderr}")


class NeuronReference:
    """One cell file in NEURON. Mechanisms can be loaded once per process: use one cell file per process."""

    def __init__(self, cell_file, mechanism_build_directory=None):
        self.folder = pathlib.Path(cell_file).resolve().parent
        self.config = json.loads(pathlib.Path(cell_file).read_text())
        import neuron

        if mechanism_build_directory is not None:
            neuron.load_mechanisms(str(mechanism_build_directory))
        self.h = neuron.h
        self.h.load_file("stdrun.hoc")
        self.h.load_file("import3d.hoc")
        self.h(TEMPLATE)

    def free_parameter_names(self):
        return [self._full_name(p) for p in self.config["parameters"] if "value" not in p]

    def simulate(self, params, protocol_name, dt_ms=None):
        """Returns (time in ms, soma voltage in mV), two NumPy arrays with one sample per step."""
        return self.traces(params, protocol_name, dt_ms)["soma"]

    def traces(self, params, protocol_name, dt_ms=None):
        """Name of the recording ("soma" and the extra ones) to (time in ms, voltage in mV) of one protocol.
        The step is that of the cell file where none is given."""
        h = self.h
        dt_ms = dt_ms or self.config.get("simulator", {}).get("dt", 0.025)
        cell = self._build(params)
        protocol = self.config["protocols"][protocol_name]
        stimuli = []
        duration = 0.0
        for pulse in protocol["stimuli"]:
            unknown = set(pulse) - {"delay", "amp", "duration", "totduration", "location"}
            if unknown:
                raise NotImplementedError(f"stimulus keys {sorted(unknown)}")
            clamp = h.IClamp(self._segment(cell, pulse.get("location", "soma")))
            clamp.delay, clamp.amp, clamp.dur = pulse["delay"], pulse["amp"], pulse["duration"]
            stimuli.append(clamp)
            duration = max(duration, pulse["totduration"])
        places = {"soma": "soma"}
        for recording in protocol.get("extra_recordings", []):
            if set(recording) != {"name", "location", "var"} or recording["var"] != "v":
                raise NotImplementedError(f"recording {recording}")
            places[recording["name"]] = recording["location"]
        time = h.Vector().record(h._ref_t)
        voltages = {name: h.Vector().record(self._segment(cell, place)._ref_v) for name, place in places.items()}
        h.cvode_active(0)
        h.dt = dt_ms
        h.steps_per_ms = 1.0 / dt_ms
        h.tstop = duration
        h.run()
        return {name: (time.as_numpy().copy(), v.as_numpy().copy()) for name, v in voltages.items()}

    def _segment(self, cell, location):
        if location == "soma":
            return cell.soma[0](0.5)
        place = self.config["locations"][location]
        if set(place) != {"section_list", "index", "x"}:
            raise NotImplementedError(f"location {location}")
        return list(getattr(cell, place["section_list"]))[place["index"]](place["x"])

    @staticmethod
    def _full_name(parameter):
        name = parameter["param_name"]
        return parameter.get("name", name if parameter["type"] == "global" else f"{name}.{parameter['sectionlist']}")

    def _build(self, params):
        h = self.h
        cell = h.ReferenceCell()
        self._import_morphology(cell)
        for section_list, suffixes in self.config["mechanisms"]["insert"].items():
            for section in getattr(cell, section_list):
                for suffix in suffixes:
                    section.insert(suffix)
        for parameter in self.config["parameters"]:
            value = parameter["value"] if "value" in parameter else params[self._full_name(parameter)]
            self._assign(cell, parameter, value)
        return cell

    def _import_morphology(self, cell):
        h = self.h
        morphology = self.config["morphology"]
        unknown = set(morphology) - {"file", "nseg_frequency"}
        if unknown:
            raise NotImplementedError(f"morphology keys {sorted(unknown)}")
        reader = h.Import3d_SWC_read()
        reader.quiet = 1
        reader.input(str(self.folder / morphology["file"]))
        h.Import3d_GUI(reader, 0).instantiate(cell)
        for section in cell.all:
            section.nseg = 1 + 2 * int(section.L / morphology.get("nseg_frequency", 40))

    def _assign(self, cell, parameter, value):
        name, kind = parameter["param_name"], parameter["type"]
        unknown = set(parameter) - {"param_name", "type", "sectionlist", "value", "bounds", "name", "comment"}
        if unknown:
            raise NotImplementedError(f"parameter keys {sorted(unknown)}")
        if kind == "global":
            setattr(self.h, name, value)
            return
        for section in getattr(cell, parameter["sectionlist"]):
            if kind == "section":
                setattr(section, name, value)
            elif kind == "range":
                for segment in section:
                    setattr(segment, name, value)
            else:
                raise NotImplementedError(f"parameter type {kind}")
