#include "cellwright/optimise/stopping_criteria.hpp"

#include "cellwright/base/error.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

/// First generation of 1..generations at which the criterion is met; 0 if none. @param fitness of a generation.
template <class Fitness>
int first_met(StoppingCriteria& criterion, int generations, Fitness&& fitness) {
  for (int gen = 1; gen <= generations; ++gen) {
    const std::vector<double> values = fitness(gen);
    criterion.check({.gen = gen, .fitness = values});
    if (criterion.criteria_met) return gen;
  }
  return 0;
}

TEST(MaxNGen, IsMetAfterOneGenerationMore) {
  MaxNGen criterion(3);

  EXPECT_EQ(first_met(criterion, 10, [](int) { return std::vector{1.0}; }), 4);
}

TEST(StoppingCriteria, CanBeReset) {
  MaxNGen criterion(0);
  criterion.check({.gen = 1});

  criterion.reset();

  EXPECT_FALSE(criterion.criteria_met);
}

TEST(Stagnation, IsMetWhereNothingImproves) {
  Stagnation criterion(10, 2);

  // Met at the first generation g with g > ceil(0.2 g + 120 + 6).
  EXPECT_EQ(first_met(criterion, 400, [](int) { return std::vector{5.0, 6.0, 7.0}; }), 159);
}

TEST(Stagnation, IsNotMetWhileTheMedianImproves) {
  Stagnation criterion(10, 2);

  EXPECT_EQ(first_met(criterion, 400, [](int gen) { return std::vector{5.0, 5.0, 600.0 - gen, 1000.0}; }), 0);
}

TEST(Stagnationv2, IsMetWhereTheBestIsSteady) {
  Stagnationv2 criterion(10, 2);

  EXPECT_EQ(first_met(criterion, 400, [](int) { return std::vector{6.0, 5.0}; }), 159);
}

TEST(Stagnationv2, IsNotMetWhileTheBestImprovesOrIsNoisy) {
  Stagnationv2 improving(10, 2);
  Stagnationv2 noisy(10, 2);

  EXPECT_EQ(first_met(improving, 400, [](int gen) { return std::vector{500.0 - gen}; }), 0);
  EXPECT_EQ(first_met(noisy, 400, [](int gen) { return std::vector{gen % 2 == 0 ? 10.0 : 12.0}; }), 0);
}

TEST(Stagnationv2, RemembersNoMoreThanItNeeds) {
  Stagnationv2 criterion(10, 2);
  Stagnationv2 resumed(10, 2);
  first_met(criterion, 158, [](int) { return std::vector{5.0}; });

  const std::vector<double> memory = criterion.memory();
  resumed.restore(memory);
  const std::vector<double> fitness{5.0};
  resumed.check({.gen = 159, .fitness = fitness});

  EXPECT_EQ(memory.size(), 121U);
  EXPECT_TRUE(resumed.criteria_met);
}

TEST(TolHistFun, IsMetWhereTheBestStaysWithinATrillionth) {
  TolHistFun criterion(30, 2);  // 12 generations

  EXPECT_EQ(first_met(criterion, 40, [](int gen) { return std::vector{gen < 5 ? 7.0 : 1.0 + gen * 1e-14, 9.0}; }), 16);
}

TEST(EqualFunVals, IsMetWhereAThirdOfTheGenerationsIsFlat) {
  EqualFunVals criterion(4, 6);  // compares the best with the worst but one

  EXPECT_EQ(first_met(criterion, 40, [](int gen) { return std::vector{1.0, 1.0, gen < 9 ? 2.0 : 1.0, 5.0}; }), 11);
}

TEST(EqualFunVals, WaitsForAsManyGenerationsAsParameters) {
  EqualFunVals criterion(4, 6);

  EXPECT_EQ(first_met(criterion, 40, [](int) { return std::vector{1.0, 1.0, 1.0, 1.0}; }), 7);
}

/// Values of a strategy with two parameters.
struct Strategy {
  std::vector<double> centroid{0.5, -0.5}, pc{0.0, 0.0}, diagD{1.0, 2.0};
  Table<double> C = Table<double>(2, 2, 1.0);
  Table<double> B = Table<double>(2, 2, 1.0);
  double sigma = 0.4, cond = 4.0;

  bool meets(StoppingCriteria&& criterion) const {
    criterion.check({.gen = 3,
                     .fitness = {},
                     .centroid = centroid,
                     .pc = pc,
                     .diagD = diagD,
                     .C = &C,
                     .B = &B,
                     .sigma = sigma,
                     .cond = cond});
    return criterion.criteria_met;
  }
};

TEST(TolX, NeedsAllComponentsSmall) {
  Strategy strategy;
  EXPECT_FALSE(strategy.meets(TolX()));
  strategy.C = Table<double>(2, 2, 1e-25);
  EXPECT_TRUE(strategy.meets(TolX()));
  strategy.pc[1] = 1e-11;
  EXPECT_FALSE(strategy.meets(TolX()));
}

TEST(TolUpSigma, ComparesTheStepWithTheLargestEigenvalue) {
  Strategy strategy;
  strategy.sigma = 1.7e20;
  EXPECT_TRUE(strategy.meets(TolUpSigma(0.4)));
  EXPECT_FALSE(strategy.meets(TolUpSigma(0.5)));
}

TEST(ConditionCov, IsMetBeyondItsThreshold) {
  Strategy strategy;
  EXPECT_FALSE(strategy.meets(ConditionCov()));
  strategy.cond = 1.1e14;
  EXPECT_TRUE(strategy.meets(ConditionCov()));
}

TEST(NoEffectAxis, LooksAtOneAxisAGeneration) {
  Strategy strategy;
  EXPECT_FALSE(strategy.meets(NoEffectAxis(2)));
  strategy.B(1, 0) = strategy.B(1, 1) = 0.0;  // generation 3: the last axis
  EXPECT_TRUE(strategy.meets(NoEffectAxis(2)));
}

TEST(NoEffectCoor, IsMetByOneCoordinate) {
  Strategy strategy;
  EXPECT_FALSE(strategy.meets(NoEffectCoor()));
  strategy.C(1, 1) = 1e-18;
  EXPECT_TRUE(strategy.meets(NoEffectCoor()));
}

TEST(StoppingCriteria, RefuseAMemoryThatIsNotTheirs) {
  TolHistFun criterion(30, 2);
  const std::vector<double> memory(13, 1.0);
  try {
    criterion.restore(memory);
    FAIL();
  } catch (const CheckpointError& error) {
    EXPECT_STREQ(error.what(),
                 "error: the stopping criterion TolHistFun cannot have a memory of 13 numbers [checkpoint-state]");
  }
}

}  // namespace
}  // namespace cellwright::optimise
