#include "cellwright/run/problem.hpp"

#include <map>

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;

constexpr const char* soma_swc = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n";

constexpr const char* good_cell = R"({
  "name": "toy",
  "morphology": {"file": "soma.swc"},
  "mechanisms": {"insert": {"somatic": ["hh"]}},
  "parameters": [
    {"param_name": "celsius", "type": "global", "value": 6.3},
    {"param_name": "cm", "type": "section", "sectionlist": "all", "value": 1},
    {"param_name": "gnabar_hh", "type": "range", "sectionlist": "somatic", "bounds": [0.05, 0.5]}
  ],
  "protocols": {
    "Step1": {"stimuli": [{"delay": 10, "amp": 0.5, "duration": 50, "totduration": 100},
                          {"delay": 0, "amp": -0.1, "duration": 120, "totduration": 120}]}
  },
  "features": {"Step1": {"soma": {"Spikecount": [5, 1], "AP_height": [20, 2]}}}
})";

class ProblemTest : public testing::Test {
 protected:
  void SetUp() override { folder.write("soma.swc", soma_swc); }

  Problem load(const std::string& cell) { return load_problem(folder.write("cell.json", cell)); }

  /// The whole text of the error that a cell file gives, with the folder masked.
  std::string error_of(const std::string& cell) {
    try {
      load(cell);
    } catch (const ConfigError& error) {
      return folder.masked(error.what());
    }
    return "no error";
  }

  /// good_cell with one piece of text replaced.
  static std::string with(const std::string& piece, const std::string& replacement) {
    std::string text = good_cell;
    const std::size_t at = text.find(piece);
    EXPECT_NE(at, std::string::npos) << piece;
    return text.replace(at, piece.size(), replacement);
  }

  std::vector<std::string> warnings_of(const std::string& cell) {
    std::vector<std::string> texts;
    for (const Diagnostic& warning : load(cell).warnings) texts.push_back(folder.masked(warning.format()));
    return texts;
  }

  TemporaryFolder folder;
};

TEST_F(ProblemTest, ReadsAWholeCell) {
  const Problem problem = load(good_cell);

  EXPECT_EQ(problem.name, "toy");
  EXPECT_EQ(problem.cell.morphology.morphology_path, folder.path() / "soma.swc");
  EXPECT_EQ(problem.cell.morphology.nseg_frequency_um, 40.0);
  ASSERT_THAT(problem.cell.mechanisms, SizeIs(1));
  EXPECT_EQ(problem.cell.mechanisms[0].suffix, "hh");
  EXPECT_EQ(problem.cell.mechanisms[0].location.seclist_name, "somatic");
  ASSERT_THAT(problem.cell.parameters, SizeIs(3));
  EXPECT_EQ(problem.cell.parameters[0].name, "celsius");
  EXPECT_EQ(problem.cell.parameters[2].name, "gnabar_hh.somatic");
  ASSERT_THAT(problem.cell.free_parameters(), SizeIs(1));
  EXPECT_THAT(*problem.cell.free_parameters()[0]->bounds, ElementsAre(0.05, 0.5));
  EXPECT_THAT(problem.warnings, IsEmpty());
}

TEST_F(ProblemTest, ReadsProtocolsAndTheirRecordings) {
  const Problem problem = load(with("120}]}", R"(120}], "timeout": 2.5,
        "extra_recordings": [{"name": "here", "location": "soma", "var": "ina", "arbor_branch_index": 3}]})"));

  ASSERT_THAT(problem.protocols, SizeIs(1));
  const model::SweepProtocol& protocol = problem.protocols[0];
  EXPECT_EQ(protocol.total_duration_ms(), 120);
  EXPECT_EQ(protocol.timeout_s, 2.5);
  ASSERT_THAT(protocol.recordings, SizeIs(2));
  EXPECT_EQ(protocol.recordings[0].name, "Step1.soma.v");
  EXPECT_EQ(protocol.recordings[1].name, "Step1.here.ina");
  EXPECT_EQ(protocol.recordings[1].variable, "ina");
}

TEST_F(ProblemTest, FeaturesTakeTheWindowOfTheFirstStimulusAndEfelsDefaults) {
  const Problem problem = load(good_cell);

  ASSERT_THAT(problem.features, SizeIs(2));
  const evaluate::eFELFeature& feature = problem.features[0];
  EXPECT_EQ(feature.name, "Step1.soma.Spikecount");
  EXPECT_EQ(feature.recording_name, "Step1.soma.v");
  EXPECT_EQ(feature.window.stim_start_ms, 10);
  EXPECT_EQ(feature.window.stim_end_ms, 60);
  EXPECT_EQ(feature.settings, features::Settings());
  EXPECT_EQ(feature.exp_mean, 5);
  EXPECT_EQ(feature.exp_std, 1);
  EXPECT_EQ(feature.max_score, 250);
  EXPECT_FALSE(feature.force_max_score);
  EXPECT_EQ(feature.weight, 1);
}

