#include "simulate/native/dense_output.hpp"

#include <array>
#include <cmath>

#include <gtest/gtest.h>

namespace cellwright::simulate::native {
namespace {

double cubic(double t) { return 1 + t * (0.5 + t * (-0.25 + 0.125 * t)); }

TEST(DenseOutputTest, SamplesFollowThePolynomialOnTheGridAndEndAtTheEnd) {
  DenseOutput output;
  output.begin(3.0, 0.1, 0.01, std::array{cubic(0.0)});
  int points = 1;
  for (const double t : {0.05, 0.4, 1.2, 2.0, 3.0}) output.accept(t, std::array{cubic(t)}, std::min(++points, 5));

  double sum = 0;
  ASSERT_EQ(output.time().size(), output.trace(0).size());
  for (std::size_t k = 0; k + 1 < output.time().size(); ++k, sum += 0.1) {
    EXPECT_EQ(output.time()[k], sum) << "eFEL's grid is added up";
    if (output.time()[k] > 1.2) {
      EXPECT_NEAR(output.trace(0)[k], cubic(output.time()[k]), 1e-12);
    }
  }
  EXPECT_EQ(output.time().back(), 3.0);
  EXPECT_EQ(output.trace(0).back(), cubic(3.0));
}

TEST(DenseOutputTest, StraightLinesBetweenThePointsOfEveryStepAreNearTheSolution) {
  DenseOutput output;
  const auto wave = [](double t) { return 80 * std::sin(t); };
  output.begin(4.0, 0, 0.01, std::array{wave(0.0)});
  int points = 1;
  for (int k = 1; k <= 40; ++k) output.accept(0.1 * k, std::array{wave(0.1 * k)}, std::min(++points, 5));

  const auto time = output.time();
  const auto trace = output.trace(0);
  EXPECT_LT(time.size(), 1000U);
  for (std::size_t k = 10; k < time.size(); ++k) {
    const double middle = (time[k - 1] + time[k]) / 2;
    EXPECT_NEAR((trace[k - 1] + trace[k]) / 2, wave(middle), 0.01) << "at " << middle;
  }
}

TEST(DenseOutputTest, BothSidesOfAJumpAreWritten) {
  DenseOutput output;
  output.begin(2.0, 0, 0.01, std::array{1.0, 5.0});
  output.accept(1.0, std::array{1.0, 5.0}, 2);
  output.restart(std::array{1.0, 7.0});
  output.accept(2.0, std::array{1.0, 7.0}, 2);

  ASSERT_EQ(output.time().size(), 4U);
  EXPECT_EQ(output.time()[1], output.time()[2]);
  EXPECT_EQ(output.trace(1)[1], 5.0);
  EXPECT_EQ(output.trace(1)[2], 7.0);
}

/// A cubic that jumps by 2 at t = 2 and has another slope from there on.
TEST(DenseOutputTest, GoesOnThroughAJumpAndAKink) {
  DenseOutput output;
  output.begin(4.0, 0.1, 0.01, std::array{cubic(0.0)});
  int points = 1;
  for (const double t : {0.3, 0.9, 1.4, 2.0}) output.accept(t, std::array{cubic(t)}, ++points);
  const auto behind = [](double t) { return cubic(t) + 2 - 0.7 * (t - 2); };
  output.jump(std::array{behind(2)});
  output.accept_behind_kink(2.5, std::array{behind(2.5)}, 5);
  output.accept(4.0, std::array{behind(4.0)}, 5);

  ASSERT_EQ(output.trace(0).size(), 41U);
  for (std::size_t k = 15; k < 41; ++k) {
    const double t = output.time()[k];
    if (k != 20) {
      EXPECT_NEAR(output.trace(0)[k], t < 2 ? cubic(t) : behind(t), 1e-9) << "at " << t;
    }
  }
}

}  // namespace
}  // namespace cellwright::simulate::native
