"""A cell file as BluePyOpt's own objects: the definition that cellwright is compared with. What BluePyOpt has no class for -
connections, pointers, random streams, recordings at point processes - is wired by hand in NEURON."""

import fnmatch
import pathlib

PATTERNS = ("protocol", "location", "feature")
ARGUMENTS = ("exp_mean", "exp_std", "threshold", "stim_start", "stim_end", "stimulus_current", "interp_step", "max_score", "force_max_score")


def full_name(item):
    if "name" in item:
        return item["name"]
    if item["type"] == "global" or item["type"].startswith("meta"):
        return item["param_name"]
    return f"{item['param_name']}.{item.get('point_process') or item['sectionlist']}"


def value_or_bounds(item):
    if "value" in item:
        return {"value": item["value"], "frozen": True}
    return {"bounds": item.get("bounds")}


def matches(entry, protocol, place, efel_name):
    return all(fnmatch.fnmatchcase(text, entry.get(key, "*")) for key, text in zip(PATTERNS, (protocol, place, efel_name)))


def window(protocols, name, place):
    """The window of the protocol's first stimulus; of a sequence, of the part that is named in the place."""
    protocol = protocols[name]
    while "sequence" in protocol:
        protocol = protocols[place.split(".")[0]]
    first = protocol["stimuli"][0]
    kind = first.get("type", "square")
    if kind == "current_play":
        return {}
    if kind == "netstim":
        return {"stim_start": first["start"], "stim_end": first["totduration"]}
    delay = first["delay" if kind == "square" else "ramp_delay"]
    return {"stim_start": delay, "stim_end": delay + first["duration" if kind == "square" else "ramp_duration"]}


def settings_by_type(keys):
    """eFEL settings by name, sorted into eFELFeature's three dicts."""
    result = {k: v for k, v in keys.items() if k in ARGUMENTS}
    for name, value in keys.items():
        if name in ARGUMENTS:
            continue
        kind = "string" if isinstance(value, str) else "int" if isinstance(value, int) else "double"
        result.setdefault(f"{kind}_settings", {})[name] = value
    return result


def voltages(responses):
    return {name: None if r is None else list(r["voltage"]) for name, r in responses.items()}