TEST_F(ProblemTest, FeatureSettingsMergeKeyByKeyInOrder) {
  const Problem problem = load(with("\"name\": \"toy\",", R"("name": "toy",
    "feature_settings": [
      {"stim_end": 80, "threshold": -30, "weight": 2},
      {"feature": "AP_*", "stim_end": 90, "DerivativeThreshold": 12, "strict_stiminterval": true, "comment": "x"}
    ],)"));

  ASSERT_THAT(problem.features, SizeIs(2));
  EXPECT_EQ(problem.features[0].window.stim_end_ms, 80);
  EXPECT_EQ(problem.features[0].settings.Threshold, -30);
  EXPECT_EQ(problem.features[1].window.stim_end_ms, 90);
  EXPECT_EQ(problem.features[1].settings.Threshold, -30);
  EXPECT_EQ(problem.features[1].settings.DerivativeThreshold, 12);
  EXPECT_TRUE(problem.features[1].settings.strict_stiminterval);
  EXPECT_EQ(problem.features[1].weight, 2);
}

TEST_F(ProblemTest, SectionsMayBeFilesWithPathsRelativeToThemselves) {
  folder.write("config/shape/morphology.json", R"({"file": "../../soma.swc"})");
  folder.write("config/insert.json", R"({"somatic": ["hh"]})");

  const Problem problem = load(with(R"({"file": "soma.swc"},
  "mechanisms": {"insert": {"somatic": ["hh"]}})",
                                    R"("config/shape/morphology.json",
  "mechanisms": {"insert": "config/insert.json"})"));

  EXPECT_EQ(problem.cell.morphology.morphology_path, folder.path() / "soma.swc");
  EXPECT_THAT(problem.cell.mechanisms, SizeIs(1));
}

TEST_F(ProblemTest, HashDependsOnContentsButNotOnPaths) {
  const std::string first = load(good_cell).hash;
  TemporaryFolder elsewhere;
  elsewhere.write("soma.swc", soma_swc);
  EXPECT_EQ(load_problem(elsewhere.write("other_name.json", good_cell)).hash, first);

  elsewhere.write("soma.swc", std::string(soma_swc) + "# a comment\n");
  EXPECT_NE(load_problem(elsewhere.path() / "other_name.json").hash, first);
  EXPECT_NE(load(with("0.5]", "0.6]")).hash, first);
}

TEST_F(ProblemTest, HashCoversTheModFilesThatAreUsed) {
  const std::string cell =
      with(R"({"insert": {"somatic": ["hh"]}})", R"({"directories": ["mods"], "insert": {"somatic": ["leak"]}})");
  const std::string leak =
      ": SUFFIX other\nNEURON { SUFFIX leak NONSPECIFIC_CURRENT i }\nASSIGNED { v (mV) i (mA/cm2) }\nBREAKPOINT { i = "
      "v }\n";
  folder.write("mods/leak.mod", leak);
  folder.write("mods/other.mod", "NEURON { SUFFIX unused }\n");
  const std::string first = load(cell).hash;

  folder.write("mods/other.mod", "NEURON { SUFFIX unused2 }\n");
  EXPECT_EQ(load(cell).hash, first);
  folder.write("mods/leak.mod", leak + ": changed\n");
  EXPECT_NE(load(cell).hash, first);
}

TEST_F(ProblemTest, UnknownKeyNamesTheNearestOne) {
  EXPECT_EQ(error_of(with("\"bounds\"", "\"bonds\"")),
            R"(DIR/cell.json:8:76: error: /parameters/2/bonds: unknown key 'bonds' [config-unknown-key]
  8 |     {"param_name": "gnabar_hh", "type": "range", "sectionlist": "somatic", "bonds": [0.05, 0.5]}
    |                                                                            ^~~~~~~
  fix: did you mean 'bounds'?
DIR/cell.json:8:5: error: /parameters/2: neither 'value' nor 'bounds' is given [config-value-or-bounds]
  8 |     {"param_name": "gnabar_hh", "type": "range", "sectionlist": "somatic", "bonds": [0.05, 0.5]}
    |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  fix: give 'value' (frozen) or 'bounds' (free))");
}

TEST_F(ProblemTest, ReversedBounds) {
  EXPECT_EQ(error_of(with("[0.05, 0.5]", "[0.5, 0.05]")),
            R"(DIR/cell.json:8:86: error: /parameters/2/bounds: lower 0.5 > upper 0.05 [config-bounds]
  8 |     {"param_name": "gnabar_hh", "type": "range", "sectionlist": "somatic", "bounds": [0.5, 0.05]}
    |                                                                                      ^~~~~~~~~~~
  fix: swap them)");
}

TEST_F(ProblemTest, EqualBoundsAreRefused) {
  EXPECT_THAT(error_of(with("[0.05, 0.5]", "[0.5, 0.5]")),
              HasSubstr("/parameters/2/bounds: both bounds are 0.5 [config-bounds]"));
}

TEST_F(ProblemTest, ValueWinsOverBounds) {
  const Problem problem = load(with("[0.05, 0.5]", "[0.05, 0.5], \"value\": 0.1"));
  EXPECT_TRUE(problem.cell.parameters[2].frozen());
  EXPECT_FALSE(problem.cell.parameters[2].bounds.has_value());
}

TEST_F(ProblemTest, DuplicateParameterNamesBothLines) {
  EXPECT_EQ(
      error_of(with("\"param_name\": \"cm\"", "\"name\": \"celsius\", \"param_name\": \"cm\"")),
      R"(DIR/cell.json:7:5: error: /parameters/1: parameter 'celsius' is defined twice [config-duplicate-parameter]
  7 |     {"name": "celsius", "param_name": "cm", "type": "section", "sectionlist": "all", "value": 1},
    |     ^~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~~
  note: DIR/cell.json:6:5: first defined here
  fix: remove one, or give it a 'name' of its own)");
}

TEST_F(ProblemTest, MissingMorphologyFile) {
  EXPECT_EQ(error_of(with("soma.swc", "some.swc")),
            R"(DIR/cell.json:3:26: error: /morphology/file: file 'DIR/some.swc' does not exist [file-missing]
  3 |   "morphology": {"file": "some.swc"},
    |                          ^~~~~~~~~~
  fix: check the path; relative paths are relative to the file that names them)");
}

TEST_F(ProblemTest, MissingSectionFileStandsWhereItIsNamed) {
  EXPECT_THAT(error_of(with(R"({"file": "soma.swc"})", "\"shape.json\"")),
              HasSubstr("DIR/cell.json:3:17: error: /morphology: file 'DIR/shape.json' does not exist [file-missing]"));
}

TEST_F(ProblemTest, MissingCellFile) {
  try {
    load_problem(folder.path() / "absent.json");
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(folder.masked(error.what()),
              "error: file 'DIR/absent.json' does not exist [file-missing]\n"
              "  fix: check the path; relative paths are relative to the file that names them");
  }
}

TEST_F(ProblemTest, CollectsProblemsOfAllSections) {
  const std::string text = error_of(R"({
  "morphology": {"file": "soma.swc", "nseg_frequency": 0},
  "mechanisms": {"directories": ["nowhere"], "insert": {"somatik": ["hh"]}},
  "parameters": [{"param_name": "Ra", "type": "section", "value": 1e999}],
  "protocols": {"A": {"stimuli": []}, "B": {"stimuli": [{"delay": -1, "amp": 0, "duration": 5, "totduration": 0, "location": "dend"}]}},
  "features": {"C": {"soma": {"Spikecoun": [1, 0]}}},
  "simulator": {"dt": 0, "step": "variable", "numeric": "double"}
})");

  EXPECT_THAT(text, HasSubstr("/morphology/nseg_frequency: nseg_frequency must be above 0 um, not 0 [config-range]"));
  EXPECT_THAT(text, HasSubstr("/mechanisms/directories/0: 'DIR/nowhere' is not a folder [config-missing-directory]"));
  EXPECT_THAT(text, HasSubstr("/mechanisms/insert/somatik: unknown section list 'somatik' [config-section-list]"));
  EXPECT_THAT(text, HasSubstr("/parameters/0/value: must be a number, not a number that is not finite [config-type]"));
  EXPECT_THAT(text, HasSubstr("/parameters/0: key 'sectionlist' is missing [config-missing-key]"));
  EXPECT_THAT(text, HasSubstr("/protocols/A/stimuli: a protocol needs at least one stimulus [config-empty]"));
  EXPECT_THAT(text, HasSubstr("/protocols/B/stimuli/0/delay: delay must not be negative, not -1 ms [config-range]"));
  EXPECT_THAT(text,
              HasSubstr("/protocols/B/stimuli/0/totduration: totduration must be above 0 ms, not 0 [config-range]"));
  EXPECT_THAT(text, HasSubstr("/protocols/B/stimuli/0/location: unknown location 'dend' [config-location]"));
  EXPECT_THAT(text, HasSubstr("/features/C: unknown protocol 'C' [config-protocol]"));
  EXPECT_THAT(text, HasSubstr("/features/C/soma/Spikecoun: unknown feature 'Spikecoun' [config-feature]"));
  EXPECT_THAT(text, HasSubstr("fix: did you mean 'Spikecount'?"));
  EXPECT_THAT(text, HasSubstr("/features/C/soma/Spikecoun/1: the std must be above 0, not 0 [config-target]"));
  EXPECT_THAT(text, HasSubstr("/simulator/dt: dt must be above 0 ms, not 0 [config-range]"));
  EXPECT_THAT(text, HasSubstr("/simulator/dt: dt belongs to the fixed step [config-step]"));
  EXPECT_THAT(text, HasSubstr("/simulator/numeric: 'double' is not a value of this key [config-choice]"));
}

