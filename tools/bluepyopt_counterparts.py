"""Which declaration of cellwright stands for a public name of bluepyopt.ephys and bluepyopt.deapext, or why there is none.

Without an entry here the rule is: the class, function or member of the same name in the header of the same name
(bluepyopt.ephys.stimuli -> cellwright/ephys/stimuli.hpp), members of base classes included.
"""

# Module -> header, where the names differ.
HEADERS = {
    "bluepyopt.evaluators": "optimise/evaluator.hpp",
    "bluepyopt.objectives": "optimise/objective.hpp",
    "bluepyopt.optimisations": "optimise/deap_optimisation.hpp",
    "bluepyopt.parameters": "optimise/parameter.hpp",
    "bluepyopt.stoppingCriteria": "optimise/stopping_criteria.hpp",
    "bluepyopt.tools": "numeric/uint32_seed.hpp",
    "bluepyopt.ephys.parameterscalers.parameterscalers": "ephys/parameterscalers.hpp",
    "bluepyopt.deapext.CMA_MO": "optimise/cma_strategy.hpp",
    "bluepyopt.deapext.CMA_SO": "optimise/cma_strategy.hpp",
    "bluepyopt.deapext.algorithms": "optimise/algorithm.hpp",
    "bluepyopt.deapext.hype": "optimise/hypervolume.hpp",
    "bluepyopt.deapext.optimisations": "optimise/deap_optimisation.hpp",
    "bluepyopt.deapext.optimisationsCMA": "optimise/deap_optimisation_cma.hpp",
    "bluepyopt.deapext.stoppingCriteria": "optimise/stopping_criteria.hpp",
    "bluepyopt.deapext.tools.selIBEA": "optimise/selection.hpp",
    "bluepyopt.deapext.utils": "optimise/individual.hpp",
}

ARBOR = "Arbor only"
LFPY = "extracellular recordings, which need LFPy"
NEURON = "NEURON only: it takes or makes objects of its interpreter (`sim`, `icell`)"
PLACES = "the place is found when the model is compiled (`compile::compile_model`)"
NOTHING_TO_DESTROY = "nothing is left of a run that could be destroyed"
HOC = "part of `hoc::create_hoc` (hoc/create_hoc.hpp)"
STATE = "no process-global state: each run gets its own simulator (`NrnSimulator::simulator`)"

# Whole modules and classes without a counterpart.
NONE = {
    "bluepyopt.ephys.acc": ARBOR,
    "bluepyopt.ephys.create_acc": ARBOR,
    "bluepyopt.ephys.parameterscalers.acc_iexpr": ARBOR,
    "bluepyopt.ephys.extra_features_utils": LFPY,
    "bluepyopt.ephys.efeatures.masked_cosine_distance": LFPY,
    "bluepyopt.ephys.efeatures.extraFELFeature": LFPY,
    "bluepyopt.ephys.examples.simplecell.simplecell": "an example: see examples/ephys_api",
    "bluepyopt.ephys.locations.ArbLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbSegmentLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbBranchLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbSegmentRelLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbBranchRelLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbLocsetLocation": ARBOR,
    "bluepyopt.ephys.locations.ArbRegionLocation": ARBOR,
    "bluepyopt.ephys.locations.EPhysLocAccException": ARBOR,
    "bluepyopt.ephys.models.LFPyCellModel": LFPY,
    "bluepyopt.ephys.morphologies.ArbFileMorphology": ARBOR,
    "bluepyopt.ephys.protocols.ArbSweepProtocol": ARBOR,
    "bluepyopt.ephys.protocols.ArbSweepProtocolException": ARBOR,
    "bluepyopt.ephys.recordings.LFPRecording": LFPY,
    "bluepyopt.ephys.responses.TimeLFPResponse": LFPY,
    "bluepyopt.ephys.simulators.LFPySimulator": LFPY,
    "bluepyopt.ephys.simulators.LFPySimulatorException": LFPY,
    "bluepyopt.ephys.simulators.ArbSimulator": ARBOR,
    "bluepyopt.ephys.simulators.ArbSimulatorException": ARBOR,
    "bluepyopt.ephys.stimuli.LFPStimulus": LFPY,
    "bluepyopt.ephys.stimuli.LFPySquarePulse": LFPY,
    "bluepyopt.ephys.parameterscalers.parameterscalers.MissingFormatDict": "a helper of Python's formatting",
    "bluepyopt.ephys.create_hoc.PointExpr": HOC,
    "bluepyopt.ephys.create_hoc.RangeExpr": HOC,
    "bluepyopt.ephys.create_hoc.Location": HOC,
    "bluepyopt.ephys.create_hoc.Range": HOC,
    "bluepyopt.ephys.create_hoc.generate_channels_by_location": HOC,
    "bluepyopt.ephys.create_hoc.generate_reinitrng": HOC,
    "bluepyopt.ephys.create_hoc.range_exprs_to_hoc": HOC,
    "bluepyopt.ephys.create_hoc.generate_parameters": HOC,
    "bluepyopt.deapext.stoppingCriteria.isclose": "a helper: Python's `math.isclose`",
    "bluepyopt.deapext.hype.hypesub": "a step of `hype_indicator_exact`",
    "bluepyopt.deapext.utils.reduce_method": "makes Python's methods fit for pickle",
    "bluepyopt.deapext.utils.closest_feasible": "not used by BluePyOpt; `bound` is",
}

