#include "cellwright/evaluate/cell_evaluator.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/simulate/native_simulator.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::evaluate {
namespace {

TEST(CalculateScore, IsTheMeanAbsoluteDeviationInStandardDeviations) {
  const eFELFeature feature{.exp_mean = 15, .exp_std = 1};

  // bluepyopt-behaviour 12: three peaks 20, 30, 0 against 15 give 11.67, although their mean is 16.67.
  EXPECT_EQ(calculate_score(feature, std::vector{20.0, 30.0, 0.0}), 35.0 / 3);
}

TEST(CalculateScore, MissingAndNanValuesGiveTheMaximum) {
  const eFELFeature feature{.exp_mean = 1, .exp_std = 1, .max_score = 99};

  EXPECT_EQ(calculate_score(feature, {}), 99);
  EXPECT_EQ(calculate_score(feature, std::vector{std::nan("")}), 99);
}

TEST(CalculateScore, OfTheMeanWhereAskedFor) {
  const eFELFeature feature{.exp_mean = 15, .exp_std = 2, .deviation_of_mean = true};

  EXPECT_EQ(calculate_score(feature, std::vector{20.0, 30.0, 1.0}), 1);
}

TEST(CalculateScore, IsCappedOnlyWhenAskedFor) {
  eFELFeature feature{.exp_mean = 0, .exp_std = 1};

  EXPECT_EQ(calculate_score(feature, std::vector{10070.0}), 10070);
  feature.force_max_score = true;
  EXPECT_EQ(calculate_score(feature, std::vector{10070.0}), 250);
}

class CellEvaluatorTest : public testing::Test {
 protected:
  void SetUp() override {
    cell_.name = "cell";
    cell_.morphology.morphology_path = folder_.write("cell.swc", "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n");
    const model::NrnSeclistLocation somatic{"somatic", "somatic", {}};
    cell_.mechanisms = {{"hh", somatic, {}}};
    cell_.parameters = {
        {"gnabar", "gnabar_hh", model::ParameterKind::range, {somatic}, {}, std::array{0.05, 0.125}, {}, {}},
        {"gkbar", "gkbar_hh", model::ParameterKind::range, {somatic}, {}, std::array{0.01, 0.075}, {}, {}}};
    for (const auto& [name, amplitude] : {std::pair{"weak", 0.01}, std::pair{"strong", 0.5}}) {
      const model::NrnSeclistCompLocation soma{"soma", "somatic", 0, 0.5, {}};
      model::SweepProtocol protocol;
      protocol.name = name;
      protocol.stimuli.push_back(model::NrnSquarePulse{amplitude, 10, 30, 50, soma, {}});
      protocol.recordings = {{std::string(name) + ".soma.v", soma, "v", {}},
                             {std::string(name) + ".soma.m_hh", soma, "m_hh", {}}};
      protocols_.push_back(protocol);
    }
    features_ = {feature("weak", "Spikecount", 1, 0.5), feature("strong", "Spikecount", 2, 0.5),
                 feature("strong", "AP_height", 20, 5)};
  }
  static eFELFeature feature(const std::string& protocol, const std::string& name, double mean, double std) {
    return {.name = protocol + ".soma." + name,
            .efel_feature_name = name,
            .protocol_name = protocol,
            .recording_name = protocol + ".soma.v",
            .window = {10, 40},
            .exp_mean = mean,
            .exp_std = std};
  }
  std::unique_ptr<CellEvaluator> evaluator(int threads = 1) const {
    return std::make_unique<CellEvaluator>(simulate::NativeSimulator({}), cell_, protocols_, features_,
                                           parallel::make_executor(threads));
  }
  std::string error() const {
    try {
      evaluator();
    } catch (const Error& e) {
      return e.what();
    }
    return "no error";
  }
  test::TemporaryFolder folder_;
  model::CellModel cell_;
  std::vector<model::SweepProtocol> protocols_;
  std::vector<eFELFeature> features_;
};

TEST_F(CellEvaluatorTest, ParametersAndObjectivesKeepTheirOrder) {
  const auto e = evaluator();

  ASSERT_EQ(e->parameters().size(), 2U);
  EXPECT_EQ(e->parameters()[0].name(), "gnabar");
  ASSERT_EQ(e->objectives().size(), 3U);
  EXPECT_EQ(e->objectives()[2].name, "strong.soma.AP_height");
  EXPECT_THAT(e->recording_names(),
              testing::ElementsAre("weak.soma.v", "weak.soma.m_hh", "strong.soma.v", "strong.soma.m_hh"));
}

TEST_F(CellEvaluatorTest, ScoresFollowFromTheFeatures) {
  const Table<double> parameters(1, 2, 0);
  Table<double> release = parameters;
  release(0, 0) = 0.12;
  release(0, 1) = 0.036;
  const auto e = evaluator();

  const IndividualEvaluation detail = e->evaluate_in_detail(release.view())[0];
  const optimise::ObjectiveTable table = e->evaluate(release.view());

  ASSERT_TRUE(detail.feature_values[1].has_value());
  const double spikes = *detail.feature_values[1];
  EXPECT_GE(spikes, 1);
  EXPECT_EQ(detail.scores[1], std::fabs(spikes - 2) / 0.5);
  EXPECT_EQ(detail.responses[2].spikes, static_cast<std::size_t>(spikes));
  EXPECT_FALSE(detail.responses[3].spikes.has_value()) << "not a voltage";
  EXPECT_EQ(*detail.feature_values[0], 0);
  EXPECT_EQ(detail.scores[0], 2);
  for (std::size_t f = 0; f < 3; ++f) EXPECT_EQ(table.values(0, f), detail.scores[f]);
  EXPECT_EQ(table.failed[0], 0);
}

TEST_F(CellEvaluatorTest, GroupsAreObjectivesOfTheirFeatures) {
  Table<double> parameters(1, 2, 0.05);
  CellEvaluator e(simulate::NativeSimulator({}), cell_, protocols_, features_, parallel::make_executor(1),
                  {.objectives = ObjectivesCalculator({WeightedSumObjective{"sum", {0, 1}, {2, 3}}}, 3)});

  const IndividualEvaluation detail = e.evaluate_in_detail(parameters.view())[0];

  ASSERT_EQ(e.objectives().size(), 1U);
  EXPECT_EQ(e.objectives()[0].name, "sum");
  EXPECT_THAT(detail.scores, testing::ElementsAre(2 * detail.feature_scores[0] + 3 * detail.feature_scores[1]));
  EXPECT_EQ(e.evaluate(parameters.view()).values(0, 0), detail.scores[0]);
}

TEST_F(CellEvaluatorTest, FreeMetaParametersChangeAFeatureForTheIndividual) {
  cell_.parameters.push_back({.name = "mean",
                              .kind = model::ParameterKind::meta,
                              .bounds = {{0, 10}},
                              .object = model::FeatureTarget{"weak.soma.Spikecount"},
                              .attr_name = "exp_mean"});
  Table<double> parameters(2, 3, 0.05);
  parameters(0, 2) = 1;
  parameters(1, 2) = 6;

  const optimise::ObjectiveTable table = evaluator()->evaluate(parameters.view());

  EXPECT_EQ(table.values(0, 0), 2) << "no spike, against one";
  EXPECT_EQ(table.values(1, 0), 12);
  EXPECT_EQ(table.values(0, 1), table.values(1, 1));
}

TEST_F(CellEvaluatorTest, FreeMetaParametersChangeAStimulusForTheIndividual) {
  for (const char* attribute : {"step_amplitude", "total_duration"}) {
    cell_.parameters.push_back({.name = attribute,
                                .kind = model::ParameterKind::meta,
                                .bounds = {{0, 100}},
                                .object = model::StimulusTarget{"weak", 0},
                                .attr_name = attribute});
  }
  Table<double> parameters(3, 4, 0.06);
  parameters(0, 2) = 0.01, parameters(0, 3) = 50;
  parameters(1, 2) = 0.5, parameters(1, 3) = 50;
  parameters(2, 2) = 0.5, parameters(2, 3) = 9;
  const auto e = evaluator();

  const auto details = e->evaluate_in_detail(parameters.view());

  EXPECT_EQ(details[0].responses[0].spikes, 0U);
  EXPECT_EQ(details[1].responses[0].spikes, details[1].responses[2].spikes) << "as in the strong protocol";
  EXPECT_GE(details[1].responses[0].spikes, 1U);
  EXPECT_EQ(details[2].responses[0].spikes, 0U) << "it ended before the pulse";
}

TEST_F(CellEvaluatorTest, AFeatureNeedsAllItsRecordings) {
  model::NrnSomaDistanceCompLocation far{"far", 4000, "apical", {}};
  protocols_[0].recordings.push_back({"weak.far.v", far, "v", {}});
  features_[1].further_recordings = {{"location_far", "weak.far.v"}};
  Table<double> parameters(1, 2, 0.05);

  const auto detail = evaluator()->evaluate_in_detail(parameters.view())[0];

  EXPECT_EQ(detail.feature_scores[1], 250);
  EXPECT_FALSE(detail.feature_values[1].has_value());
  EXPECT_TRUE(detail.responses[2].failed);
  EXPECT_NE(detail.feature_scores[0], 250);
}

TEST_F(CellEvaluatorTest, BatchEqualsOneByOneOnAnyThreadCount) {
  const std::size_t n = 2 * CELLWRIGHT_LANES + 3;
  Table<double> parameters(n, 2);
  for (std::size_t i = 0; i < n; ++i) {
    parameters(i, 0) = 0.05 + 0.003 * static_cast<double>(i);
    parameters(i, 1) = 0.075 - 0.002 * static_cast<double>(i);
  }

  const Table<double> batch = evaluator(4)->evaluate(parameters.view()).values;

  const auto single = evaluator();
  for (std::size_t i = 0; i < n; ++i) {
    const std::vector<double> scores = single->evaluate_with_lists(parameters.row(i));
    for (std::size_t f = 0; f < 3; ++f) EXPECT_EQ(batch(i, f), scores[f]) << "individual " << i << ", objective " << f;
  }
}

TEST_F(CellEvaluatorTest, FailedProtocolGivesTheMaximalScoreAndIsCounted) {
  features_[0].weight = 2;
  Table<double> parameters(2, 2, 0.06);
  parameters(1, 0) = std::nan("");
  const auto e = evaluator();

  const optimise::ObjectiveTable table = e->evaluate(parameters.view());
  const IndividualEvaluation detail = e->evaluate_in_detail(parameters.view())[1];

  EXPECT_EQ(table.failed[0], 0);
  EXPECT_EQ(table.failed[1], 1);
  EXPECT_EQ(table.values(1, 0), 500) << "weight 2";
  EXPECT_EQ(table.values(1, 1), 250);
  EXPECT_EQ(table.reasons[1], "weak: a recorded value became non-finite at 0.025 ms");
  EXPECT_TRUE(detail.responses[0].failed);
  EXPECT_FALSE(detail.feature_values[0].has_value());
}

TEST_F(CellEvaluatorTest, RefusesFeaturesWithoutTheirProtocolRecordingOrName) {
  features_.push_back(feature("none", "AP_height", 1, 1));
  EXPECT_EQ(error(), "error: feature 'none.soma.AP_height' refers to the unknown protocol 'none' [evaluate-feature]");

  features_.back() = feature("weak", "AP_height", 1, 1);
  features_.back().recording_name = "weak.dend.v";
  EXPECT_EQ(error(),
            "error: feature 'weak.soma.AP_height' refers to the unknown recording 'weak.dend.v' [evaluate-feature]");

  features_.back() = feature("weak", "AP_hight", 1, 1);
  EXPECT_THAT(error(), testing::HasSubstr("AP_height"));
}

}  // namespace
}  // namespace cellwright::evaluate