TEST_F(ProblemTest, ProtocolMayHaveAStepOfItsOwn) {
  const auto cvode_active = [&](const std::string& keys) {
    return load(with("\"Step1\": {\"stimuli\"", "\"Step1\": {" + keys + "\"stimuli\"")).protocols[0].cvode_active;
  };
  EXPECT_EQ(cvode_active(""), std::nullopt);
  EXPECT_EQ(cvode_active("\"cvode_active\": true, "), true);
  EXPECT_EQ(cvode_active("\"cvode_active\": false, "), false);
}

TEST_F(ProblemTest, VariableStepHasATolerance) {
  const auto cell = [](const std::string& section) {
    return with("\"name\": \"toy\"", "\"name\": \"toy\", \"simulator\": " + section);
  };
  EXPECT_EQ(load(cell(R"({"step": "variable"})")).simulator.step, "variable");
  EXPECT_EQ(load(cell(R"({"step": "variable"})")).simulator.atol, simulate::default_atol);
  EXPECT_EQ(load(cell(R"({"step": "variable", "atol": 1e-4})")).simulator.atol, 1e-4);
  EXPECT_THAT(error_of(cell(R"({"step": "variable", "atol": 0})")),
              HasSubstr("/simulator/atol: atol must be above 0, not 0 [config-range]"));
  EXPECT_THAT(error_of(cell(R"({"step": "fixed", "atol": 1e-4})")),
              HasSubstr("/simulator/atol: atol belongs to the variable step [config-step]"));
}

TEST_F(ProblemTest, StepIsVariableUnlessDtStandsAlone) {
  const auto step = [&](const std::string& section) {
    return load(with("\"name\": \"toy\"", "\"name\": \"toy\", \"simulator\": " + section)).simulator;
  };
  EXPECT_EQ(load(good_cell).simulator.step, "variable");
  EXPECT_FALSE(load(good_cell).simulator.step_chosen);
  EXPECT_EQ(step("{}").step, "variable");
  EXPECT_FALSE(step("{}").step_chosen);
  EXPECT_EQ(step(R"({"dt": 0.05})").step, "fixed");
  EXPECT_TRUE(step(R"({"dt": 0.05})").step_chosen);
  EXPECT_EQ(step(R"({"atol": 1e-4})").step, "variable");
  EXPECT_TRUE(step(R"({"atol": 1e-4})").step_chosen);
  EXPECT_EQ(step(R"({"step": "fixed"})").step, "fixed");
  EXPECT_THAT(error_of(with("\"name\": \"toy\"", R"("name": "toy", "simulator": {"dt": 0.05, "atol": 1e-4})")),
              HasSubstr("/simulator/dt: dt belongs to the fixed step [config-step]"));
}

TEST_F(ProblemTest, MeanOfNullIsAnError) {
  EXPECT_THAT(
      error_of(with("[5, 1]", "[null, 1]")),
      HasSubstr("/features/Step1/soma/Spikecount/0: the mean must be a finite number, not null [config-target]"));
}

TEST_F(ProblemTest, FeatureAtAPlaceThatIsNotRecorded) {
  EXPECT_EQ(
      error_of(with("\"soma\": {\"Spikecount\"", "\"some\": {\"Spikecount\"")),
      R"(DIR/cell.json:14:26: error: /features/Step1/some: protocol 'Step1' records no v at 'some' [config-recording]
  14 |   "features": {"Step1": {"some": {"Spikecount": [5, 1], "AP_height": [20, 2]}}}
     |                          ^~~~~~
  fix: did you mean 'soma'?)");
}

TEST_F(ProblemTest, DuplicateRecording) {
  EXPECT_THAT(error_of(with("120}]}", R"(120}], "extra_recordings": [{"name": "soma", "location": "soma"}]})")),
              HasSubstr("/protocols/Step1/extra_recordings/0: recording 'Step1.soma.v' is defined twice "
                        "[config-duplicate-recording]"));
}

TEST_F(ProblemTest, EmptyWindow) {
  EXPECT_THAT(error_of(with("\"name\": \"toy\",", "\"name\": \"toy\", \"feature_settings\": [{\"stim_end\": 10}],")),
              HasSubstr("/features/Step1/soma/Spikecount: the window from 10 to 10 ms is empty [config-window]"));
}

TEST_F(ProblemTest, UnknownFeatureSettingNamesTheNearestOfEfelsToo) {
  EXPECT_THAT(
      error_of(with("\"name\": \"toy\",", "\"name\": \"toy\", \"feature_settings\": [{\"DerivativeTreshold\": 1}],")),
      testing::AllOf(
          HasSubstr("/feature_settings/0/DerivativeTreshold: unknown key 'DerivativeTreshold' [config-unknown-key]"),
          HasSubstr("fix: did you mean 'DerivativeThreshold'?")));
}

TEST_F(ProblemTest, WarnsOfFeaturesThatNeedTheStimulusCurrent) {
  const std::string resistance = R"("features": {"Step1": {"soma": {"ohmic_input_resistance": [80, 5], )";
  EXPECT_THAT(warnings_of(with(R"("features": {"Step1": {"soma": {)", resistance)),
              ElementsAre(HasSubstr("/features/Step1/soma/ohmic_input_resistance: divides by the amplitude of the "
                                    "stimulus, which is not given: it has no value [config-feature-without-current]")));
  EXPECT_THAT(
      warnings_of(with(R"("features": {"Step1": {"soma": {)",
                       R"("feature_settings": [{"feature": "ohmic*", "stimulus_current": 0.1}], )" + resistance)),
      testing::IsEmpty());
}