# Members of any class of bluepyopt.ephys, by name.
MEMBERS_NONE = {
    "acc_label": ARBOR,
    "acc_scale_iexpr": ARBOR,
    "acc_events": ARBOR,
    "create_acc": ARBOR,
    "write_acc": ARBOR,
    "instantiate_morphology_3d": "3-d points of sections without any only serve Arbor and LFPy",
    "find_icomp": PLACES,
    "set_sec_index": PLACES,
    "destroy": NOTHING_TO_DESTROY,
    "create_empty_template": "NEURON only: the hoc template of an empty cell",
    "create_empty_cell": "NEURON only: the hoc template of an empty cell",
    "instantiate_determinism": "done when the model is compiled (`compile::compile_model`)",
    "load_hoc_template": "NEURON only: done in its process when the cell is prepared",
    "hash_hoc": "NEURON only; `hash_py` gives the same number",
    "hash_hoc_string": HOC,
    "reinitrng_hoc_string": HOC,
    "mech_reinitrng_block_template": HOC,
    "default_replace_axon_hoc": HOC,
    "adjust_stochasticity": "a decorator; `deterministic` goes with the protocol's value",
    "response": "the responses of a run are what `Protocol::run` returns",
    "cvode": NEURON,
    "neuron": NEURON,
    "initialize": STATE,
}

# One name -> (header, class or None, name), or why there is none.
COUNTERPARTS = {
    "bluepyopt.parameters.MetaListEqualParameter": ("optimise/meta_list_equal_parameter.hpp", None, "MetaListEqualParameter"),
    "bluepyopt.tools.uint32_seed": ("numeric/uint32_seed.hpp", None, "uint32_seed"),
    "bluepyopt.ephys.serializer.DictMixin.from_dict": ("ephys/serializer.hpp", None, "from_dict"),
    "bluepyopt.ephys.serializer.DictMixin.SERIALIZED_FIELDS": ("ephys/serializer.hpp", "DictMixin", "fields"),
    "bluepyopt.ephys.simulators.NrnSimulator.run": "a run is `PreparedModel::run` (simulate/simulator.hpp); protocols call it",
    "bluepyopt.ephys.create_hoc.create_hoc": ("hoc/create_hoc.hpp", None, "create_hoc"),
    "bluepyopt.deapext.optimisations.WeightedSumFitness": ("optimise/individual.hpp", None, "WeightedSumFitness"),
    "bluepyopt.deapext.optimisations.WSListIndividual": ("optimise/individual.hpp", None, "WSListIndividual"),
    "bluepyopt.deapext.optimisations.DEAPOptimisation.setup_deap": ("optimise/deap_algorithm.hpp", None, "DEAPAlgorithm"),
    "bluepyopt.deapext.optimisationsCMA.DEAPOptimisationCMA.setup_deap": ("optimise/deap_optimisation_cma.hpp", None, "CMAAlgorithm"),
    "bluepyopt.deapext.optimisationsCMA.DEAPOptimisationCMA.get_stats": ("optimise/logbook.hpp", None, "summarise"),
    "bluepyopt.deapext.algorithms.eaAlphaMuPlusLambdaCheckpoint": ("optimise/algorithm.hpp", None, "run_algorithm"),
    "bluepyopt.deapext.hype.hypeIndicatorExact": ("optimise/hypervolume.hpp", None, "hype_indicator_exact"),
    "bluepyopt.deapext.hype.hypeIndicatorSampled": ("optimise/hypervolume.hpp", None, "hype_indicator_sampled"),
    "bluepyopt.deapext.tools.selIBEA.selIBEA": ("optimise/selection.hpp", None, "select_ibea"),
    "bluepyopt.deapext.utils.WeightedReducedFitness": ("optimise/individual.hpp", None, "FitnessReduce"),
    "bluepyopt.deapext.utils.WeightedReducedFitness.reduce": ("optimise/individual.hpp", None, "FitnessReduce"),
    "bluepyopt.deapext.utils.WeightedReducedFitness.weighted_reduce": ("optimise/individual.hpp", None, "FitnessReduce"),
    "bluepyopt.deapext.utils.update_history_and_hof": ("optimise/hall_of_fame.hpp", "HallOfFame", "update"),
    "bluepyopt.deapext.utils.record_stats": ("optimise/logbook.hpp", None, "summarise"),
    "bluepyopt.deapext.utils.bound": ("optimise/cma_strategy.hpp", None, "repair_to_unit_box"),
    "bluepyopt.deapext.utils.uniform": ("optimise/variation.hpp", None, "draw_uniform"),
    "bluepyopt.deapext.utils.run_next_gen": ("optimise/algorithm.hpp", "RunOptions", "stop"),
    "bluepyopt.deapext.CMA_MO.get_hyped": ("optimise/cma_strategy.hpp", None, "cma_mo_order"),
    "bluepyopt.deapext.CMA_MO.CMA_MO.get_parents": ("optimise/cma_strategy.hpp", "CMA_MO", "parents"),
    "bluepyopt.deapext.CMA_MO.CMA_MO.set_fitness_parents": ("optimise/cma_strategy.hpp", "CMA_MO", "set_parent_objectives"),
}
for strategy in ("CMA_MO", "CMA_SO"):
    prefix = f"bluepyopt.deapext.{strategy}.{strategy}."
    COUNTERPARTS |= {
        prefix + "get_population": ("optimise/deap_optimisation_cma.hpp", "CMAAlgorithm", "state"),
        prefix + "generate_new_pop": ("optimise/cma_strategy.hpp", strategy, "generate"),
        prefix + "update_strategy": ("optimise/cma_strategy.hpp", strategy, "update"),
        prefix + "set_fitness": ("optimise/deap_optimisation_cma.hpp", "CMAAlgorithm", "tell"),
        prefix + "check_termination": ("optimise/deap_optimisation_cma.hpp", "CMAAlgorithm", "finished"),
    }

