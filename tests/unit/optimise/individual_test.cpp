#include "cellwright/optimise/individual.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

Population three_individuals() {
  Population population(3, 1, 2);
  population.parameters.values() = {0.1, 0.2, 0.3};
  population.objectives.values() = {1.0, 2.0, 3.0, 4.0, 5.0, 6.0};
  population.id = {7, 8, 9};
  population.generation = {1, 2, 2};
  population.failed = {0, 1, 0};
  return population;
}

TEST(SumLeftToRight, RoundsAsPythonsSumDoes) {
  EXPECT_EQ(sum_left_to_right(std::vector{1.0, 1e100, 1.0, -1e100}), 0.0);
  EXPECT_EQ(sum_left_to_right(std::vector{0.1, 0.2, 0.3}), (0.1 + 0.2) + 0.3);
  EXPECT_EQ(sum_left_to_right({}), 0.0);
}

TEST(WeightedSumFitness, ComparesBySumAndPrefersTheSmaller) {
  const WeightedSumFitness good({1.0, 2.0});
  const WeightedSumFitness bad({0.0, 4.0});
  const WeightedSumFitness as_good({3.0, 0.0});

  EXPECT_EQ(good.sum(), 3.0);
  EXPECT_EQ(good.weighted_sum(), -3.0);
  EXPECT_TRUE(good > bad);
  EXPECT_TRUE(bad < good);
  EXPECT_FALSE(good > as_good);
  EXPECT_TRUE(good >= as_good);
  EXPECT_TRUE(good <= as_good);
  EXPECT_FALSE(good == as_good);
}

TEST(WeightedSumFitness, IsInvalidWithoutValues) {
  EXPECT_FALSE(WeightedSumFitness().valid());
  EXPECT_TRUE(WeightedSumFitness({0.0}).valid());
}

TEST(WeightedSumFitness, DominatesIfNowhereWorseAndSomewhereBetter) {
  const WeightedSumFitness a({1.0, 2.0});

  EXPECT_TRUE(a.dominates(WeightedSumFitness({1.0, 3.0})));
  EXPECT_FALSE(a.dominates(a));
  EXPECT_FALSE(a.dominates(WeightedSumFitness({0.0, 100.0})));
}

TEST(Population, GivesIndividualsAndTheirSums) {
  const Population population = three_individuals();

  const Individual second = population.individual(1);

  EXPECT_THAT(second.values, ElementsAre(0.2));
  EXPECT_THAT(second.fitness.values(), ElementsAre(3.0, 4.0));
  EXPECT_EQ(second.id, 8);
  EXPECT_EQ(second.generation, 2);
  EXPECT_TRUE(second.failed);
  EXPECT_THAT(population.sums(), ElementsAre(3.0, 7.0, 11.0));
}

TEST(Population, SubsetRepeatsAndReordersRows) {
  const Population subset = three_individuals().subset(std::vector<std::uint32_t>{2, 0, 2});

  EXPECT_THAT(subset.parameters.values(), ElementsAre(0.3, 0.1, 0.3));
  EXPECT_THAT(subset.objectives.values(), ElementsAre(5.0, 6.0, 1.0, 2.0, 5.0, 6.0));
  EXPECT_THAT(subset.id, ElementsAre(9, 7, 9));
  EXPECT_THAT(subset.generation, ElementsAre(2, 1, 2));
  EXPECT_THAT(subset.failed, ElementsAre(0, 0, 0));
}

}  // namespace
}  // namespace cellwright::optimise