class Reference:
    """BluePyOpt's objects for a cell file (a dict whose sections stand inline). One per process: NEURON's globals are shared."""

    def __init__(self, cell, folder):
        import bluepyopt.ephys as ephys

        self.ephys, self.cell, self.folder = ephys, cell, pathlib.Path(folder)
        self.evaluation = cell.get("evaluation", {})
        self.sim = ephys.simulators.NrnSimulator(
            dt=cell.get("simulator", {}).get("dt", 0.025),
            cvode_active=False,
            random123_globalindex=self.evaluation.get("random123_globalindex"),
        )
        self.processes = {}
        self.mechanism_list = self.mechanisms()
        self.stimuli = {
            name: [self.stimulus(item) for item in protocol["stimuli"]]
            for name, protocol in cell["protocols"].items()
            if "stimuli" in protocol
        }
        self.features = {f.name: f for f in self.make_features()}
        self.scalers = {}
        self.parameter_list = self.parameters()

    def location(self, name):
        if name in self.processes:
            return self.ephys.locations.NrnPointProcessLocation(name, pprocess_mech=self.processes[name])
        if name == "soma":
            return self.ephys.locations.NrnSeclistCompLocation(name, "somatic", 0, 0.5)
        keys = dict(self.cell.get("locations", {})[name])
        kind = keys.pop("type", "SeclistComp")
        short = {"section_list": "seclist_name", "index": "sec_index", "x": "comp_x"}
        return getattr(self.ephys.locations, f"Nrn{kind}Location")(name, **{short.get(k, k): v for k, v in keys.items()})

    def mechanisms(self):
        section, e = self.cell["mechanisms"], self.ephys
        result = []
        for seclist, insertions in section["insert"].items():
            for item in insertions:
                keys = {"suffix": item} if isinstance(item, str) else item
                places = [e.locations.NrnSeclistLocation(seclist, seclist)]
                result.append(e.mechanisms.NrnMODMechanism(f"{keys['suffix']}.{seclist}", locations=places, **keys))
        for item in section.get("point_processes", []):
            places = item["location"] if isinstance(item["location"], list) else [item["location"]]
            mechanism = e.mechanisms.NrnMODPointProcessMechanism(
                item["name"], suffix=item["suffix"], locations=[self.location(place) for place in places]
            )
            self.processes[item["name"]] = mechanism
            result.append(mechanism)
        return result

    def parameters(self):
        subs = {name for item in self.cell["parameters"] for name in item.get("sub_parameters", [])}
        made = {}
        for item in self.cell["parameters"]:
            if not item["type"].startswith("meta"):
                parameter = self.parameter(item)
                if parameter is not None:
                    made[full_name(item)] = parameter
        for item in self.cell["parameters"]:
            if item["type"].startswith("meta"):
                made[full_name(item)] = self.meta_parameter(item, made)
        order = [full_name(item) for item in self.cell["parameters"] if full_name(item) in made]
        return [made[name] for name in order if name not in subs]

    def parameter(self, item):
        p = self.ephys.parameters
        variable = item["param_name"]
        keys = {"name": full_name(item), "param_name": variable, **value_or_bounds(item)}
        if item["type"] == "global":
            return p.NrnGlobalParameter(**keys)
        if item["type"] == "point_process":
            if item["point_process"] not in self.processes:
                return None  # of an artificial cell, see wire()
            return p.NrnPointProcessParameter(locations=[self.location(item["point_process"])], **keys)
        lists = item["sectionlist"] if isinstance(item["sectionlist"], list) else [item["sectionlist"]]
        keys["locations"] = [self.ephys.locations.NrnSeclistLocation(name, name) for name in lists]
        keys["param_dependencies"] = item.get("param_dependencies")
        keys["value_scaler"] = self.scalers[full_name(item)] = self.scaler(item)
        return {"section": p.NrnSectionParameter, "range": p.NrnRangeParameter}[item["type"]](**keys)

    def meta_parameter(self, item, made):
        p, keys = self.ephys.parameters, {"name": full_name(item), **value_or_bounds(item)}
        if item["type"] == "meta_list_equal":
            return p.NrnMetaListEqualParameter(sub_parameters=[made[name] for name in item["sub_parameters"]], **keys)
        return p.MetaParameter(obj=self.meta_object(item["object"]), attr_name=item["attr_name"], **keys)

    def meta_object(self, name):
        if name in self.scalers:
            return self.scalers[name]
        if name in self.features:
            return self.features[name]
        protocol, index = name.rsplit(".", 1)
        return self.stimuli[protocol][int(index)]

    def scaler(self, item):
        s = self.ephys.parameterscalers
        keys = {k: item[k] for k in ("multiplier", "offset", "soma_ref_location", "step_begin", "step_end") if k in item}
        if "dist" not in item:
            return s.NrnSegmentLinearScaler(**keys)
        if "ref_section" in item:
            return s.NrnSegmentSectionDistanceScaler(
                distribution=item["dist"], ref_section=item["ref_section"], ref_location=item["ref_location"]
            )
        if "step_begin" in item:
            return s.NrnSegmentSomaDistanceStepScaler(distribution=item["dist"], **keys)
        return s.NrnSegmentSomaDistanceScaler(distribution=item["dist"], dist_param_names=item.get("dist_param_names"), **keys)

    def stimulus(self, item):
        s, keys = self.ephys.stimuli, dict(item)
        kind = keys.pop("type", "square")
        if kind == "netstim":
            names = keys.pop("point_processes")
            keys["total_duration"] = keys.pop("totduration", None) or keys.pop("total_duration")
            return s.NrnNetStimStimulus(locations=[self.location(name) for name in names], **keys)
        place = self.location(keys.pop("location", "soma"))
        if kind == "current_play":
            return s.NrnCurrentPlayStimulus(location=place, **keys)
        if kind == "ramp":
            return s.NrnRampPulse(location=place, total_duration=keys.pop("totduration"), **keys)
        return s.NrnSquarePulse(
            step_amplitude=keys["amp"],
            step_delay=keys["delay"],
            step_duration=keys["duration"],
            total_duration=keys["totduration"],
            location=place,
        )

    def wiring(self):
        """What BluePyOpt has no class for, as a stimulus that makes it in NEURON."""
        reference = self

        class Wiring(self.ephys.stimuli.Stimulus):
            total_duration = 0.0

            def instantiate(self, sim=None, icell=None):
                self.kept = reference.wire(sim.neuron.h, icell)

            def destroy(self, sim=None):
                self.kept = None

        return Wiring()

    def wire(self, h, icell):
        section, cells, kept = self.cell["mechanisms"], {}, []
        for item in section.get("artificial_cells", []):
            cells[item["name"]] = getattr(h, item["suffix"])()
        for item in self.cell["parameters"]:
            if item["type"] == "point_process" and item["point_process"] in cells:
                setattr(cells[item["point_process"]], item["param_name"], item["value"])

        def instances(name):
            return [cells[name]] if name in cells else self.processes[name].pprocesses

        def reference_to(place, variable):
            if place in self.processes:
                return getattr(instances(place)[0], f"_ref_{variable}")
            compartment = self.location(place).instantiate(sim=self.sim, icell=icell)
            return getattr(compartment, f"_ref_{variable}")

        for item in section.get("connections", []):
            for target in instances(item["target"]):
                if "source" in item:
                    connection = h.NetCon(instances(item["source"])[0], target)
                else:
                    compartment = self.location(item["location"]).instantiate(sim=self.sim, icell=icell)
                    connection = h.NetCon(compartment._ref_v, target, sec=compartment.sec)
                    connection.threshold = item.get("threshold", 10)
                connection.delay = item.get("delay", 1)
                for k, weight in enumerate(item["weight"]):
                    connection.weight[k] = weight
                kept.append(connection)
        for item in section.get("pointers", []):
            for owner in instances(item["point_process"]):
                h.setpointer(reference_to(item["location"], item.get("var", "v")), item["pointer"], owner)
        for item in section.get("random_streams", []):
            stream = getattr(instances(item["point_process"])[0], item["variable"])
            stream.set_ids(*item["ids"])
            stream.set_seq(0)  # else NEURON first uses up the block of the old identifiers
        return kept, cells

    def recording(self, protocol, item):
        r, var = self.ephys.recordings, item.get("var", "v")
        name = f"{protocol}.{item['name']}.{var}"
        if item.get("type") == "somadistance":
            place = self.ephys.locations.NrnSomaDistanceCompLocation(item["name"], item["somadistance"], item["seclist_name"])
            return r.CompRecording(name, place, var)
        if item["location"] in self.processes:
            return self.process_recording(name, item["location"], var)
        artificial = [cell["name"] for cell in self.cell["mechanisms"].get("artificial_cells", [])]
        if item["location"] in artificial:
            return None
        return r.CompRecording(name, self.location(item["location"]), var)

    def process_recording(self, name, process, variable):
        reference = self

        class ProcessRecording(self.ephys.recordings.CompRecording):
            def instantiate(self, sim=None, icell=None):
                self.varvector = sim.neuron.h.Vector()
                self.varvector.record(getattr(reference.processes[process].pprocesses[0], f"_ref_{variable}"))
                self.tvector = sim.neuron.h.Vector()
                self.tvector.record(sim.neuron.h._ref_t)
                self.instantiated = True

        return ProcessRecording(name, None, variable)

    def model(self):
        keys = dict(self.cell["morphology"])
        file = self.folder / keys.pop("file")
        keys["do_replace_axon"] = keys.pop("replace_axon", False)
        morphologies = self.ephys.morphologies
        modifiers = [getattr(morphologies.NrnFileMorphology, name) for name in keys.pop("morph_modifiers", [])]
        morphology = morphologies.NrnFileMorphology(str(file), morph_modifiers=modifiers, **keys)
        return self.ephys.models.CellModel(
            "reference", morph=morphology, mechs=self.mechanism_list, params=self.parameter_list, gid=self.evaluation.get("gid", 0)
        )

    def protocol(self, name):
        e, item = self.ephys.protocols, self.cell["protocols"][name]
        if "sequence" in item:
            return e.SequenceProtocol(name, [self.protocol(part) for part in item["sequence"]])
        items = [{"name": "soma", "location": "soma"}] + item.get("extra_recordings", [])
        recordings = [r for r in (self.recording(name, i) for i in items) if r is not None]
        stimuli = [self.wiring()] + self.stimuli[name]
        return e.SweepProtocol(name, stimuli, recordings, cvode_active=False, deterministic=item.get("deterministic", False))

    def make_features(self):
        """By the rules of the cell file: window of the first stimulus, threshold -20 mV, then feature_settings."""
        for protocol, places in self.cell.get("features", {}).items():
            for place, targets in places.items():
                for efel_name, (mean, std) in targets.items():
                    keys = {"exp_mean": mean, "exp_std": std, "threshold": -20, **window(self.cell["protocols"], protocol, place)}
                    recordings = {"": f"{place if 'sequence' in self.cell['protocols'][protocol] else f'{protocol}.{place}'}.v"}
                    for entry in self.cell.get("feature_settings", []):
                        if matches(entry, protocol, place, efel_name):
                            recordings = {**recordings, **entry.get("recording_names", {})}
                            keys.update({k: v for k, v in entry.items() if k not in (*PATTERNS, "recording_names", "weight")})
                    keys = settings_by_type(keys)
                    yield self.ephys.efeatures.eFELFeature(f"{protocol}.{place}.{efel_name}", efel_name, recordings, **keys)

    def weight(self, name):
        protocol, rest = name.split(".", 1)
        place, efel_name = rest.rsplit(".", 1)
        weight = 1
        for entry in self.cell.get("feature_settings", []):
            if matches(entry, protocol, place, efel_name):
                weight = entry.get("weight", weight)
        return weight

    def objectives(self):
        o, groups = self.ephys.objectives, self.cell.get("objectives", [])
        grouped = {name for group in groups for name in group["features"]}
        result = [o.SingletonWeightObjective(n, f, self.weight(n)) for n, f in self.features.items() if n not in grouped]
        for group in groups:
            features = [self.features[name] for name in group["features"]]
            if group["type"] == "max":
                result.append(o.MaxObjective(group["name"], features))
            else:
                result.append(o.WeightedSumObjective(group["name"], features, group["weights"]))
        return result

    def evaluator(self):
        free = [p.name for p in self.parameter_list if not p.frozen]
        return self.ephys.evaluators.CellEvaluator(
            self.model(),
            free,
            {name: self.protocol(name) for name in self.cell["protocols"]},
            self.ephys.objectivescalculators.ObjectivesCalculator(self.objectives()),
            isolate_protocols=False,
            sim=self.sim,
            use_params_for_seed=self.evaluation.get("use_params_for_seed", False),
        )

    def evaluate(self, params):
        """(objective name -> score, recording name -> values or None)"""
        evaluator, responses = self.evaluator(), {}
        for protocol in evaluator.fitness_protocols.values():
            responses.update(evaluator.run_protocol(protocol, params, isolate=False))
        scores = evaluator.fitness_calculator.calculate_scores(responses)
        return {k: float(v) for k, v in scores.items()}, voltages(responses)

    def simulate(self, protocol, params):
        """recording name -> values or None"""
        return voltages(self.protocol(protocol).run(self.model(), params, sim=self.sim, isolate=False))