# What `instantiate` became, by module: objects are made into values.
INSTANTIATE = {
    "bluepyopt.ephys.locations": ("ephys/locations.hpp", "Location", "snapshot"),
    "bluepyopt.ephys.mechanisms": ("ephys/mechanisms.hpp", "Mechanism", "add_to"),
    "bluepyopt.ephys.models": ("ephys/models.hpp", "CellModel", "snapshot"),
    "bluepyopt.ephys.morphologies": ("ephys/morphologies.hpp", "Morphology", "instantiate"),
    "bluepyopt.ephys.parameters": ("ephys/parameters.hpp", "NrnParameter", "add_to"),
    "bluepyopt.ephys.protocols": ("ephys/protocols.hpp", "SingleSweep", "snapshot"),
    "bluepyopt.ephys.recordings": ("ephys/recordings.hpp", "Recording", "snapshot"),
    "bluepyopt.ephys.stimuli": ("ephys/stimuli.hpp", "Stimulus", "snapshot"),
}

# Arguments of constructors that have no field, and why.
ARGUMENTS_NONE = {
    "isolate_protocols": "every run is isolated: it shares no state with others",
    "use_scoop": "SCOOP: batches are evaluated by an executor",
    "map_function": "batches are evaluated by an executor",
}

# Arguments of the optimisations -> (header, struct, field), or why there is none.
DEAP_SETTINGS, CMA_SETTINGS = ("optimise/optimiser_state.hpp", "DEAPSettings"), ("optimise/deap_optimisation_cma.hpp", "CMASettings")
RUN_OPTIONS, RUN_REQUEST = ("optimise/algorithm.hpp", "RunOptions"), ("run/optimisation_run.hpp", "RunRequest")
OPTIMISATION_ARGUMENTS = {
    "DEAPOptimisation": {name: (*DEAP_SETTINGS, name) for name in ("seed", "offspring_size", "eta", "mutpb", "cxpb", "selector_name")},
    "DEAPOptimisationCMA": {
        name: (*CMA_SETTINGS, name)
        for name in ("seed", "offspring_size", "centroids", "sigma", "selector_name", "weight_hv", "fitness_reduce", "use_stagnation_criterion")
    },
    "run": {
        "max_ngen": (*RUN_OPTIONS, "max_ngen"),
        "offspring_size": (*RUN_OPTIONS, "offspring_size"),
        "parent_population": (*RUN_OPTIONS, "parent_population"),
        "terminator": (*RUN_OPTIONS, "stop"),
        "continue_cp": (*RUN_REQUEST, "resume"),
        "cp_filename": (*RUN_REQUEST, "directory"),
        "cp_frequency": (*RUN_REQUEST, "checkpoint_every"),
        "cp_period": (*RUN_REQUEST, "checkpoint_interval_s"),
    },
}
for settings, owner in (("DEAPOptimisation", DEAP_SETTINGS), ("DEAPOptimisationCMA", CMA_SETTINGS)):
    OPTIMISATION_ARGUMENTS[settings] |= {
        "evaluator": ("optimise/deap_optimisation.hpp", "Optimisation", "evaluator"),
        "hof": (*owner, "hof_size"),
        "use_scoop": ARGUMENTS_NONE["use_scoop"],
        "map_function": ARGUMENTS_NONE["map_function"],
    }
