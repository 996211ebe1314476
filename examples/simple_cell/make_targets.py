#!/usr/bin/env python3
"""Writes features.json: the targets of the example, which are the features of a hidden parameter set.

NEURON simulates the cell with hidden_parameters.json, eFEL measures the traces; so the targets owe nothing to cellwright.
The standard deviations are of the size that repeated recordings of one cell type show; they are chosen, not computed.

    make build/venv/test.stamp                                           # NEURON and eFEL in build/venv
    build/venv/bin/python examples/simple_cell/make_targets.py           # writes features.json
    build/venv/bin/python examples/simple_cell/make_targets.py --check   # compares it with what would be written
"""

import argparse
import json
import pathlib
import sys
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "tests" / "support"))

STANDARD_DEVIATIONS = {
    "weak_step": {
        "Spikecount": 0.5,
        "time_to_first_spike": 0.1,
        "inv_first_ISI": 2.0,
        "AP_height": 5.0,
        "AP_width": 0.25,
        "AHP_depth": 2.0,
    },
    "strong_step": {
        "Spikecount": 0.5,
        "time_to_first_spike": 0.1,
        "inv_first_ISI": 2.0,
        "AP1_amp": 1.0,
        "APlast_amp": 1.0,
    },
    "hyperpolarising_step": {"voltage_base": 0.3, "voltage_deflection": 0.3, "steady_state_voltage_stimend": 0.3},
}


def measure(reference, params):
    """protocol -> feature -> mean value, by eFEL from NEURON's traces."""
    import efel
    import numpy

    means = {}
    for protocol, deviations in STANDARD_DEVIATIONS.items():
        time, voltage = reference.simulate(params, protocol)
        pulse = reference.config["protocols"][protocol]["stimuli"][0]
        trace = {"T": time, "V": voltage, "stim_start": [pulse["delay"]], "stim_end": [pulse["delay"] + pulse["duration"]]}
        efel.reset()
        efel.set_setting("Threshold", -20.0)
        values = efel.get_feature_values([trace], list(deviations))[0]
        means[protocol] = {name: float(numpy.mean(values[name])) for name in deviations}
    return means


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if features.json differs")
    parser.add_argument("--mechanisms", help="a folder in which nrnivmodl has already built the mechanisms")
    arguments = parser.parse_args()

    import neuron_reference

    build = arguments.mechanisms or tempfile.mkdtemp(prefix="cellwright-mechanisms-")
    if arguments.mechanisms is None:
        neuron_reference.compile_mechanisms(FOLDER / "mechanisms", build)
    reference = neuron_reference.NeuronReference(FOLDER / "cell.json", build)
    means = measure(reference, json.loads((FOLDER / "hidden_parameters.json").read_text()))
    targets = {
        protocol: {"soma": {name: [round(means[protocol][name], 4), std] for name, std in deviations.items()}}
        for protocol, deviations in STANDARD_DEVIATIONS.items()
    }
    file = FOLDER / "features.json"
    if not arguments.check:
        file.write_text(format_targets(targets))
    elif json.loads(file.read_text()) != targets:
        print(f"{file} is not what NEURON and eFEL give now:\n{format_targets(targets)}")
        return 1
    return 0


def format_targets(targets):
    """JSON with one line per feature."""
    protocols = []
    for protocol, locations in targets.items():
        lines = [f'      "{name}": {json.dumps(target)}' for name, target in locations["soma"].items()]
        protocols.append(f'  "{protocol}": {{\n    "soma": {{\n' + ",\n".join(lines) + "\n    }\n  }")
    return "{\n" + ",\n".join(protocols) + "\n}\n"


if __name__ == "__main__":
    sys.exit(main())
