#include "cellwright/report/simplify.hpp"

#include <algorithm>
#include <cmath>
#include <random>

#include <gtest/gtest.h>

namespace cellwright::report {
namespace {

/// The largest distance of a sample from the line.
double worst_distance(const Polyline& line, const std::vector<double>& x, const std::vector<double>& y) {
  double worst = 0;
  std::size_t k = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    while (k + 2 < line.x.size() && line.x[k + 1] < x[i]) ++k;
    const double width = line.x[k + 1] - line.x[k];
    const double t = width > 0 ? (x[i] - line.x[k]) / width : 1;
    worst = std::max(worst, std::abs(line.y[k] + t * (line.y[k + 1] - line.y[k]) - y[i]));
  }
  return worst;
}

/// Spikes on a slow wave, with some noise.
std::pair<std::vector<double>, std::vector<double>> spiky_trace(double noise) {
  std::mt19937 random(1);
  std::vector<double> x, y;
  for (int i = 0; i < 40000; ++i) {
    const double t = 0.025 * i, phase = std::fmod(t, 50.0);
    x.push_back(t);
    y.push_back(-70 + 5 * std::sin(t / 100) + 100 * std::exp(-(phase - 25) * (phase - 25)) +
                noise * (static_cast<double>(random()) / 4294967296.0 - 0.5));
  }
  return {x, y};
}

TEST(Simplify, KeepsOnlyTheCornersOfStraightLines) {
  const std::vector<double> x = {0, 1, 2, 3, 4, 5, 6}, y = {0, 0, 0, 1, 2, 3, 4};

  EXPECT_EQ(simplify(x, y, 1e-9), (Polyline{{0, 2, 6}, {0, 0, 4}}));
}

TEST(Simplify, KeepsBothSidesOfAJump) {
  const std::vector<double> x = {0, 1, 2, 2, 3, 4}, y = {0, 0, 0, 5, 5, 5};

  EXPECT_EQ(simplify(x, y, 0.1), (Polyline{{0, 2, 2, 4}, {0, 0, 5, 5}}));
}

TEST(Simplify, IsNowhereFartherThanTheTolerance) {
  const auto [x, y] = spiky_trace(0.3);

  for (const double tolerance : {0.01, 0.1, 1.0, 10.0}) {
    const Polyline line = simplify(x, y, tolerance);
    EXPECT_LE(worst_distance(line, x, y), tolerance * (1 + 1e-9)) << tolerance;
  }
}

TEST(Simplify, ShrinksATraceToAFewPointsASpike) {
  const auto [x, y] = spiky_trace(0);

  const Polyline line = simplify_to(x, y, 6000);

  EXPECT_LT(line.x.size(), 1500U);
  EXPECT_LE(worst_distance(line, x, y), 0.2);
}

TEST(Simplify, KeepsToTheNumberOfPointsWhateverTheNoise) {
  const auto [x, y] = spiky_trace(20);

  const Polyline line = simplify_to(x, y, 500);

  EXPECT_LE(line.x.size(), 500U);
  EXPECT_EQ(line.x.front(), x.front());
  EXPECT_EQ(line.x.back(), x.back());
}

TEST(Simplify, TakesEmptyAndConstantTraces) {
  const std::vector<double> none, x = {0, 1, 2}, y = {3, 3, 3}, one = {7};

  EXPECT_EQ(simplify_to(none, none, 10), Polyline{});
  EXPECT_EQ(simplify_to(x, y, 10), (Polyline{{0, 2}, {3, 3}}));
  EXPECT_EQ(simplify_to(one, one, 10), (Polyline{{7}, {7}}));
}

}  // namespace
}  // namespace cellwright::report