TEST_F(ProblemTest, WarnsOfSettingsThatMatchNothingAndProtocolsWithoutFeatures) {
  EXPECT_THAT(
      warnings_of(with("\"name\": \"toy\",",
                       "\"name\": \"toy\", \"feature_settings\": [{\"protocol\": \"step*\", \"threshold\": 0}],")),
      ElementsAre(HasSubstr("/feature_settings/0: matches no feature [config-setting-unused]")));
  EXPECT_THAT(
      warnings_of(with(
          "\"Step1\": {\"stimuli\"",
          R"("Step2": {"stimuli": [{"delay": 0, "amp": 0, "duration": 1, "totduration": 1}]}, "Step1": {"stimuli")")),
      ElementsAre(HasSubstr(
          "protocol 'Step2' has no features: it is simulated for nothing [config-protocol-without-features]")));
}

TEST_F(ProblemTest, DistanceScalerIsParsedAndItsMistakesAreShown) {
  const Problem problem =
      load(with("\"bounds\"", "\"dist\": \"{value}*{distance}\", \"soma_ref_location\": 0.25, \"bounds\""));
  ASSERT_TRUE(problem.cell.parameters[2].value_scaler.has_value());
  EXPECT_EQ(std::get<model::NrnSegmentSomaDistanceScaler>(*problem.cell.parameters[2].value_scaler).distribution.text(),
            "{value}*{distance}");
  EXPECT_EQ(std::get<model::NrnSegmentSomaDistanceScaler>(*problem.cell.parameters[2].value_scaler).soma_ref_location,
            0.25);

  EXPECT_THAT(error_of(with("\"bounds\"", "\"dist\": \"{value}*{distanc}\", \"bounds\"")),
              HasSubstr("/parameters/2/dist: '{value}*{distanc}': there is no value '{distanc}'"));
  EXPECT_THAT(error_of(with("\"type\": \"range\"", "\"dist\": \"{value}\", \"type\": \"section\"")),
              HasSubstr("/parameters/2/dist: only a range parameter can depend on the distance [config-scaler]"));
  EXPECT_THAT(error_of(with("\"bounds\"", "\"dist\": \"{value}\", \"soma_ref_location\": 2, \"bounds\"")),
              HasSubstr("soma_ref_location must be from 0 to 1, not 2 [config-range]"));
}

TEST_F(ProblemTest, NumericModesAreRead) {
  const auto mode = [&](const std::string& name) {
    return load(with("\"name\": \"toy\"", "\"simulator\": {\"numeric\": \"" + name + "\"}, \"name\": \"toy\""))
        .simulator.numeric;
  };
  EXPECT_EQ(mode("fast"), numeric::NumericMode::fast);
  EXPECT_EQ(mode("strict"), numeric::NumericMode::strict);
  EXPECT_EQ(mode("float"), numeric::NumericMode::single);
  EXPECT_THAT(error_of(with("\"name\": \"toy\"", "\"simulator\": {\"numeric\": \"half\"}, \"name\": \"toy\"")),
              HasSubstr("/simulator/numeric: 'half' is not a value of this key [config-choice]"));
}

TEST_F(ProblemTest, MetaParametersFindWhatTheyWriteTo) {
  const Problem problem = load(with("\"bounds\": [0.05, 0.5]}", R"("bounds": [0.05, 0.5], "dist": "{value}*{a}",
       "dist_param_names": ["a"]},
    {"name": "a", "type": "meta", "object": "gnabar_hh.somatic", "attr_name": "a", "bounds": [1, 2]},
    {"name": "late", "type": "meta", "object": "Step1.0", "attr_name": "step_delay", "value": 20},
    {"name": "amp", "type": "meta", "object": "Step1.1", "attr_name": "step_amplitude", "bounds": [0, 1]},
    {"name": "target", "type": "meta", "object": "Step1.soma.AP_height", "attr_name": "exp_mean", "value": 33})"));

  const auto& parameters = problem.cell.parameters;
  ASSERT_THAT(parameters, SizeIs(7));
  EXPECT_EQ(parameters[3].object, model::MetaTarget(model::ScalerTarget{"gnabar_hh.somatic"}));
  EXPECT_EQ(parameters[4].object, model::MetaTarget(model::StimulusTarget{"Step1", 0}));
  EXPECT_EQ(parameters[6].object, model::MetaTarget(model::FeatureTarget{"Step1.soma.AP_height"}));
  EXPECT_EQ(std::get<model::NrnSquarePulse>(problem.protocols[0].stimuli[0]).step_delay_ms, 20);
  EXPECT_EQ(problem.features[0].window.stim_start_ms, 20) << "the window is that of the stimulus as it is applied";
  EXPECT_EQ(problem.features[1].exp_mean, 33);
  EXPECT_THAT(problem.cell.free_parameters(), SizeIs(3));
}

