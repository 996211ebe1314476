#include "cellwright/optimise/hall_of_fame.hpp"

#include "cellwright/base/error.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

/// Individuals with one parameter and one objective each: {parameter, objective}.
Population population_of(const std::vector<std::pair<double, double>>& individuals) {
  Population population(individuals.size(), 1, 1);
  for (std::size_t i = 0; i < individuals.size(); ++i) {
    population.parameters(i, 0) = individuals[i].first;
    population.objectives(i, 0) = individuals[i].second;
    population.id[i] = static_cast<std::int64_t>(i) + 1;
  }
  return population;
}

std::vector<double> parameters_of(const HallOfFame& hall_of_fame) {
  std::vector<double> values;
  for (const Individual& individual : hall_of_fame) values.push_back(individual.values[0]);
  return values;
}

TEST(HallOfFame, KeepsTheBestSorted) {
  HallOfFame hall_of_fame(2);

  hall_of_fame.update(population_of({{1, 5}, {2, 3}, {3, 4}, {4, 9}}));

  EXPECT_THAT(parameters_of(hall_of_fame), ElementsAre(2, 3));
}

TEST(HallOfFame, TakesEachVectorOnce) {
  HallOfFame hall_of_fame(3);

  hall_of_fame.update(population_of({{1, 5}, {1, 5}, {1, 4}}));

  ASSERT_EQ(hall_of_fame.size(), 1U);
  EXPECT_EQ(hall_of_fame[0].fitness.sum(), 5);
  EXPECT_EQ(hall_of_fame[0].id, 1);
}

TEST(HallOfFame, PutsANewcomerBeforeOlderOnesOfEqualSum) {
  HallOfFame hall_of_fame(3);

  hall_of_fame.update(population_of({{1, 5}, {2, 5}}));

  EXPECT_THAT(parameters_of(hall_of_fame), ElementsAre(2, 1));
}

TEST(HallOfFame, DoesNotTakeAnEqualSumWhenFull) {
  HallOfFame hall_of_fame(1);

  hall_of_fame.update(population_of({{1, 5}, {2, 5}}));

  EXPECT_THAT(parameters_of(hall_of_fame), ElementsAre(1));
}

TEST(HallOfFame, IsTheSameWhenRebuiltFromItsMembers) {
  HallOfFame hall_of_fame(3);
  hall_of_fame.update(population_of({{1, 5}, {2, 5}, {3, 1}}));

  HallOfFame rebuilt(3, hall_of_fame.individuals());

  EXPECT_TRUE(rebuilt == hall_of_fame);
  rebuilt.update(population_of({{4, 2}}));
  EXPECT_THAT(parameters_of(rebuilt), ElementsAre(3, 4, 2));
}

TEST(HallOfFame, RefusesSizeZeroAndContradictions) {
  HallOfFame two(2);
  two.update(population_of({{1, 5}, {2, 6}}));
  std::vector<Individual> reversed{two[1], two[0]};
  const auto message_of = [](auto&& function) -> std::string {
    try {
      function();
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };

  EXPECT_EQ(message_of([] { HallOfFame(0); }),
            "error: the hall of fame has size 0 [optimiser-settings]\n  fix: its size must be at least 1");
  EXPECT_EQ(message_of([&] { HallOfFame(1, two.individuals()); }),
            "error: the hall of fame holds 2 individuals, more than its size 1 [checkpoint-hall-of-fame]");
  EXPECT_EQ(message_of([&] { HallOfFame(2, reversed); }),
            "error: the hall of fame is not sorted by its sums [checkpoint-hall-of-fame]");
}

}  // namespace
}  // namespace cellwright::optimise
