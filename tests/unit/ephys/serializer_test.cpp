#include "cellwright/ephys/serializer.hpp"

#include <algorithm>

#include <gmock/gmock.h>

#include "error_text.hpp"
#include "simple_cell.hpp"

namespace cellwright::ephys {
namespace {

using optimise::Bounds;

std::shared_ptr<DictMixin> read(const std::string& json) { return from_json(text::parse_json(json, "test").root()); }

/// An object of every class, none of whose fields has its default.
/// @param simple  its files must be there while the objects are made again.
std::vector<std::shared_ptr<DictMixin>> one_of_each(const SimpleCell& simple) {
  const auto apical = NrnSeclistLocation::make("apical", {.seclist_name = "apical"}, "all of it");
  const auto synapse = NrnMODPointProcessMechanism::make(
      "syn", {.mod_path = "a.mod", .suffix = "ExpSyn", .locations = {simple.soma}, .preloaded = false}, "a synapse");
  const auto at_synapse = NrnPointProcessLocation::make("at", {.pprocess_mech = synapse}, "there");
  const auto scaler = NrnSegmentSomaDistanceScaler::make(
      "exp", {.distribution = "{a}*{value}", .dist_param_names = {"a"}, .soma_ref_location = 0.25}, "scaler");
  scaler->set_attribute("a", 0.1);
  const auto pulse = simple.step1->stimuli[0];
  const auto feature = eFELFeature::make("f",
                                         {.efel_feature_name = "AP_height",
                                          .recording_names = {{"", "Step1.soma.v"}, {"dend", "Step2.soma.v"}},
                                          .stim_start = 1,
                                          .stim_end = 2,
                                          .exp_mean = 3,
                                          .exp_std = 4,
                                          .threshold = -10,
                                          .stimulus_current = 0.5,
                                          .interp_step = 0.05,
                                          .double_settings = {{"spike_skipf", 0.2}},
                                          .int_settings = {{"strict_stiminterval", 1}},
                                          .string_settings = {{"voltage_base_mode", "median"}},
                                          .force_max_score = true,
                                          .max_score = 99},
                                         "comment");
  const std::vector<std::shared_ptr<EFeature>> features = {feature, feature};
  const auto singleton = SingletonObjective::make("one", {.feature = feature});
  return {
      CellEvaluator::make(simple.evaluator_arguments()),
      simple.cell,
      HocMorphology::make({.morphology_path = simple.morph->morphology_path}, "the shape"),
      HocCellModel::make("hoc", {.morphology_path = simple.morph->morphology_path,
                                 .hoc_string = "begintemplate Cell\nendtemplate Cell\n",
                                 .mechs = {simple.hh},
                                 .params = {simple.gnabar},
                                 .gid = 3}),
      NrnFileMorphology::make({.morphology_path = "a.asc",
                               .do_replace_axon = true,
                               .do_set_nseg = false,
                               .replace_axon_hoc = "proc replace_axon() {}",
                               .axon_stub_length = 50,
                               .axon_nseg_frequency = 10,
                               .nseg_frequency = 30,
                               .morph_modifiers = {"replace_axon"},
                               .morph_modifiers_hoc = {"proc replace_axon() {}"},
                               .morph_modifiers_kwargs = {{"axon_stub_length", 80}}},
                              "a morphology"),
      NrnSimulator::make({.dt = 0.1,
                          .cvode_active = false,
                          .cvode_minstep = 1e-9,
                          .random123_globalindex = 4,
                          .mechanisms_directory = "mods",
                          .engine = "neuron",
                          .numeric = "strict",
                          .atol = 1e-4}),
      simple.soma,
      apical,
      at_synapse,
      synapse,
      scaler,
      pulse,
      feature,
      singleton,
      NrnMODMechanism::make("k", {.mod_path = "k.mod",
                                  .suffix = "StochKv",
                                  .locations = {apical},
                                  .preloaded = false,
                                  .deterministic = false}),
      NrnSectionCompLocation::make("a", {.sec_name = "apic[3]", .comp_x = 0.1}),
      NrnSeclistSecLocation::make("a", {.seclist_name = "basal", .sec_index = 3}),
      NrnSomaDistanceCompLocation::make("a", {.soma_distance = 660, .seclist_name = "apical"}),
      NrnSecSomaDistanceCompLocation::make("a", {.soma_distance = 660, .sec_index = 3, .seclist_name = "apical"}),
      NrnTrunkSomaDistanceCompLocation::make(
          "a",
          {.soma_distance = 660, .sec_index = 3, .seclist_name = "apical", .direction = std::array{1.0, 0.0, 0.5}}),
      NrnSegmentLinearScaler::make("a", {.multiplier = 2, .offset = 0.1}),
      NrnSegmentSectionDistanceScaler::make("a",
                                            {.distribution = "{value}", .ref_section = "dend", .ref_location = 0.75}),
      NrnSegmentSomaDistanceStepScaler::make(
          "a", {.distribution = "{value}", .soma_ref_location = 0, .step_begin = 100, .step_end = 200}),
      NrnGlobalParameter::make("a", {.value = 34, .frozen = true, .param_name = "celsius"}),
      NrnRangeParameter::make("a", {.value = 0.5,
                                    .bounds = Bounds{0, 1},
                                    .param_name = "g",
                                    .value_scaler = scaler,
                                    .locations = {apical},
                                    .param_dependencies = {"b"}}),
      NrnSectionParameter::make("a", {.bounds = Bounds{0, 1}, .param_name = "cm", .locations = {apical}}),
      NrnPointProcessParameter::make("a", {.value = 1, .locations = {at_synapse}, .param_name = "tau"}),
      MetaParameter::make("a", {.obj = scaler, .attr_name = "a", .value = 0.1, .frozen = true}),
      NrnMetaListEqualParameter::make("a", {.bounds = Bounds{0, 1}, .sub_parameters = {simple.gnabar, simple.gkbar}}),
      NrnRampPulse::make({.ramp_amplitude_start = 1,
                          .ramp_amplitude_end = 2,
                          .ramp_delay = 3,
                          .ramp_duration = 4,
                          .total_duration = 5,
                          .location = simple.soma}),
      NrnCurrentPlayStimulus::make({.time_points = {0, 1}, .current_points = {0.1, 1e-300}, .location = simple.soma}),
      NrnNetStimStimulus::make({.locations = {at_synapse},
                                .total_duration = 1,
                                .interval = 2,
                                .number = 3,
                                .start = 4,
                                .noise = 0.5,
                                .weight = 6}),
      CompRecording::make("a", {.location = simple.soma, .variable = "cai"}),
      TimeVoltageResponse::make("a", {.time = {0, 0.1}, .voltage = {-65, 1.0 / 3}}),
      simple.step1,
      StepProtocol::make("a", {.step_stimulus = pulse,
                               .holding_stimulus = pulse,
                               .recordings = simple.step1->recordings,
                               .cvode_active = false,
                               .deterministic = true}),
      SequenceProtocol::make("a", {.protocols = {simple.step1, simple.step2, simple.step1}}),
      SingletonWeightObjective::make("a", {.feature = feature, .weight = 0.1}),
      MaxObjective::make("a", {.features = features}),
      WeightedSumObjective::make("a", {.features = features, .weights = {0.1, 2}}),
      ObjectivesCalculator::make({.objectives = {singleton}}),
  };
}

TEST(Serializer, EveryObjectComesBackFromItsDictionaryAndFromJson) {
  const SimpleCell simple;
  for (const auto& object : one_of_each(simple)) {
    SCOPED_TRACE(object->class_name());
    const std::string json = to_json(*object);

    EXPECT_EQ(to_json(*instantiator(object->to_dict())), json);
    EXPECT_EQ(to_json(*read(json)), json);
    EXPECT_EQ(read(json)->class_name(), object->class_name());
  }
}

TEST(Serializer, EveryClassIsTested) {
  std::vector<std::string> tested;
  for (const auto& object : one_of_each(SimpleCell())) tested.push_back(object->class_name());

  EXPECT_THAT(tested, testing::UnorderedElementsAreArray(serialised_classes()));
}

TEST(Serializer, WritesBluePyOptsForm) {
  const auto location = NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"}, "the soma");

  EXPECT_EQ(to_json(*location),
            "{\n  \"name\": \"somatic\",\n  \"comment\": \"the soma\",\n  \"seclist_name\": \"somatic\",\n"
            "  \"class\": \"<class 'bluepyopt.ephys.locations.NrnSeclistLocation'>\"\n}");
}

TEST(Serializer, ReadsWhatBluePyOptWrote) {
  const auto parameter = std::dynamic_pointer_cast<NrnRangeParameter>(read(
      R"({"name": "gna", "value": 1, "frozen": true, "bounds": [0, 2.5], "param_name": "gnabar_hh", "value_scaler":
      {"name": "s", "comment": "", "multiplier": 2, "offset": 0.0, "class":
       "<class 'bluepyopt.ephys.parameterscalers.parameterscalers.NrnSegmentLinearScaler'>"}, "locations":
      [{"name": "l", "comment": "", "seclist_name": "axonal", "class":
       "<class 'bluepyopt.ephys.locations.NrnSeclistLocation'>"}], "param_dependencies": [], "class":
       "<class 'bluepyopt.ephys.parameters.NrnRangeParameter'>"})"));

  ASSERT_NE(parameter, nullptr);
  EXPECT_EQ(parameter->value(), 1);
  EXPECT_TRUE(parameter->frozen());
  EXPECT_EQ(parameter->upper_bound(), 2.5);
  EXPECT_EQ(dynamic_cast<NrnSegmentLinearScaler&>(*parameter->value_scaler).multiplier, 2);
  EXPECT_EQ(parameter->locations[0]->to_string(), "axonal");
}

TEST(Serializer, SharedObjectsStayShared) {
  SimpleCell simple;
  const auto scaler =
      NrnSegmentSomaDistanceScaler::make("exp", {.distribution = "{a}*{value}", .dist_param_names = {"a"}});
  const auto cell = CellModel::make(
      "cell", {.morph = simple.morph,
               .params = {NrnRangeParameter::make("g", {.param_name = "gnabar_hh", .value_scaler = scaler}),
                          MetaParameter::make("a", {.obj = scaler, .attr_name = "a"})}});

  const auto copy = std::dynamic_pointer_cast<CellModel>(read(to_json(*cell)));
  copy->freeze({{"a", 0.5}});

  const auto copied = std::dynamic_pointer_cast<NrnRangeParameter>(copy->params()[0])->value_scaler;
  EXPECT_EQ(dynamic_cast<DistanceScaler&>(*copied).attribute("a"), 0.5);
  EXPECT_EQ(scaler->attribute("a"), std::nullopt) << "the original has nothing to do with its copy";
}

TEST(Serializer, SaysWhatIsWrong) {
  const std::string location = "\"class\": \"<class 'bluepyopt.ephys.locations.NrnSeclistLocation'>\"}";

  EXPECT_EQ(error_of([] { read(R"({"name": "a"})"); }),
            "error: the dictionary of an object has no \"class\" [serializer-class]");
  EXPECT_EQ(error_of([] { read(R"({"class": "<class 'bluepyopt.ephys.locations.NrnSecListLocation'>"})"); }),
            "error: there is no class 'bluepyopt.ephys.locations.NrnSecListLocation' [serializer-class]\n"
            "  fix: did you mean 'bluepyopt.ephys.locations.NrnSeclistLocation'?");
  EXPECT_EQ(error_of([&] { read("{\"seclistname\": \"all\", " + location); }),
            "error: a bluepyopt.ephys.locations.NrnSeclistLocation has no field 'seclistname' [serializer-field]\n"
            "  fix: did you mean 'seclist_name'?");
  EXPECT_EQ(error_of([&] { read("{\"seclist_name\": 7, " + location); }),
            "error: a bluepyopt.ephys.locations.NrnSeclistLocation cannot have this kind of value as its "
            "'seclist_name' [serializer-field]");
  EXPECT_EQ(
      error_of([] { read(R"({"obj": {"ref": 3}, "class": "<class 'bluepyopt.ephys.parameters.MetaParameter'>"})"); }),
      "error: no object before this one has the \"id\" 3 [serializer-reference]");
  const auto somatic = NrnSeclistLocation::make("somatic", {.seclist_name = "somatic"});
  EXPECT_EQ(error_of([&] { from_dict<NrnSquarePulse>(somatic->to_dict()); }),
            "error: the dictionary is that of a bluepyopt.ephys.locations.NrnSeclistLocation, not of a "
            "bluepyopt.ephys.stimuli.NrnSquarePulse [serializer-class]");
  EXPECT_EQ(from_dict<NrnSeclistLocation>(somatic->to_dict())->seclist_name, "somatic");
}

}  // namespace
}  // namespace cellwright::ephys
