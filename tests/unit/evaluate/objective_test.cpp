#include "cellwright/evaluate/objective.hpp"

#include <gmock/gmock.h>

#include "cellwright/evaluate/seed.hpp"

namespace cellwright::evaluate {
namespace {

using testing::ElementsAre;

TEST(ObjectivesCalculator, JoinsScoresAsBluePyOptsClassesDo) {
  const ObjectivesCalculator calculator({SingletonObjective{"one", 2}, SingletonWeightObjective{"half", 0, 0.5},
                                         MaxObjective{"max", {0, 1}}, WeightedSumObjective{"sum", {1, 2}, {2, -1}}},
                                        3);

  EXPECT_THAT(calculator.calculate_scores(std::vector{3.0, 4.0, 5.0}), ElementsAre(5, 1.5, 4, 3));
}

TEST(ObjectivesCalculator, SingletonsTakeTheWeightOfTheirFeature) {
  const auto calculator = ObjectivesCalculator::singletons({{.name = "a"}, {.name = "b", .weight = 3}});

  ASSERT_EQ(calculator.objectives().size(), 2U);
  EXPECT_TRUE(std::holds_alternative<SingletonObjective>(calculator.objectives()[0]));
  EXPECT_EQ(objective_name(calculator.objectives()[1]), "b");
  EXPECT_THAT(calculator.calculate_scores(std::vector{1.0, 2.0}), ElementsAre(1, 6));
  EXPECT_THAT(calculator.calculate_values(std::vector<std::optional<double>>{7.0, std::nullopt}),
              ElementsAre(std::optional(7.0), std::nullopt));
}

TEST(ObjectivesCalculator, RefusesGroupsThatMakeNoSense) {
  const auto error_of = [](EFeatureObjective objective) -> std::string {
    try {
      ObjectivesCalculator calculator({std::move(objective)}, 1);
      calculator.calculate_values(std::vector<std::optional<double>>{1.0});
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };

  EXPECT_EQ(error_of(SingletonObjective{"o", 1}),
            "error: objective 'o' refers to a feature that does not exist [objective]");
  EXPECT_EQ(error_of(MaxObjective{"o", {}}), "error: objective 'o' has no features [objective]");
  EXPECT_EQ(error_of(WeightedSumObjective{"o", {0}, {}}),
            "error: objective 'o' has 1 features and 0 weights [objective]");
  EXPECT_EQ(error_of(MaxObjective{"o", {0}}),
            "error: objective 'o' is made of several features and has no value [objective]");
}

TEST(SeedFromParamDict, HashesNamesAndValuesInOrderOfTheNames) {
  EXPECT_EQ(seed_from_param_dict({{"gnabar_hh", 0.1}, {"gkbar_hh", 0.03}}), 571037054U);  // bluepyopt-behaviour 14
  EXPECT_EQ(seed_from_param_dict({}), 3975692926U);
}

TEST(SeedFromParamDict, HoldsForEachRow) {
  model::CellModel cell;
  cell.parameters = {
      {.name = "gnabar_hh", .bounds = {{0, 1}}}, {.name = "x", .value = 1}, {.name = "gkbar_hh", .bounds = {{0, 1}}}};
  Table<double> values(1, 2);
  values(0, 0) = 0.1;
  values(0, 1) = 0.03;

  EXPECT_THAT(seeds_from_parameters(cell, values.view()), ElementsAre(571037054U));
}

}  // namespace
}  // namespace cellwright::evaluate