TEST_F(ProblemTest, WrongMetaParametersAreReported) {
  const std::string text = error_of(with("\"bounds\": [0.05, 0.5]}", R"("bounds": [0.05, 0.5]},
    {"name": "a", "type": "meta", "object": "gnabar_hh.somatik", "attr_name": "a", "value": 1},
    {"name": "b", "type": "meta", "object": "Step1.0", "attr_name": "amplitude", "value": 1},
    {"name": "c", "type": "meta", "object": "Step1.soma.AP_height", "attr_name": "exp_std", "bounds": [0, 1]},
    {"name": "d", "type": "meta", "attr_name": "a", "value": 1, "sectionlist": "all"},
    {"param_name": "x", "type": "global", "value": 1, "object": "celsius"})"));

  EXPECT_THAT(text, HasSubstr("/parameters/3/object: there is no 'gnabar_hh.somatik' to set [config-meta]"));
  EXPECT_THAT(text, HasSubstr("did you mean 'gnabar_hh.somatic'?"));
  EXPECT_THAT(text, HasSubstr("/parameters/4/object: 'Step1.0' has no attribute 'amplitude' [config-meta]"));
  EXPECT_THAT(text, HasSubstr("exp_std must be above 0, but 'c' may be 0 [config-range]"));
  EXPECT_THAT(text, HasSubstr("/parameters/6: key 'object' is missing [config-missing-key]"));
  EXPECT_THAT(text,
              HasSubstr("/parameters/6/sectionlist: 'sectionlist' is for parameters that are written into the cell"));
  EXPECT_THAT(text, HasSubstr("/parameters/7/object: 'object' is for parameters of type meta [config-meta]"));
}

TEST_F(ProblemTest, SubParametersStandInTheOneThatSetsThem) {
  const Problem problem = load(with("\"bounds\": [0.05, 0.5]}", R"("bounds": [0.05, 0.5]},
    {"param_name": "cm", "name": "cm.list", "sectionlist": ["basal", "apical"], "type": "section"},
    {"name": "cm", "type": "meta_list_equal", "bounds": [0.5, 2], "sub_parameters": ["cm.all", "cm.list"]})")
                                   .replace(std::string(good_cell).find(", \"value\": 1}"), 13, "}"));

  ASSERT_THAT(problem.cell.parameters, SizeIs(3));
  const model::CellParameter& equal = problem.cell.parameters[2];
  EXPECT_EQ(equal.name, "cm");
  ASSERT_THAT(equal.sub_parameters, SizeIs(2));
  EXPECT_EQ(equal.sub_parameters[0].name, "cm.all");
  EXPECT_THAT(equal.sub_parameters[1].locations, SizeIs(2));
  EXPECT_THAT(problem.cell.free_parameters(), SizeIs(2));
}

TEST_F(ProblemTest, WrongSubParametersAreReported) {
  const std::string text = error_of(with("\"bounds\": [0.05, 0.5]}", R"("bounds": [0.05, 0.5]},
    {"name": "a", "type": "meta_list_equal", "bounds": [0, 1], "sub_parameters": ["cm.all"]},
    {"name": "b", "type": "meta_list_equal", "bounds": [0, 1], "sub_parameters": ["gnabar_hh.somatic", "celsuis"]},
    {"name": "c", "type": "meta_list_equal", "bounds": [0, 1], "sub_parameters": []})"));

  EXPECT_THAT(text, HasSubstr("/parameters/1: a sub-parameter of a meta_list_equal parameter cannot be frozen"));
  EXPECT_THAT(text, HasSubstr("values from 0 to 1 are not within the bounds of 'gnabar_hh.somatic' [config-bounds]"));
  EXPECT_THAT(text, HasSubstr("unknown parameter 'celsuis' [config-sub-parameter]"));
  EXPECT_THAT(text, HasSubstr("did you mean 'celsius'?"));
  EXPECT_THAT(text, HasSubstr("/parameters/5/sub_parameters: there is no sub-parameter [config-empty]"));
}

TEST_F(ProblemTest, SequencesNameSweeps) {
  const Problem problem = load(with("\"Step1\": {\"stimuli\"", R"("All": {"sequence": ["Two", "Step1"]},
    "Two": {"sequence": ["Step2"]}, "Step2": {"stimuli": [{"delay": 1, "amp": 0, "duration": 2, "totduration": 9}]},
    "Step1": {"stimuli")"));

  ASSERT_THAT(problem.sequences, SizeIs(2));
  EXPECT_THAT(problem.sequences[0].protocols, ElementsAre("Two", "Step1"));
  EXPECT_THAT(problem.protocols, SizeIs(2));
}

TEST_F(ProblemTest, FeaturesOfASequenceNameThePartAndThePlace) {
  std::string cell = with("\"Step1\": {\"stimuli\"", "\"All\": {\"sequence\": [\"Step1\"]}, \"Step1\": {\"stimuli\"");
  const std::string features = "\"features\": {";
  cell.insert(cell.find(features) + features.size(), R"("All": {"Step1.soma": {"peak_time": [9, 1]}}, )");

  const Problem problem = load(cell);

  EXPECT_EQ(problem.features[0].name, "All.Step1.soma.peak_time");
  EXPECT_EQ(problem.features[0].protocol_name, "Step1");
  EXPECT_EQ(problem.features[0].recording_name, "Step1.soma.v");
  EXPECT_EQ(problem.features[0].window.stim_end_ms, 60);
}

TEST_F(ProblemTest, WrongSequencesAreReported) {
  const std::string text = error_of(with("\"Step1\": {\"stimuli\"", R"("A": {"sequence": ["Step", "Step1", "Step1"]},
    "B": {"sequence": ["C"], "timeout": 3}, "C": {"sequence": ["B"]}, "D": {"sequence": []}, "Step1": {"stimuli")"));

  EXPECT_THAT(text, HasSubstr("/protocols/A/sequence/0: unknown protocol 'Step' [config-protocol]"));
  EXPECT_THAT(text, HasSubstr("/protocols/A/sequence: it runs 'Step1' twice"));
  EXPECT_THAT(text, HasSubstr("/protocols/B/timeout: a sequence has no 'timeout' [config-sequence]"));
  EXPECT_THAT(text, HasSubstr("/protocols/B/sequence: sequence 'B' runs itself [config-sequence]"));
  EXPECT_THAT(text, HasSubstr("/protocols/D/sequence: a sequence needs at least one protocol [config-empty]"));
}

TEST_F(ProblemTest, GroupsTakeTheirFeaturesFromTheSingleOnes) {
  const Problem problem = load(with("\"name\": \"toy\"", R"("name": "toy", "objectives": [
    {"name": "worst", "type": "max", "features": ["Step1.soma.AP_height"]},
    {"name": "sum", "type": "weighted_sum", "features": ["Step1.soma.AP_height"], "weights": [2]}])"));

  std::vector<std::string> names;
  for (const auto& objective : problem.objectives.objectives()) names.push_back(evaluate::objective_name(objective));
  EXPECT_THAT(names, ElementsAre("Step1.soma.Spikecount", "worst", "sum"));
}

TEST_F(ProblemTest, WrongGroupsAreReported) {
  const std::string text = error_of(with("\"name\": \"toy\"", R"("name": "toy", "objectives": [
    {"name": "a", "type": "max", "features": ["Step1.soma.AP_heigth"], "weights": [1]},
    {"name": "a", "type": "weighted_sum", "features": ["Step1.soma.AP_height"], "weights": [1, 2]},
    {"name": "Step1.soma.Spikecount", "type": "weighted_sum", "features": []}])"));

  EXPECT_THAT(text, HasSubstr("/objectives/0/features/0: unknown feature 'Step1.soma.AP_heigth' [config-objective]"));
  EXPECT_THAT(text, HasSubstr("did you mean 'Step1.soma.AP_height'?"));
  EXPECT_THAT(text, HasSubstr("/objectives/0/weights: an objective of type max has no weights [config-objective]"));
  EXPECT_THAT(text, HasSubstr("/objectives/1/name: 'a' is the name of an objective already [config-objective]"));
  EXPECT_THAT(text, HasSubstr("/objectives/1/weights: there are 1 features and 2 weights [config-objective]"));
  EXPECT_THAT(text, HasSubstr("/objectives/2/name: 'Step1.soma.Spikecount' is the name of a feature already"));
  EXPECT_THAT(text, HasSubstr("/objectives/2: key 'weights' is missing [config-missing-key]"));
}

TEST_F(ProblemTest, RecordingNamesReplaceTheTraceAndAskForFurtherOnes) {
  const Problem problem = load(with("\"features\": {", R"("feature_settings": [{"feature": "AP_height",
    "recording_names": {"": "Step1.here.v", "location_AIS": "Step1.soma.v"}}], "features": {)")
                                   .insert(std::string(good_cell).find("120}]}") + 5,
                                           R"(, "extra_recordings": [{"name": "here", "location": "soma"}])"));

  EXPECT_EQ(problem.features[1].recording_name, "Step1.here.v");
  EXPECT_THAT(problem.features[1].further_recordings, ElementsAre(std::pair("location_AIS", "Step1.soma.v")));
  EXPECT_THAT(error_of(with("\"features\": {",
                            R"("feature_settings": [{"recording_names": {"": "Step1.som.v"}}], "features": {)")),
              HasSubstr("/feature_settings/0/recording_names/: unknown recording 'Step1.som.v' [config-recording]"));
}

TEST_F(ProblemTest, CorrectedReadsBluePyOptsOdditiesAsTheyWereMeant) {
  std::string cell =
      with("\"name\": \"toy\"", R"("evaluation": {"compatibility": "corrected", "gid": 7}, "name": "toy")");
  cell.insert(cell.find("\"bounds\""), R"("dist": "{value}**2", )");

  const Problem problem = load(cell);

  const auto& scaler = std::get<model::NrnSegmentSomaDistanceScaler>(*problem.cell.parameters[2].value_scaler);
  EXPECT_EQ(scaler.distribution.evaluate(std::vector{0.0, -5.0}), 25) << "not -25";
  EXPECT_TRUE(problem.cell.corrected);
  EXPECT_EQ(problem.cell.gid, 7U);
  EXPECT_TRUE(problem.features[0].deviation_of_mean);
  EXPECT_TRUE(problem.features[0].force_max_score);
}

TEST_F(ProblemTest, CheckFindsWhatOnlyBuildingShowsAsWell) {
  const std::string cell = R"({
  "morphology": {"file": "soma.swc"},
  "mechanisms": {"insert": {"somatic": ["hh", "NaTs"]}},
  "parameters": [
    {"param_name": "gnabar_hhh", "type": "range", "sectionlist": "somatic", "value": 0.1},
    {"param_name": "gbar_NaTs", "type": "range", "sectionlist": "somatic", "bounds": [0.5, 0.1]}
  ],
  "locations": {"far": {"section_list": "apical", "index": 2}},
  "protocols": {"Step1": {"stimuli": [{"delay": 10, "amp": 0.5, "duration": 50, "totduration": 100, "location": "far"}],
    "extra_recordings": [{"name": "m", "location": "soma", "var": "m_hhh"}]}}
})";

  const ProblemCheck check = check_problem(folder.write("cell.json", cell));

  std::string text;
  for (const Diagnostic& d : check.diagnostics) text += folder.masked(d.format()) + "\n";
  EXPECT_TRUE(check.has_errors());
  EXPECT_THAT(text, HasSubstr("cell.json:3:"));
  EXPECT_THAT(text, HasSubstr("mechanism 'NaTs' is not built in"));
  EXPECT_THAT(text, HasSubstr("section soma[0] has no variable 'gnabar_hhh'"));
  EXPECT_THAT(text, HasSubstr("lower 0.5 > upper 0.1"));
  EXPECT_THAT(text, Not(HasSubstr("gbar_NaTs'"))) << "that follows from the missing mechanism";
  EXPECT_THAT(text, HasSubstr("location 'far'"));
  EXPECT_THAT(text, HasSubstr("has no variable 'm_hhh'"));
  EXPECT_THAT(text, HasSubstr("protocol 'Step1' has no features"));
}

TEST_F(ProblemTest, CheckListsEveryProblemHoweverMany) {
  std::string parameters, insert;
  for (int i = 0; i < 60; ++i) {
    insert += fmt::format(", \"Absent{}\"", i);
    parameters += fmt::format(
        "{{\"param_name\": \"x{}_hh\", \"type\": \"range\", \"sectionlist\": \"somatic\", \"value\": 1}},\n"
        "{{\"param_name\": \"y{}_hh\", \"type\": \"range\", \"sectionlist\": \"somatic\", \"bounds\": [2, 1]}},\n",
        i, i);
  }
  std::string cell = with("\"parameters\": [", "\"parameters\": [" + parameters);
  cell.replace(cell.find("[\"hh\"]"), 6, "[\"hh\"" + insert + "]");

  std::map<std::string, int> count;
  for (const Diagnostic& d : check_problem(folder.write("cell.json", cell)).diagnostics) ++count[d.code];

  EXPECT_EQ(count["config-bounds"], 60);
  EXPECT_EQ(count["model-variable"], 60) << "variables that the section does not have";
  EXPECT_EQ(count["mechanism-unknown"], 60);
}

TEST_F(ProblemTest, AProblemFileIsNoCellFile) {
  EXPECT_THAT(error_of(with("\"name\": \"toy\"", "\"evaluator\": {\"command\": [\"x\"]}, \"name\": \"toy\"")),
              HasSubstr("/evaluator: this is a problem file with an evaluator of its own, not a cell file "
                        "[config-problem-file]"));
}

TEST_F(ProblemTest, ReadsEveryTypeOfLocation) {
  const Problem problem = load(with("\"protocols\": {", R"("locations": {
    "a": {"section_list": "apical", "index": 2, "x": 0.25},
    "b": {"type": "SectionComp", "sec_name": "dend[3]", "comp_x": 1},
    "c": {"type": "SomaDistanceComp", "soma_distance": 660, "seclist_name": "apical"},
    "d": {"type": "SecSomaDistanceComp", "soma_distance": 100, "index": 4, "section_list": "basal"},
    "e": {"type": "TrunkSomaDistanceComp", "soma_distance": 100, "section_list": "apical"},
    "f": {"type": "TrunkSomaDistanceComp", "soma_distance": 100, "section_list": "apical", "direction": "radial"},
    "g": {"type": "TrunkSomaDistanceComp", "soma_distance": 100, "section_list": "apical", "direction": [1, 0, 0.5]}},
  "protocols": {"all": {"stimuli": [{"delay": 0, "amp": 0, "duration": 1, "totduration": 1}],
    "extra_recordings": [{"name": "a", "location": "a"}, {"name": "b", "location": "b"}, {"name": "c", "location": "c"},
      {"name": "d", "location": "d"}, {"name": "e", "location": "e"}, {"name": "f", "location": "f"},
      {"name": "g", "location": "g"},
      {"name": "h", "type": "somadistance", "somadistance": 12.5, "seclist_name": "basal", "var": "cai"}]}, )"));

  const auto& recordings = problem.protocols[0].recordings;
  ASSERT_THAT(recordings, SizeIs(9));
  EXPECT_EQ(std::get<model::NrnSeclistCompLocation>(recordings[1].location).sec_index, 2);
  EXPECT_EQ(std::get<model::NrnSectionCompLocation>(recordings[2].location).sec_name, "dend[3]");
  EXPECT_EQ(std::get<model::NrnSomaDistanceCompLocation>(recordings[3].location).soma_distance_um, 660);
  EXPECT_EQ(std::get<model::NrnSecSomaDistanceCompLocation>(recordings[4].location).sec_index, 4);
  using Trunk = model::NrnTrunkSomaDistanceCompLocation;
  EXPECT_EQ((std::get<std::array<double, 3>>(std::get<Trunk>(recordings[5].location).direction)[1]), 1);
  EXPECT_TRUE(std::holds_alternative<model::RadialDirection>(std::get<Trunk>(recordings[6].location).direction));
  EXPECT_EQ((std::get<std::array<double, 3>>(std::get<Trunk>(recordings[7].location).direction)[2]), 0.5);
  EXPECT_EQ(recordings[8].name, "all.h.cai");
  EXPECT_EQ(std::get<model::NrnSomaDistanceCompLocation>(recordings[8].location).soma_distance_um, 12.5);
}

TEST_F(ProblemTest, LocationsAndRecordingsSayWhichKeysTheyNeedAndTake) {
  const std::string text = error_of(with("\"protocols\": {", R"("locations": {
    "a": {"type": "SomaDistanceComp", "section_list": "apical"},
    "b": {"type": "SecSomaDistanceComp", "soma_distance": 1, "section_list": "apical", "x": 0.5},
    "c": {"type": "TrunkSomaDistanceComp", "soma_distance": 1, "section_list": "apical", "direction": "up"}},
  "protocols": {"all": {"stimuli": [{"delay": 0, "amp": 0, "duration": 1, "totduration": 1}],
    "extra_recordings": [{"name": "h"}, {"name": "i", "type": "somadistance", "somadistance": 12.5}]}, )"));

  EXPECT_THAT(text, HasSubstr("/locations/a: key 'soma_distance' is missing [config-missing-key]"));
  EXPECT_THAT(text, HasSubstr("/locations/b: key 'index' is missing [config-missing-key]"));
  EXPECT_THAT(text,
              HasSubstr("/locations/b/x: a location of type SecSomaDistanceComp has no 'x' [config-unknown-key]"));
  EXPECT_THAT(text, HasSubstr("/locations/c/direction: must be [x, y, z] or 'radial' [config-type]"));
  EXPECT_THAT(text, HasSubstr("/extra_recordings/0: key 'location' is missing [config-missing-key]"));
  EXPECT_THAT(text, HasSubstr("/extra_recordings/1: key 'seclist_name' is missing [config-missing-key]"));
}

TEST_F(ProblemTest, ReadsRampsAndPlayedCurrents) {
  folder.write("current.csv", "time,current\n0, 0.5 # start\n\n10 -1\n");
  folder.write("current.json", R"({"time_points": [0, 5], "current_points": [1, 2]})");
  const Problem problem = load(with("\"protocols\": {", R"("protocols": {"r": {"stimuli": [
    {"type": "ramp", "ramp_amplitude_start": 0.1, "ramp_amplitude_end": 0.4, "ramp_delay": 10, "ramp_duration": 20,
     "totduration": 50},
    {"type": "current_play", "time_points": [0, 1, 1], "current_points": [0, 0, 3]},
    {"type": "current_play", "file": "current.csv"}, {"type": "current_play", "file": "current.json"}]}, )"));

  const auto& stimuli = problem.protocols[0].stimuli;
  ASSERT_THAT(stimuli, SizeIs(4));
  const auto& ramp = std::get<model::NrnRampPulse>(stimuli[0]);
  EXPECT_EQ(ramp.ramp_amplitude_end_na, 0.4);
  EXPECT_EQ(ramp.ramp_duration_ms, 20);
  EXPECT_EQ(model::total_duration_ms(stimuli[0]), 50);
  EXPECT_THAT(std::get<model::NrnCurrentPlayStimulus>(stimuli[1]).time_points_ms, ElementsAre(0, 1, 1));
  EXPECT_THAT(std::get<model::NrnCurrentPlayStimulus>(stimuli[2]).time_points_ms, ElementsAre(0, 10));
  EXPECT_THAT(std::get<model::NrnCurrentPlayStimulus>(stimuli[2]).current_points_na, ElementsAre(0.5, -1));
  EXPECT_THAT(std::get<model::NrnCurrentPlayStimulus>(stimuli[3]).current_points_na, ElementsAre(1, 2));
}

TEST_F(ProblemTest, WrongStimuliAreReported) {
  folder.write("current.csv", "0 0.5\n10 x\n");
  const std::string text = error_of(with("\"protocols\": {", R"("protocols": {"r": {"stimuli": [
    {"type": "ramp", "ramp_amplitude_start": 0.1, "ramp_delay": 10, "ramp_duration": 20, "totduration": 25, "amp": 1},
    {"type": "current_play", "time_points": [0, 1, 0.5], "current_points": [0, 0, 3]},
    {"type": "current_play", "time_points": [0, 1]},
    {"type": "current_play", "file": "current.csv"}, {"type": "current_play", "file": "none.csv"}]}, )"));

  EXPECT_THAT(text, HasSubstr("stimuli/0: key 'ramp_amplitude_end' is missing [config-missing-key]"));
  EXPECT_THAT(text, HasSubstr("stimuli/0: the ramp ends after its total_duration [config-range]"));
  EXPECT_THAT(text, HasSubstr("stimuli/0/amp: a stimulus of type ramp has no 'amp' [config-unknown-key]"));
  EXPECT_THAT(text, HasSubstr("stimuli/1: the times must not decrease and end after 0 ms [config-points]"));
  EXPECT_THAT(text, HasSubstr("stimuli/2: key 'current_points' is missing [config-missing-key]"));
  EXPECT_THAT(text, HasSubstr("DIR/current.csv:2:1: error: '10 x' is not a time and a current [config-points]"));
  EXPECT_THAT(text, HasSubstr("stimuli/4/file:"));
}

TEST_F(ProblemTest, ReadsEveryScaler) {
  const auto scaler_of = [&](const std::string& keys) {
    return *load(with("\"bounds\"", keys + ", \"bounds\"")).cell.parameters[2].value_scaler;
  };

  const auto linear = std::get<model::NrnSegmentLinearScaler>(scaler_of(R"("multiplier": 3)"));
  EXPECT_EQ(linear.multiplier, 3);
  EXPECT_EQ(linear.offset, 0);
  const auto step = std::get<model::NrnSegmentSomaDistanceStepScaler>(
      scaler_of(R"x("dist": "{value}*({step_begin} < {distance} < {step_end})", "step_begin": 10, "step_end": 20)x"));
  EXPECT_EQ(step.step_end_um, 20);
  const auto section = std::get<model::NrnSegmentSectionDistanceScaler>(
      scaler_of(R"("dist": "{value}*{cm.all}", "ref_section": "apic[1]", "ref_location": 1,
                   "param_dependencies": ["cm.all"])"));
  EXPECT_EQ(section.ref_section, "apic[1]");
  EXPECT_EQ(section.ref_location, 1);
}

TEST_F(ProblemTest, KeysOfDifferentScalersDoNotMix) {
  EXPECT_THAT(error_of(with("\"bounds\"", R"("dist": "{value}", "multiplier": 2, "step_begin": 1, "bounds")")),
              AllOf(HasSubstr("/multiplier: 'multiplier' does not go with 'dist' [config-scaler]"),
                    HasSubstr("step_begin and step_end belong together [config-scaler]")));
  EXPECT_THAT(error_of(with("\"bounds\"", R"("ref_section": "apic[0]", "bounds")")),
              HasSubstr("/ref_section: 'ref_section' needs 'dist' [config-scaler]"));
}

TEST_F(ProblemTest, ReadsPointProcessesAndWhatJoinsThem) {
  const Problem problem = load(with("{\"insert\": {\"somatic\": [\"hh\"]}}", R"({"insert": {"somatic": ["hh"]},
    "point_processes": [{"name": "syn", "suffix": "ExpSyn", "location": ["soma", "soma"]}],
    "artificial_cells": [{"name": "clock", "suffix": "NetStim"}],
    "connections": [{"source": "clock", "target": "syn", "weight": [0.5], "delay": 2},
                    {"location": "soma", "threshold": -5, "target": "syn"}],
    "pointers": [{"point_process": "syn", "pointer": "p", "location": "soma", "var": "ina"}],
    "random_streams": [{"point_process": "clock", "variable": "ranvar", "ids": [7, 8], "sequence": 3}],
    "number_lists": [{"point_process": "clock", "variable": "times", "values": [1, 2.5]}]})"));

  const model::CellModel& cell = problem.cell;
  EXPECT_THAT(cell.point_processes[0].locations, SizeIs(2));
  EXPECT_EQ(cell.artificial_cells[0].suffix, "NetStim");
  EXPECT_EQ(std::get<model::EventSource>(cell.connections[0].source).name, "clock");
  EXPECT_THAT(cell.connections[0].weight, ElementsAre(0.5));
  EXPECT_EQ(cell.connections[0].delay_ms, 2);
  EXPECT_EQ(std::get<model::ThresholdSource>(cell.connections[1].source).threshold_mv, -5);
  EXPECT_EQ(cell.connections[1].delay_ms, 1);
  EXPECT_EQ(cell.pointers[0].variable, "ina");
  EXPECT_THAT(cell.random_streams[0].ids, ElementsAre(7, 8, 0));
  EXPECT_EQ(cell.random_streams[0].sequence, 3U);
  EXPECT_THAT(cell.number_lists[0].values, ElementsAre(1, 2.5));
}

TEST_F(ProblemTest, PointProcessesCanBeSetRecordedAndStimulated) {
  std::string text = with("{\"insert\": {\"somatic\": [\"hh\"]}}", R"({"insert": {"somatic": ["hh"]},
    "point_processes": [{"name": "syn", "suffix": "ExpSyn", "location": "soma"}]})");
  const std::string protocols = "\"protocols\": {";
  text.replace(text.find(protocols), protocols.size(), R"("protocols": {"n": {"stimuli": [{"type": "netstim",
    "point_processes": ["syn"], "total_duration": 50, "interval": 5, "number": 3, "start": 10}],
    "extra_recordings": [{"name": "syn", "location": "syn", "var": "i"}]}, )");
  const std::string bounds = "{\"param_name\": \"gnabar_hh\"";
  text.replace(text.find(bounds), bounds.size(),
               R"({"param_name": "tau", "type": "point_process", "point_process": "syn", "value": 2}, )" + bounds);

  const Problem problem = load(text);

  EXPECT_EQ(problem.cell.parameters[2].name, "tau.syn");
  EXPECT_EQ(problem.cell.parameters[2].kind, model::ParameterKind::point_process);
  const auto& stimulus = std::get<model::NrnNetStimStimulus>(problem.protocols[0].stimuli[0]);
  EXPECT_EQ(stimulus.locations[0].pprocess_mech, "syn");
  EXPECT_EQ(stimulus.number, 3);
  EXPECT_EQ(stimulus.weight, 1);
  const auto& recording = problem.protocols[0].recordings[1];
  EXPECT_EQ(recording.name, "n.syn.i");
  EXPECT_EQ(std::get<model::NrnPointProcessLocation>(recording.location).pprocess_mech, "syn");
}

