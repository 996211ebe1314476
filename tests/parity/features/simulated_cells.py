"""Cells that do what features are for: tonic, adapting, bursting, silent, depolarisation block, plateau, rebound, bAP.

A soma and a dendrite with the mechanisms in mechanisms/, simulated by NEURON (variable and fixed step) and by cellwright's
engine (fixed step); soma and dendrite are recorded.
"""

import json
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "support"))

START, END, DURATION = 100.0, 500.0, 700.0
SUFFIXES = ("TrNa", "TrK", "TrM", "TrT", "TrL", "TrH")
SPIKES = {"TrNa": 0.05, "TrK": 0.005}

# kind -> conductances in S/cm2 of the soma, of the dendrite, and the step currents in nA.
KINDS = {
    "tonic": (SPIKES, {}, [0.03, 0.06]),
    "adapting": ({**SPIKES, "TrM": 2e-4}, {}, [0.08, 0.2]),
    "bursting": ({**SPIKES, "TrM": 3e-4, "TrT": 0.0015, "TrL": 1e-4, "TrH": 1e-5}, {}, [0.05, 0.12]),
    "silent": ({"TrNa": 0.005, "TrK": 0.005}, {}, [-0.02, 0.02]),
    "block": (SPIKES, {}, [1.0, 4.0]),
    "plateau": ({"TrNa": 0.05, "TrK": 0.002, "TrL": 4e-4}, {}, [0.1, 0.3]),
    "rebound": ({**SPIKES, "TrT": 0.002, "TrH": 3e-5}, {}, [-0.03, -0.08]),
    "bAP": ({**SPIKES, "TrM": 1e-4}, {"TrNa": 0.02, "TrK": 0.003}, [0.2, 0.6]),
}


def label(amplitude):
    return f"{amplitude:g}".replace("-", "minus").replace(".", "p")


def neuron_traces(mechanisms):
    """(name, times, voltages, amplitude) of every kind, amplitude, place and step, by NEURON with nrnivmodl's build."""
    import neuron
    import numpy as np

    neuron.load_mechanisms(str(mechanisms))
    h = neuron.h
    h.load_file("stdrun.hoc")
    for kind, (soma_conductances, dendrite_conductances, amplitudes) in KINDS.items():
        soma, dendrite = h.Section(name="soma"), h.Section(name="dend")
        dendrite.connect(soma(1))
        soma.L = soma.diam = 20
        dendrite.L, dendrite.diam, dendrite.nseg = 300, 2, 15
        for section, conductances in ((soma, soma_conductances), (dendrite, dendrite_conductances)):
            section.Ra = 120
            section.insert("pas")
            section.g_pas, section.e_pas = 5e-5, -70
            for suffix, value in conductances.items():
                section.insert(suffix)
                setattr(section, f"gbar_{suffix}", value)
            if "TrNa" in conductances:
                section.ena, section.ek = 50, -90
        clamp = h.IClamp(soma(0.5))
        clamp.delay, clamp.dur = START, END - START
        recorded = [h.Vector().record(x) for x in (h._ref_t, soma(0.5)._ref_v, dendrite(0.9)._ref_v)]
        for amplitude in amplitudes:
            clamp.amp = amplitude
            for step in ("variable", "fixed"):
                h.cvode.active(step == "variable")
                h.dt = 0.05
                h.steps_per_ms = 20
                h.celsius = 34
                h.finitialize(-70)
                h.continuerun(DURATION)
                times, soma_v, dendrite_v = (np.array(vector) for vector in recorded)
                for place, voltages in (("soma", soma_v), ("dendrite", dendrite_v)):
                    yield f"NEURON {kind} {amplitude} nA {place}, {step} step", times, voltages, amplitude
        h.cvode.active(False)
        del recorded, clamp, soma, dendrite


def cell_file(kind):
    """The cell file of one kind. All mechanisms are inserted everywhere, so that all kinds share one compiled library."""
    soma, dendrite, amplitudes = KINDS[kind]
    parameters = [{"param_name": name, "type": "global", "value": value} for name, value in (("v_init", -70), ("celsius", 34))]
    for name, value in (("Ra", 120), ("cm", 1), ("ena", 50), ("ek", -90)):
        parameters.append({"param_name": name, "sectionlist": "all", "type": "section", "value": value})
    for name, value in (("g_pas", 5e-5), ("e_pas", -70)):
        parameters.append({"param_name": name, "sectionlist": "all", "type": "range", "value": value})
    for section_list, conductances in (("somatic", soma), ("basal", dendrite)):
        for suffix in SUFFIXES:
            parameters.append({"param_name": f"gbar_{suffix}", "sectionlist": section_list, "type": "range",
                               "value": conductances.get(suffix, 0)})
    far = {"name": "dendrite", "location": "dendrite", "var": "v"}
    return {
        "name": f"feature_traces_{kind}",
        "morphology": {"file": str(HERE / "cell.swc"), "nseg_frequency": 20},
        "mechanisms": {"directories": [str(HERE / "mechanisms")], "insert": {"all": ["pas", *SUFFIXES]}},
        "parameters": parameters,
        "locations": {"soma": {"section_list": "somatic", "index": 0, "x": 0.5},
                      "dendrite": {"section_list": "basal", "index": 0, "x": 0.9}},
        "protocols": {
            label(amplitude): {"stimuli": [{"delay": START, "amp": amplitude, "duration": END - START, "totduration": DURATION}],
                               "extra_recordings": [far]}
            for amplitude in amplitudes
        },
        "features": {label(amplitudes[0]): {"soma": {"Spikecount": [1, 1]}}},
    }


def engine_traces(program, work):
    """(name, times, voltages, amplitude) of every kind, amplitude and place, by the cellwright program."""
    import numpy as np
    from cellwright_program import Program

    work = pathlib.Path(work)
    work.mkdir(parents=True, exist_ok=True)
    for number, (kind, (_, _, amplitudes)) in enumerate(KINDS.items()):
        cell = work / f"{kind}.json"
        cell.write_text(json.dumps(cell_file(kind)))
        sampling = [] if number % 2 else ["--sample", "0.1"]
        recordings = Program(program).simulate(cell, {}, work / kind, *sampling)
        for amplitude in amplitudes:
            found = [name for name in recordings if name.startswith(f"{label(amplitude)}.")]
            if len(found) != 2:
                raise RuntimeError(f"{kind} {amplitude} nA: recordings {sorted(recordings)}")
            for name in found:
                times, voltages = (np.array(values) for values in recordings[name])
                place = "dendrite" if "dendrite" in name else "soma"
                yield f"engine {kind} {amplitude} nA {place}", times, voltages, amplitude
