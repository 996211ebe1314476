#include "cellwright/ephys/objectivescalculators.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "error_text.hpp"

namespace cellwright::ephys {
namespace {

/// A flat trace at -65 mV, and one with a spike at 10 ms and another one at 80 ms.
Responses two_traces() {
  TimeVoltageResponseArguments flat, spikes;
  for (int i = 0; i <= 1000; ++i) {
    const double t = 0.1 * i;
    flat.time.push_back(t);
    flat.voltage.push_back(-65);
    spikes.time.push_back(t);
    spikes.voltage.push_back(-65 + 100 * std::exp(-std::pow(t - 10, 2)) + 80 * std::exp(-std::pow(t - 80, 2)));
  }
  return {{"flat", TimeVoltageResponse::make("flat", flat)},
          {"spikes", TimeVoltageResponse::make("spikes", spikes)},
          {"none", nullptr}};
}

std::shared_ptr<eFELFeature> feature(const std::string& efel_name, const std::string& recording, double mean = 0,
                                     double std = 1) {
  return eFELFeature::make(efel_name + "." + recording, {.efel_feature_name = efel_name,
                                                         .recording_names = {{"", recording}},
                                                         .stim_start = 5,
                                                         .stim_end = 50,
                                                         .exp_mean = mean,
                                                         .exp_std = std});
}

TEST(eFELFeature, GivesValuesAndScores) {
  const Responses responses = two_traces();

  EXPECT_EQ(feature("Spikecount", "spikes")->calculate_feature(responses), 2);
  EXPECT_EQ(feature("Spikecount", "spikes", 5, 0.5)->calculate_score(responses), 6);
  EXPECT_EQ(feature("Spikecount", "flat")->calculate_feature(responses), 0);
  EXPECT_EQ(feature("Spikecount", "flat", 1, 1)->calculate_score(responses), 1);
}

TEST(eFELFeature, IsScoredByTheMeanDeviationOfItsValues) {
  const Responses responses = two_traces();
  const auto voltages = feature("peak_voltage", "spikes", 25, 1);

  const std::vector<double> values = voltages->calculate_values(responses);

  ASSERT_EQ(values.size(), 2);
  EXPECT_NEAR(*voltages->calculate_feature(responses), 25, 0.01);
  EXPECT_EQ(voltages->calculate_score(responses), (std::abs(values[0] - 25) + std::abs(values[1] - 25)) / 1 / 2);
}

TEST(eFELFeature, GivesTheMaximumWhereThereIsNothing) {
  const Responses responses = two_traces();

  for (const char* recording : {"none", "unknown"}) {
    EXPECT_EQ(feature("Spikecount", recording)->calculate_feature(responses), std::nullopt);
    EXPECT_EQ(feature("Spikecount", recording)->calculate_score(responses), 250);
  }
  EXPECT_EQ(feature("peak_voltage", "flat")->calculate_score(responses), 250);
  auto further = feature("Spikecount", "spikes", 2);
  further->recording_names.emplace_back("dend", "none");
  EXPECT_EQ(further->calculate_score(responses), 250) << "one of its traces is not there";
}

TEST(eFELFeature, ChecksForSpikesOutsideOfTheStimulusOnlyWhenAsked) {
  const Responses responses = two_traces();
  const auto count = feature("Spikecount", "spikes", 2);

  EXPECT_EQ(count->calculate_score(responses), 0);
  EXPECT_EQ(count->calculate_score(responses, true), 250);
}

TEST(eFELFeature, CapsItsScoreOnlyWhenAsked) {
  const Responses responses = two_traces();
  auto count = feature("Spikecount", "spikes", 1002, 1);

  EXPECT_EQ(count->calculate_score(responses), 1000);
  count->force_max_score = true;
  count->max_score = 99;
  EXPECT_EQ(count->calculate_score(responses), 99);
}

TEST(eFELFeature, HandsItsSettingsOn) {
  auto count = feature("Spikecount", "spikes");
  count->threshold = 20;
  count->interp_step = 0.05;
  count->stimulus_current = 0.3;
  count->int_settings = {{"strict_stiminterval", 1}};
  count->string_settings = {{"voltage_base_mode", "median"}};

  const evaluate::eFELFeature value = count->snapshot();

  EXPECT_EQ(value.settings.Threshold, 20);
  EXPECT_EQ(value.settings.interp_step, 0.05);
  EXPECT_EQ(value.settings.stimulus_current, 0.3);
  EXPECT_TRUE(value.settings.strict_stiminterval);
  EXPECT_EQ(value.settings.voltage_base_mode, "median");
  EXPECT_EQ(count->calculate_feature(two_traces()), 1) << "the second spike stays below 20 mV";
  EXPECT_EQ(count->to_string(),
            "Spikecount for {'': 'spikes'} with stim start 5.0 and end 50.0, exp mean 0.0 and std 1.0 and AP threshold "
            "override 20.0");
}

TEST(eFELFeature, RefusesBadArguments) {
  const Responses responses = two_traces();
  auto count = feature("Spikecount", "spikes");

  count->recording_names = {{"dend", "spikes"}};
  EXPECT_EQ(error_of([&] { count->calculate_feature(responses); }),
            "error: feature 'Spikecount.spikes' has no main trace: no '' in its recording_names [ephys-feature]\n"
            "  fix: add {\"\", \"name of a recording\"}");
  EXPECT_THROW(feature("Spikecounts", "spikes")->calculate_score(responses), FeatureError);
  count = feature("Spikecount", "spikes");
  count->exp_std.reset();
  EXPECT_THROW(count->calculate_score(responses), ConfigError);
}

TEST(Objectives, CombineScores) {
  const Responses responses = two_traces();
  const auto near = feature("Spikecount", "spikes", 3), far = feature("Spikecount", "flat", 10);
  const std::vector<std::shared_ptr<EFeature>> both = {near, far};

  EXPECT_EQ(SingletonObjective::make("a", {.feature = near})->calculate_score(responses), 1);
  EXPECT_EQ(SingletonObjective::make("a", {.feature = near})->calculate_value(responses), 2);
  EXPECT_EQ(SingletonWeightObjective::make("a", {.feature = far, .weight = 0.5})->calculate_score(responses), 5);
  EXPECT_EQ(MaxObjective::make("a", {.features = both})->calculate_score(responses), 10);
  EXPECT_EQ(WeightedSumObjective::make("a", {.features = both, .weights = {2, 0.5}})->calculate_score(responses), 7);
  EXPECT_THAT(MaxObjective::make("a", {.features = both})->calculate_feature_scores(responses),
              testing::ElementsAre(1, 10));
  EXPECT_THAT(MaxObjective::make("a", {.features = both})->calculate_feature_values(responses),
              testing::ElementsAre(2, 0));
}

TEST(Objectives, RefuseBadArguments) {
  const auto one = feature("Spikecount", "spikes");

  EXPECT_EQ(error_of([&] {
              WeightedSumObjective::make("sum", {.features = {one}, .weights = {1, 2}});
            }),
            "error: objective 'sum' has 1 features and 2 weights [ephys-objective]");
  EXPECT_EQ(error_of([] { MaxObjective::make("max", {}); }),
            "error: objective 'max' has no features [ephys-objective]");
  EXPECT_EQ(error_of([] { SingletonObjective::make("one", {}); }),
            "error: objective 'one' has a null pointer in the place of a feature [ephys-objective]");
  EXPECT_EQ(error_of([&] { MaxObjective::make("max", {.features = {one}})->calculate_value({}); }),
            "error: objective 'max' is a MaxObjective of several features and has no value [ephys-objective]");
}

TEST(ObjectivesCalculator, GivesScoresAndValuesByName) {
  const Responses responses = two_traces();
  const auto calculator = ObjectivesCalculator::make(
      {.objectives = {SingletonObjective::make("count", {.feature = feature("Spikecount", "spikes", 5)}),
                      SingletonObjective::make("nothing", {.feature = feature("Spikecount", "none")})}});

  EXPECT_EQ(calculator->calculate_scores(responses), (std::map<std::string, double>{{"count", 3}, {"nothing", 250}}));
  EXPECT_EQ(calculator->calculate_values(responses),
            (std::map<std::string, std::optional<double>>{{"count", 2.0}, {"nothing", std::nullopt}}));
  const auto again = calculator->objectives[0];
  EXPECT_EQ(error_of([&] {
              ObjectivesCalculator::make({.objectives = {again, again}});
            }),
            "error: two objectives have the name 'count' [ephys-objective]");
}

}  // namespace
}  // namespace cellwright::ephys