TEST_F(ProblemTest, WrongConnectionsAndNamesAreReported) {
  const std::string text = error_of(with("{\"insert\": {\"somatic\": [\"hh\"]}}", R"({"insert": {"somatic": ["hh"]},
    "point_processes": [{"name": "syn", "suffix": "ExpSyn", "location": "soma"},
                        {"name": "syn", "suffix": "ExpSyn", "location": "soma"}],
    "connections": [{"source": "sym", "target": "syn"}, {"target": "syn"}],
    "random_streams": [{"point_process": "syn", "variable": "r", "ids": [1.5, -1, 2, 3]}]})"));

  EXPECT_THAT(text, HasSubstr("/point_processes/1/name: the name 'syn' is taken [config-duplicate-name]"));
  EXPECT_THAT(text, HasSubstr("/connections/0/source: unknown point process or artificial cell 'sym'"));
  EXPECT_THAT(text, HasSubstr("/connections/1: there is no source [config-connection]"));
  EXPECT_THAT(text, HasSubstr("/ids: must be a list of one to three numbers [config-type]"));
  EXPECT_THAT(text, HasSubstr("/ids/0: must be a whole number from 0 to 4294967295 [config-range]"));
}

TEST_F(ProblemTest, KnownKeysWithoutEffectAreAccepted) {
  const Problem problem =
      load(with("\"bounds\"",
                "\"mech\": \"hh\", \"mech_param\": \"gnabar\", \"dist_type\": \"uniform\", \"__note\": 1, \"bounds\""));
  EXPECT_THAT(problem.cell.parameters, SizeIs(3));
}

TEST_F(ProblemTest, RootMustBeAnObject) {
  EXPECT_THAT(error_of("[1]"), HasSubstr("DIR/cell.json:1:1: error: must be an object, not a list of 1 [config-type]"));
}

}  // namespace
}  // namespace cellwright::run
