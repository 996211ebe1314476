#include "simulate/native/lane_history.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace cellwright::simulate::native {
namespace {

/// A history at uneven times, newest last, up to t = 3.
LaneHistory history_of(int points) {
  const double times[] = {0.4, 1.1, 1.9, 2.2, 3.0};
  LaneHistory history;
  history.start(times[5 - points], 0);
  for (int k = 6 - points; k < 5; ++k) history.push(times[k], k % 6);
  return history;
}

TEST(LaneHistoryTest, FormulasAreExactForPolynomialsOfTheirOrder) {
  for (int points = 1; points <= history_points; ++points) {
    const LaneHistory history = history_of(points);
    const double h = 0.7, t = 3.0 + h;
    const StepCoefficients c = history.coefficients(h, LaneHistory::highest_order);
    EXPECT_EQ(c.order, std::min(points, 4));
    for (int degree = 0; degree <= c.order; ++degree) {
      double predicted = 0, slope = c.a0 * std::pow(t, degree);
      for (int age = 0; age < history.points(); ++age) {
        const double x = std::pow(history.time_ms(age), degree);
        predicted += c.predictor[static_cast<std::size_t>(age)] * x;
        slope += c.rate[static_cast<std::size_t>(age)] * x;
      }
      if (degree < c.points) {
        EXPECT_NEAR(predicted, std::pow(t, degree), 1e-9 * std::pow(t, degree));
      }
      EXPECT_NEAR(slope, degree == 0 ? 0.0 : degree * std::pow(t, degree - 1), 1e-8)
          << points << " points, t^" << degree;
    }
  }
}

TEST(LaneHistoryTest, BehindAKinkWhatIsNewIsFollowedByImplicitEuler) {
  for (int points = 2; points <= history_points; ++points) {
    const LaneHistory history = history_of(points);
    const double h = 0.7, t = 3.0 + h;
    const StepCoefficients c = history.coefficients_behind_kink(h);
    EXPECT_EQ(c.points, points);
    EXPECT_EQ(c.a0, 1 / h) << "x' of what is zero at all points of the history";
    for (int degree = 0; degree < points; ++degree) {
      double predicted = 0, slope = c.a0 * std::pow(t, degree);
      for (int age = 0; age < points; ++age) {
        const double x = std::pow(history.time_ms(age), degree);
        predicted += c.predictor[static_cast<std::size_t>(age)] * x;
        slope += c.rate[static_cast<std::size_t>(age)] * x;
      }
      EXPECT_NEAR(predicted, std::pow(t, degree), 1e-9 * std::pow(t, degree));
      EXPECT_NEAR(slope, degree == 0 ? 0.0 : degree * std::pow(t, degree - 1), 1e-8)
          << points << " points, t^" << degree;
    }
  }
}

TEST(LaneHistoryTest, BentPointsAreNotTrustedToTellTheError) {
  LaneHistory history = history_of(history_points);
  const double trusted = history.coefficients(0.5, LaneHistory::highest_order).error_factor;
  history.bend();
  for (int step = 0; step < 5; ++step) {
    history.push(3.5 + 0.5 * step, step);
    const double factor = history.coefficients(0.5, LaneHistory::highest_order).error_factor;
    if (step < 3) {
      EXPECT_GT(factor, trusted);
    } else {
      EXPECT_LT(factor, 0.1) << "all points came behind the kink, or are the kink";
    }
  }
}

TEST(LaneHistoryTest, WeightsInFloatsKeepConstantsExactly) {
  const auto sum = [](const std::array<double, history_points>& weights) {
    return std::accumulate(weights.begin(), weights.end(), 0.0);
  };
  const auto largest_of = [](const std::array<double, history_points>& weights) {
    double largest = 0;
    for (const double weight : weights) largest = std::max(largest, std::fabs(weight));
    return largest;
  };
  const auto expect_floats = [&](const std::array<double, history_points>& weights,
                                 const std::array<double, history_points>& exact) {
    const double largest = largest_of(exact);
    for (std::size_t k = 0; k < weights.size(); ++k) {
      EXPECT_EQ(weights[k], static_cast<double>(static_cast<float>(weights[k])));
      EXPECT_NEAR(weights[k], exact[k], 1e-6 * largest);
    }
  };
  for (int points = 1; points <= history_points; ++points) {
    for (const double h : {1e-6, 0.0123, 0.7, 9.0}) {
      const StepCoefficients exact = history_of(points).coefficients(h, LaneHistory::highest_order);
      StepCoefficients c = exact;
      c.fit_into_floats();
      EXPECT_EQ(sum(c.predictor), 1.0);
      EXPECT_EQ(sum(c.rate), -c.a0);
      EXPECT_EQ(sum(c.voltage_rate), 0.0);
      EXPECT_EQ(c.a0, static_cast<double>(static_cast<float>(c.a0)));
      EXPECT_NEAR(c.a0, exact.a0, 1e-6 * largest_of(exact.rate));
      expect_floats(c.predictor, exact.predictor);
      expect_floats(c.rate, exact.rate);
      expect_floats(c.voltage_rate, exact.voltage_rate);
    }
  }
}

TEST(LaneHistoryTest, OrderCanBeBoundedAndHistoryShortened) {
  LaneHistory history = history_of(5);
  EXPECT_EQ(history.coefficients(0.1, 2).order, 2);
  EXPECT_EQ(history.coefficients(0.1, 2).points, 3);
  history.shorten(2);
  EXPECT_EQ(history.coefficients(0.1, 4).order, 2);
  EXPECT_EQ(history.coefficients(0.1, 4).points, 2);
}

TEST(LaneHistoryTest, ErrorOfAFormulaIsEstimatedFromThePrediction) {
  // x = t^(q+1): the formula's error is what the factor makes of the distance between formula and prediction.
  for (int points = 2; points <= history_points; ++points) {
    const LaneHistory history = history_of(points);
    const double h = 0.05, t = 3.0 + h;
    const int order = std::min(points - 1, 4);
    const StepCoefficients c = history.coefficients(h, order);
    const double slope = (order + 1) * std::pow(t, order);
    double predicted = 0, solution = slope;
    for (int age = 0; age < c.points; ++age) {
      const double x = std::pow(history.time_ms(age), order + 1);
      predicted += c.predictor[static_cast<std::size_t>(age)] * x;
      solution -= c.rate[static_cast<std::size_t>(age)] * x;
    }
    solution /= c.a0;
    const double error = std::fabs(solution - std::pow(t, order + 1));
    EXPECT_NEAR(c.error_factor * std::fabs(solution - predicted), error, 1e-6 * error) << points << " points";
  }
}

}  // namespace
}  // namespace cellwright::simulate::native
