#include "cellwright/compile/compiled_model.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"

namespace cellwright::compile {
namespace {

using model::CellModel;
using model::ParameterKind;
using model::SweepProtocol;

const char* const branched_swc =
    "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
    "4 3 20 0 0 1 3\n5 3 120 0 0 1 4\n6 3 120 0 0 0.8 5\n7 3 200 80 0 0.8 6\n8 3 120 0 0 0.8 5\n9 3 200 -80 0 0.8 8\n";

model::NrnSeclistLocation list(const char* name, int line = 0) { return {name, name, {"cell.json", line, 1, 1}}; }

model::NrnSeclistCompLocation at(const char* seclist, int index, double x) { return {"place", seclist, index, x, {}}; }

class CompileModelTest : public testing::Test {
 protected:
  void SetUp() override {
    cell_.name = "cell";
    cell_.mechanisms = {{"pas", list("all"), {}}, {"hh", list("somatic"), {}}};
  }
  void parameter(const char* name, ParameterKind kind, const char* seclist, std::optional<double> value, int line = 0) {
    const std::optional<std::array<double, 2>> bounds = value ? std::nullopt : std::optional(std::array{0.0, 1.0});
    cell_.parameters.push_back({std::string(name) + "." + seclist,
                                name,
                                kind,
                                {list(seclist, line)},
                                value,
                                bounds,
                                {},
                                {"cell.json", line, 1, 1}});
  }
  CompiledModel compile() const {
    const auto morphology = morphology::set_nseg(morphology::read_swc(branched_swc, "cell.swc"));
    const nmodl::MechanismLibrary library({{}, nmodl::NumericMode::fast, {}}, {"pas", "hh", "ExpSyn", "NetStim"});
    return compile_model(cell_, morphology, library, protocols_);
  }
  std::string errors() const {
    try {
      compile();
    } catch (const ModelError& error) {
      return error.what();
    }
    return "no error";
  }
  /// The node at which `location` records v.
  std::size_t node_of(const model::RecordingLocation& location) {
    SweepProtocol protocol;
    protocol.recordings.push_back({"r", location, "v", {}});
    protocols_ = {protocol};
    return compile().protocols[0].recordings[0].source.row;
  }
  CellModel cell_;
  std::vector<SweepProtocol> protocols_;
};

TEST_F(CompileModelTest, LeavesOutEndNodesWithoutEffect) {
  const CompiledModel model = compile();

  // Root end, soma, soma's 1 end (the dendrite hangs there), 5 + 5 + 5 dendritic segments, the branch point.
  EXPECT_EQ(model.cable.size(), 1U + 1U + 1U + 15U + 1U);
  EXPECT_EQ(model.cable.parent[0], -1);
  for (std::size_t j = 1; j < model.cable.size(); ++j) EXPECT_LT(model.cable.parent[j], static_cast<std::int32_t>(j));
}

TEST_F(CompileModelTest, KeepsAnEndNodeThatIsRecorded) {
  SweepProtocol protocol;
  protocol.name = "p";
  protocol.recordings.push_back({"tip", at("basal", 1, 1.0), "v", {}});
  protocols_ = {protocol};

  const CompiledModel model = compile();

  EXPECT_EQ(model.cable.size(), 20U);
  const std::size_t node = model.protocols[0].recordings[0].source.row;
  EXPECT_FALSE(model.cable.has_membrane[node]);
  EXPECT_EQ(model.cable.area_um2[node], 100);
}

TEST_F(CompileModelTest, EqualInstancesShareAParameterRowAndLaterParametersWin) {
  parameter("g_pas", ParameterKind::section, "all", 1e-5);
  parameter("g_pas", ParameterKind::section, "basal", std::nullopt);
  parameter("g_pas", ParameterKind::section, "somatic", 2e-5);

  const CompiledModel model = compile();

  const MechanismBlock& pas = model.blocks[0];
  EXPECT_STREQ(pas.mechanism.descriptor->name, "pas");
  EXPECT_EQ(pas.node.size(), 16U);
  EXPECT_EQ(pas.n_rows, 2U);
  EXPECT_EQ(pas.param_row.front(), 0);
  EXPECT_EQ(pas.param_row.back(), 1);
  const auto g =
      std::find_if(pas.param.begin(), pas.param.end(), [](const ValueSource& s) { return s.parameter == 0; });
  ASSERT_NE(g, pas.param.end());
  EXPECT_EQ((g - 1)->constant, 2e-5) << "row 0, the soma";
}

TEST_F(CompileModelTest, SubParametersAreWrittenInPlaceOfTheirOwner) {
  parameter("g_pas", ParameterKind::section, "all", 1e-5);
  model::CellParameter equal{.name = "both", .kind = ParameterKind::meta_list_equal, .bounds = {{0, 1}}};
  for (const char* seclist : {"somatic", "basal"})
    equal.sub_parameters.push_back(
        {.name = seclist, .param_name = "cm", .kind = ParameterKind::section, .locations = {list(seclist)}});
  cell_.parameters.push_back(equal);
  parameter("cm", ParameterKind::section, "somatic", 3.0);

  const CompiledModel model = compile();

  EXPECT_EQ(model.n_parameters, 1U);
  EXPECT_EQ(model.cm_uf_per_cm2[1], ValueSource{.constant = 3}) << "a later parameter wins";
  EXPECT_EQ(model.cm_uf_per_cm2[5], ValueSource{.parameter = 0});
}

TEST_F(CompileModelTest, MetaParametersSetTheNumbersOfAScaler) {
  parameter("g_pas", ParameterKind::range, "basal", 2.0, 3);
  cell_.parameters[0].value_scaler =
      model::NrnSegmentSomaDistanceScaler{.distribution = {"{value} + {a}", {"distance", "value", "a"}}};
  cell_.parameters[0].dist_param_names = {"a"};
  EXPECT_THAT(errors(), testing::HasSubstr("nothing sets 'a' of its distribution"));
  const model::ScalerTarget target{"g_pas.basal"};
  cell_.parameters.push_back(
      {.name = "a", .kind = ParameterKind::meta, .value = 5, .object = target, .attr_name = "a"});

  const CompiledModel model = compile();

  EXPECT_THAT(model.blocks[0].param, testing::Contains(ValueSource{.constant = 7}));
  cell_.parameters.back().attr_name = "b";
  EXPECT_THAT(errors(), testing::HasSubstr("the scaler of 'g_pas.basal' has no attribute 'b'"));
}

TEST_F(CompileModelTest, MetaParametersSetTheLinearScaler) {
  parameter("g_pas", ParameterKind::range, "all", 2.0);
  const model::ScalerTarget target{"g_pas.all"};
  cell_.parameters.push_back(
      {.name = "m", .kind = ParameterKind::meta, .value = 3, .object = target, .attr_name = "multiplier"});

  EXPECT_THAT(compile().blocks[0].param, testing::Contains(ValueSource{.constant = 6}));
}

TEST_F(CompileModelTest, OnlyStochasticMechanismsCanDraw) {
  cell_.mechanisms[1].deterministic = false;

  EXPECT_THAT(errors(), testing::HasSubstr("'hh' cannot have \"deterministic\": false: it is not stochastic"));
}

TEST_F(CompileModelTest, CorrectedNetStimsHaveNoHiddenDelay) {
  cell_.point_processes = {{"syn", "ExpSyn", {at("basal", 0, 0.5)}, {}}};
  SweepProtocol protocol;
  protocol.stimuli.push_back(model::NrnNetStimStimulus{.locations = {{"syn", "syn", {}}}, .total_duration_ms = 10});
  protocols_ = {protocol};
  EXPECT_EQ(compile().protocols[0].connections[0].delay_ms, 1);
  cell_.corrected = true;

  EXPECT_EQ(compile().protocols[0].connections[0].delay_ms, 0);
}

TEST_F(CompileModelTest, CorrectedTakesTheThickestSectionAtADistance) {
  const model::NrnSomaDistanceCompLocation place{"d", 150, "basal", {}};
  const std::size_t last = node_of(place);
  cell_.corrected = true;

  EXPECT_NE(node_of(place), last) << "both branches are equally thick: then the first";
}

TEST_F(CompileModelTest, PotentialOfAnIonWithoutConcentrationsIsTheAssignedOne) {
  parameter("ena", ParameterKind::section, "somatic", 55);

  const CompiledModel model = compile();

  const auto na = std::find_if(model.ions.begin(), model.ions.end(), [](const IonPool& p) { return p.name == "na"; });
  ASSERT_NE(na, model.ions.end());
  EXPECT_EQ(na->node.size(), 1U);
  EXPECT_EQ(na->e_mv[0].constant, 55);
  EXPECT_FALSE(na->nernst_at_init[0]);
}

TEST_F(CompileModelTest, ScaledParameterGetsEachSegmentsDistance) {
  parameter("g_pas", ParameterKind::range, "basal", 1e-5);
  cell_.parameters.back().value_scaler = model::NrnSegmentSomaDistanceScaler{
      text::PythonExpression("{value}*(1 + {distance}/100)", model::NrnSegmentSomaDistanceScaler::placeholders())};
  parameter("e_pas", ParameterKind::range, "basal", std::nullopt);
  cell_.parameters.back().value_scaler = model::NrnSegmentSomaDistanceScaler{
      text::PythonExpression("{value} - {distance}", model::NrnSegmentSomaDistanceScaler::placeholders())};

  const CompiledModel model = compile();

  const MechanismBlock& pas = model.blocks[0];
  ASSERT_EQ(pas.n_rows, 11U) << "the soma, 5 segments of the trunk, 5 of the branches, which lie alike";
  // dend[0] starts at soma(1), 10 um from the middle; its first of 5 segments has its centre at 10 of 100 um.
  EXPECT_DOUBLE_EQ(pas.param[1].constant, 1e-5 * 1.2);
  EXPECT_EQ(pas.param[11 + 1].parameter, 0);
  EXPECT_EQ(pas.param[11 + 1].distance_um, 20);
  EXPECT_EQ(pas.param[11 + 5].distance_um, 100);
}

TEST_F(CompileModelTest, ScalerWithoutValueOrOnASectionIsAnError) {
  parameter("g_pas", ParameterKind::range, "basal", 1e-5, 3);
  cell_.parameters.back().value_scaler = model::NrnSegmentSomaDistanceScaler{text::PythonExpression(
      "{value}/({distance} - 20)", model::NrnSegmentSomaDistanceScaler::placeholders(), {"cell.json", 3, 9, 1})};
  parameter("cm", ParameterKind::section, "basal", 1.0, 4);
  cell_.parameters.back().value_scaler = cell_.parameters.front().value_scaler;

  EXPECT_EQ(
      errors(),
      "cell.json:3:9: error: '{value}/({distance} - 20)' has no value for distance = 20, value = 1e-05: division by "
      "zero [expression-value]\n"
      "cell.json:4:1: error: parameter 'cm.basal': only range parameters can depend on the distance [model-scaler]\n"
      "  fix: set \"type\": \"range\"");
}

TEST_F(CompileModelTest, LinearScalerActsOnSectionsToo) {
  parameter("g_pas", ParameterKind::section, "all", 1e-5);
  cell_.parameters.back().value_scaler = model::NrnSegmentLinearScaler{3, 1e-6};
  parameter("Ra", ParameterKind::section, "all", 100);
  cell_.parameters.back().value_scaler = model::NrnSegmentLinearScaler{2, 10};

  const CompiledModel model = compile();

  EXPECT_EQ(model.blocks[0].param[0].constant, 3 * 1e-5 + 1e-6);
  EXPECT_EQ(model.ra_ohm_cm[0].constant, 210);
}

TEST_F(CompileModelTest, ScalersTakeStepsOriginsAndOtherParameters) {
  using Step = model::NrnSegmentSomaDistanceStepScaler;
  using Soma = model::NrnSegmentSomaDistanceScaler;
  parameter("cm", ParameterKind::section, "all", 2.0);
  parameter("g_pas", ParameterKind::range, "all", 1e-5);
  parameter("g_pas", ParameterKind::range, "basal", 1e-5);
  cell_.parameters.back().value_scaler =
      Step{text::PythonExpression("{value}*(10 if {step_begin} <= {distance} < {step_end} else {cm.all})",
                                  Step::placeholders({"cm.all"})),
           0.5, 50, 70};
  cell_.parameters.back().param_dependencies = {"cm.all"};
  parameter("e_pas", ParameterKind::range, "basal", std::nullopt);
  cell_.parameters.back().value_scaler = model::NrnSegmentSectionDistanceScaler{
      text::PythonExpression("{value} - {distance}", Soma::placeholders()), "dend[0]", 1.0};

  const CompiledModel model = compile();

  const MechanismBlock& pas = model.blocks[0];
  const auto g = [&](std::size_t instance) { return pas.param[static_cast<std::size_t>(pas.param_row[instance])]; };
  EXPECT_EQ(g(1).constant, 2e-5) << "at 20 um";
  EXPECT_EQ(g(3).constant, 1e-4) << "at 60 um";
  const std::size_t row = static_cast<std::size_t>(pas.param_row[1]);
  EXPECT_EQ(pas.param[pas.n_rows + row].distance_um, 90) << "from dend[0](1)";
}

TEST_F(CompileModelTest, ScalerOfAnUnknownParameterOrSectionIsAnError) {
  using Soma = model::NrnSegmentSomaDistanceScaler;
  parameter("cm", ParameterKind::section, "all", 2.0);
  parameter("g_pas", ParameterKind::range, "all", 1e-5, 3);
  cell_.parameters.back().value_scaler = Soma{text::PythonExpression("{value}", Soma::placeholders())};
  cell_.parameters.back().param_dependencies = {"cm.al"};
  parameter("e_pas", ParameterKind::range, "all", 1e-5, 4);
  cell_.parameters.back().value_scaler =
      model::NrnSegmentSectionDistanceScaler{text::PythonExpression("{value}", Soma::placeholders()), "apic[0]", 0.0};

  EXPECT_EQ(errors(),
            "cell.json:3:1: error: parameter 'g_pas.all' depends on 'cm.al', which is no parameter [model-scaler]\n"
            "  fix: did you mean 'cm.all'?\n"
            "cell.json:4:1: error: parameter 'e_pas.all': the cell has no apic[0] to measure distances from "
            "[model-scaler]");
}

TEST_F(CompileModelTest, EmptySectionListIsAWarning) {
  parameter("cm", ParameterKind::section, "apical", 2.0, 7);

  const CompiledModel model = compile();

  ASSERT_EQ(model.warnings.size(), 1U);
  EXPECT_EQ(model.warnings[0].format(),
            "cell.json:7:1: warning: parameter 'cm.apical' sets nothing: the cell has no section in 'apical' "
            "[model-empty-section-list]");
}

TEST_F(CompileModelTest, ReportsAllProblemsTogether) {
  parameter("gnabar_h", ParameterKind::range, "somatic", 0.1, 3);
  parameter("gnabar_hh", ParameterKind::range, "all", 0.1, 4);
  parameter("cm", ParameterKind::section, "somatc", 1.0, 5);
  parameter("Ra", ParameterKind::range, "all", 100, 6);
  cell_.parameters.push_back({"celcius", "celcius", ParameterKind::global, {}, 34.0, {}, {}, {"cell.json", 8, 1, 1}});
  SweepProtocol protocol;
  protocol.stimuli.push_back(model::NrnSquarePulse{
      1, 0, 1, 1, model::NrnSeclistCompLocation{"far", "basal", 3, 0.5, {"cell.json", 9, 1, 1}}, {}});
  protocols_ = {protocol};

  EXPECT_EQ(
      errors(),
      "cell.json:9:1: error: location 'far': section list 'basal' has 3 sections, index 3 does not exist "
      "[model-location]\n"
      "  fix: indices count from 0\n"
      "cell.json:3:1: error: parameter 'gnabar_h.somatic': section soma[0] has no variable 'gnabar_h' "
      "[model-variable]\n"
      "  fix: did you mean 'gnabar_hh'?\n"
      "cell.json:4:1: error: parameter 'gnabar_hh.all': section dend[0] has no variable 'gnabar_hh' [model-variable]\n"
      "  fix: insert its mechanism into dend[0] as well, or choose another section list\n"
      "cell.json:5:1: error: there is no section list 'somatc' [model-section-list]\n"
      "  fix: did you mean 'somatic'?\n"
      "cell.json:6:1: error: parameter 'Ra.all': Ra belongs to sections, not to segments [model-variable]\n"
      "  fix: set \"type\": \"section\"\n"
      "cell.json:8:1: error: parameter 'celcius': there is no global variable 'celcius' [model-variable]\n"
      "  fix: did you mean 'celsius'?");
}

TEST_F(CompileModelTest, UnknownRecordedVariableNamesThePlace) {
  SweepProtocol protocol;
  protocol.recordings.push_back({"p.soma.m_na", at("somatic", 0, 0.5), "m_na", {"cell.json", 2, 5, 1}});
  protocols_ = {protocol};

  EXPECT_EQ(errors(),
            "cell.json:2:5: error: recording 'p.soma.m_na': soma[0](0.5) has no variable 'm_na' [model-variable]\n"
            "  fix: range variables are v, those of the mechanisms inserted there (name_SUFFIX) and of their ions "
            "(ina, ena, ...)");
}

// soma[0] ends 10 um from its middle; dend[0] reaches from 10 to 110 um, dend[1] and dend[2] from there to 223.1 um.
TEST_F(CompileModelTest, SectionNameIsAPlace) {
  EXPECT_EQ(node_of(model::NrnSectionCompLocation{"d", "dend[0]", 0.5, {}}), node_of(at("basal", 0, 0.5)));
}

TEST_F(CompileModelTest, DistanceTakesTheLastSectionThatReachesOverIt) {
  EXPECT_EQ(node_of(model::NrnSomaDistanceCompLocation{"d", 60, "basal", {}}), node_of(at("basal", 0, 0.5)));
  EXPECT_EQ(node_of(model::NrnSomaDistanceCompLocation{"d", 150, "basal", {}}), node_of(at("basal", 2, 0.36)));
  EXPECT_EQ(node_of(model::NrnSomaDistanceCompLocation{"d", 110, "dend", {}}), node_of(at("basal", 2, 0.0)));
}

TEST_F(CompileModelTest, DistanceOnAPathTakesOnlyItsSectionsAndTheNearestOfEqualOnes) {
  EXPECT_EQ(node_of(model::NrnSecSomaDistanceCompLocation{"d", 150, 1, "basal", {}}), node_of(at("basal", 1, 0.36)));
  EXPECT_EQ(node_of(model::NrnSecSomaDistanceCompLocation{"d", 110, 1, "basal", {}}), node_of(at("basal", 0, 1.0)));
}

TEST_F(CompileModelTest, TrunkEndsAtTheSectionThatLiesFarthestInADirection) {
  // dend[1] ends at (200, 80, 0), dend[2] at (200, -80, 0).
  model::NrnTrunkSomaDistanceCompLocation trunk{"d", 150, {}, "basal", std::array{0.0, 1.0, 0.0}, {}};
  EXPECT_EQ(node_of(trunk), node_of(at("basal", 1, 0.36)));
  trunk.direction = std::array{0.0, -1.0, 0.0};
  EXPECT_EQ(node_of(trunk), node_of(at("basal", 2, 0.36)));
  trunk.direction = model::RadialDirection{};
  EXPECT_EQ(node_of(trunk), node_of(at("basal", 1, 0.36))) << "both are as far: the first";
  trunk.sec_index = 2;
  EXPECT_EQ(node_of(trunk), node_of(at("basal", 2, 0.36)));
}

TEST_F(CompileModelTest, RecordingAtADistanceThatIsNotReachedIsMissing) {
  SweepProtocol protocol;
  protocol.recordings.push_back({"p.far.v", model::NrnSomaDistanceCompLocation{"far", 660, "basal", {}}, "v", {}});
  protocol.recordings.push_back(
      {"p.top.v", model::NrnTrunkSomaDistanceCompLocation{"top", 5, {}, "apical", {}, {}}, "v", {}});
  protocols_ = {protocol};

  const CompiledModel model = compile();

  EXPECT_EQ(model.protocols[0].recordings[0].missing, "location 'far': no compartment at 660 um from the soma");
  EXPECT_EQ(model.protocols[0].recordings[1].missing, "location 'top': the cell has no section in 'apical'");
  ASSERT_EQ(model.warnings.size(), 2U);
  EXPECT_EQ(model.warnings[0].message,
            "recording 'p.far.v' has no response: location 'far': no compartment at 660 um from the soma");
}

TEST_F(CompileModelTest, StimulusAtAPlaceThatTheCellDoesNotHaveIsAnError) {
  SweepProtocol protocol;
  protocol.stimuli.push_back(model::NrnSquarePulse{
      1, 0, 1, 1, model::NrnSomaDistanceCompLocation{"far", 660, "basal", {"cell.json", 3, 1, 1}}, {}});
  protocol.stimuli.push_back(model::NrnSquarePulse{
      1, 0, 1, 1, model::NrnSectionCompLocation{"n", "dend[9]", 0.5, {"cell.json", 4, 1, 1}}, {}});
  protocols_ = {protocol};

  EXPECT_EQ(errors(),
            "cell.json:3:1: error: location 'far': no compartment at 660 um from the soma [model-location]\n"
            "  fix: only a recording may stand at a place that the cell does not reach\n"
            "cell.json:4:1: error: location 'n': the cell has no section 'dend[9]' [model-location]\n"
            "  fix: did you mean 'dend[0]'?");
}

TEST_F(CompileModelTest, OneSectionOfAListCanBeSet) {
  parameter("g_pas", ParameterKind::section, "all", 1e-5);
  parameter("g_pas", ParameterKind::section, "basal", 2e-5);
  cell_.parameters.back().locations = {model::NrnSeclistSecLocation{"second", "basal", 1, {}}};

  const CompiledModel model = compile();

  const MechanismBlock& pas = model.blocks[0];
  EXPECT_EQ(pas.n_rows, 2U);
  EXPECT_EQ(std::count(pas.param_row.begin(), pas.param_row.end(), 1), 5);
}

TEST_F(CompileModelTest, RampAndPlayedCurrentBecomeWaveforms) {
  SweepProtocol protocol;
  protocol.stimuli.push_back(model::NrnRampPulse{0.1, 0.5, 10, 20, 50, at("somatic", 0, 0.5), {}});
  protocol.stimuli.push_back(model::NrnCurrentPlayStimulus{{5, 10, 80}, {1, 2, 3}, at("somatic", 0, 0.5), {}});
  protocols_ = {protocol};

  const CompiledModel model = compile();

  const CompiledProtocol& compiled = model.protocols[0];
  EXPECT_EQ(compiled.duration_ms, 80);
  ASSERT_EQ(compiled.waveforms.size(), 2U);
  EXPECT_THAT(compiled.waveforms[0].time_ms, testing::ElementsAre(0, 10, 10, 30, 30, 50));
  EXPECT_THAT(compiled.waveforms[0].current_na, testing::ElementsAre(0, 0, 0.1, 0.5, 0, 0));
  EXPECT_EQ(compiled.waveforms[1].duration_ms, 80);
}

TEST_F(CompileModelTest, PlayedCurrentNeedsPointsInOrder) {
  SweepProtocol protocol;
  protocol.name = "p";
  protocol.stimuli.push_back(
      model::NrnCurrentPlayStimulus{{5, 4}, {1, 2}, at("somatic", 0, 0.5), {"cell.json", 2, 1, 1}});
  protocols_ = {protocol};

  EXPECT_EQ(errors(),
            "cell.json:2:1: error: protocol 'p': a played current is wrong: its times decrease [model-stimulus]\n"
            "  fix: give as many currents as times, in order of time");
}

}  // namespace
}  // namespace cellwright::compile
