"""The targets of an example whose answer is known: the features of a hidden parameter set, with chosen deviations.

NEURON simulates the cell with hidden_parameters.json, eFEL measures the traces; so the targets owe nothing to cellwright.
"""

import argparse
import json
import sys
import tempfile

import neuron_reference


def measure(reference, params, deviations):
    """protocol -> recording -> feature -> mean value, by eFEL from NEURON's traces."""
    import efel
    import numpy

    means = {}
    for protocol, recordings in deviations.items():
        pulse = reference.config["protocols"][protocol]["stimuli"][0]
        traces = reference.traces(params, protocol)
        means[protocol] = {}
        for recording, features in recordings.items():
            time, voltage = traces[recording]
            trace = {"T": time, "V": voltage, "stim_start": [pulse["delay"]], "stim_end": [pulse["delay"] + pulse["duration"]]}
            efel.reset()
            efel.set_setting("Threshold", -20.0)
            values = efel.get_feature_values([trace], list(features))[0]
            means[protocol][recording] = {name: float(numpy.mean(values[name])) for name in features}
    return means


def format_targets(targets):
    """JSON with one line per feature."""
    protocols = []
    for protocol, recordings in targets.items():
        places = []
        for recording, features in recordings.items():
            lines = [f'      "{name}": {json.dumps(target)}' for name, target in features.items()]
            places.append(f'    "{recording}": {{\n' + ",\n".join(lines) + "\n    }")
        protocols.append(f'  "{protocol}": {{\n' + ",\n".join(places) + "\n  }")
    return "{\n" + ",\n".join(protocols) + "\n}\n"


def main(folder, deviations, description):
    """Writes or checks features.json in `folder`. `deviations`: protocol -> recording -> feature -> standard deviation."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="compare only; exit 1 if features.json differs")
    parser.add_argument("--mechanisms", help="a folder in which nrnivmodl has already built the mechanisms")
    arguments = parser.parse_args()

    build = arguments.mechanisms or tempfile.mkdtemp(prefix="cellwright-mechanisms-")
    if arguments.mechanisms is None:
        neuron_reference.compile_mechanisms(folder / "mechanisms", build)
    reference = neuron_reference.NeuronReference(folder / "cell.json", build)
    means = measure(reference, json.loads((folder / "hidden_parameters.json").read_text()), deviations)
    targets = {
        protocol: {
            recording: {name: [round(means[protocol][recording][name], 4), deviation] for name, deviation in features.items()}
            for recording, features in recordings.items()
        }
        for protocol, recordings in deviations.items()
    }
    file = folder / "features.json"
    if not arguments.check:
        file.write_text(format_targets(targets))
    elif json.loads(file.read_text()) != targets:
        print(f"{file} is not what NEURON and eFEL give now:\n{format_targets(targets)}", file=sys.stderr)
        return 1
    return 0
