#include "cellwright/optimise/variation.hpp"

#include <algorithm>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

const std::vector<Bounds> three_bounds{{-2.0, 3.0}, {0.0, 1.0}, {10.0, 50.0}};

/// How many draws `random` made since it was seeded with `seed`.
int draws_since(std::int64_t seed, numeric::PythonRandom random) {
  numeric::PythonRandom other(seed);
  const double next = random.random();
  int draws = 0;
  while (other.random() != next) ++draws;
  return draws;
}

TEST(DrawUniform, GivesPythonsUniformStream) {
  numeric::PythonRandom random(1);
  std::vector<double> values(3);

  draw_uniform(values, three_bounds, random);

  // First individual of the toy run of BluePyOpt.
  EXPECT_THAT(values, ElementsAre(-1.328178779437994, 0.8474337369372327, 40.55098475906456));
}

TEST(SimulatedBinaryCrossover, LeavesEqualGenesAndDrawsOnceForEach) {
  numeric::PythonRandom random(5);
  std::vector<double> a{1.0, 0.5, 20.0};
  std::vector<double> b{1.0, 0.5 + 5e-15, 20.0};

  simulated_binary_crossover(a, b, 10.0, three_bounds, random);

  EXPECT_THAT(a, ElementsAre(1.0, 0.5, 20.0));
  EXPECT_EQ(draws_since(5, random), 3);
}

TEST(SimulatedBinaryCrossover, StaysWithinBoundsFromTheirCorners) {
  for (std::int64_t seed = 0; seed < 200; ++seed) {
    numeric::PythonRandom random(seed);
    std::vector<double> a{-2.0, 1.0, 10.0};
    std::vector<double> b{3.0, 0.0, 50.0};

    simulated_binary_crossover(a, b, 0.5, three_bounds, random);

    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_GE(std::min(a[i], b[i]), three_bounds[i].lower);
      EXPECT_LE(std::max(a[i], b[i]), three_bounds[i].upper);
    }
  }
}

TEST(PolynomialMutation, MovesAboutHalfOfTheGenesAndStaysWithinBounds) {
  int moved = 0;
  for (std::int64_t seed = 0; seed < 1000; ++seed) {
    numeric::PythonRandom random(seed);
    std::vector<double> values{0.5};
    polynomial_mutation(values, 20.0, std::vector<Bounds>{{0.0, 1.0}}, 0.5, random);
    moved += values[0] != 0.5 ? 1 : 0;
    EXPECT_GE(values[0], 0.0);
    EXPECT_LE(values[0], 1.0);
  }
  EXPECT_GT(moved, 430);
  EXPECT_LT(moved, 570);
}

TEST(PolynomialMutation, StepsGetSmallerWithEta) {
  const auto spread = [](double eta) {
    double sum = 0.0;
    for (std::int64_t seed = 0; seed < 500; ++seed) {
      numeric::PythonRandom random(seed);
      std::vector<double> values{0.5};
      polynomial_mutation(values, eta, std::vector<Bounds>{{0.0, 1.0}}, 1.0, random);
      sum += std::abs(values[0] - 0.5);
    }
    return sum;
  };

  EXPECT_LT(spread(100.0), 0.2 * spread(5.0));
}

TEST(Vary, DrawsDecisionsEvenWhereNothingChanges) {
  numeric::PythonRandom random(3);
  Table<double> rows(5, 3, 0.5);

  const std::vector<Varied> varied = vary(rows, {.mutpb = 0.0, .cxpb = 0.0}, three_bounds, random);

  EXPECT_EQ(rows, Table<double>(5, 3, 0.5));
  EXPECT_EQ(draws_since(3, random), 2 + 5);
  for (const Varied& row : varied) EXPECT_FALSE(row.changed());
}

TEST(Vary, DoesNotCrossAnOddLastRow) {
  numeric::PythonRandom random(3);
  Table<double> rows(3, 3, 0.5);

  const std::vector<Varied> varied = vary(rows, {.mutpb = 0.0, .cxpb = 1.0}, three_bounds, random);

  EXPECT_TRUE(varied[0].crossed);
  EXPECT_TRUE(varied[1].crossed);
  EXPECT_FALSE(varied[2].changed());
}

}  // namespace
}  // namespace cellwright::optimise
