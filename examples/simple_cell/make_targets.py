#!/usr/bin/env python3
"""Writes features.json: the targets of the example, which are the features of a hidden parameter set (hidden_targets.py).
The standard deviations are of the size that repeated recordings of one cell type show; they are chosen, not computed.

    make build/venv/test.stamp                                           # NEURON and eFEL in build/venv
    build/venv/bin/python examples/simple_cell/make_targets.py           # writes features.json
    build/venv/bin/python examples/simple_cell/make_targets.py --check   # compares it with what would be written
"""

import pathlib
import sys

FOLDER = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(FOLDER.parents[1] / "tests" / "support"))

STANDARD_DEVIATIONS = {
    "weak_step": {
        "soma": {
            "Spikecount": 0.5,
            "time_to_first_spike": 0.1,
            "inv_first_ISI": 2.0,
            "AP_height": 5.0,
            "AP_width": 0.25,
            "AHP_depth": 2.0,
        }
    },
    "strong_step": {
        "soma": {
            "Spikecount": 0.5,
            "time_to_first_spike": 0.1,
            "inv_first_ISI": 2.0,
            "AP1_amp": 1.0,
            "APlast_amp": 1.0,
        }
    },
    "hyperpolarising_step": {
        "soma": {"voltage_base": 0.3, "voltage_deflection": 0.3, "steady_state_voltage_stimend": 0.3}
    },
}

if __name__ == "__main__":
    import hidden_targets

    sys.exit(hidden_targets.main(FOLDER, STANDARD_DEVIATIONS, __doc__))
