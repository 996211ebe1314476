#include "simulate/native/lane_history.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>

namespace cellwright::simulate::native {
namespace {

constexpr double least_factor_of_bent_points = 0.15;

/// Rounds weights to multiples of one power of two, 2^-22 of that below the largest, so that each of them and their sum
/// are floats. @returns the sum.
double round_together(std::array<double, history_points>& weights) {
  double largest = 0, sum = 0;
  for (const double weight : weights) largest = std::max(largest, std::fabs(weight));
  // 2^22 units are the power of two below the largest. To add so many of them that no bits behind a unit are left, and
  // to take them away again, rounds to the nearest whole number of units.
  constexpr std::uint64_t exponent = 0x7FF0000000000000U;
  const auto unit = std::bit_cast<double>(std::bit_cast<std::uint64_t>(largest) & exponent) * 0x1p-22;
  const double rounder = unit * 0x1.8p52;
  for (double& weight : weights) {
    weight = (weight + rounder) - rounder;
    sum += weight;
  }
  return sum;
}

}  // namespace

void StepCoefficients::fit_into_floats() {
  predictor[0] += 1 - round_together(predictor);
  a0 = -round_together(rate);
  voltage_rate[0] -= round_together(voltage_rate);
}

void StepCoefficients::go_on_to_next_order(double tau_ms, double part) {
  error_factor = (1 - part) / (1 + a0 * tau_ms);
  const double weight = part / tau_ms;
  a0 += weight;
  for (std::size_t j = 0; j < history_points; ++j) rate[j] -= weight * predictor[j];
}

void LaneHistory::start(double t_ms, int slot) {
  points_ = 1;
  smooth_points_ = history_points;
  t_[0] = t_ms;
  slot_[0] = slot;
}

void LaneHistory::push(double t_ms, int slot) {
  points_ = std::min(points_ + 1, history_points);
  smooth_points_ = std::min(smooth_points_ + 1, history_points);
  std::shift_right(t_.begin(), t_.end(), 1);
  std::shift_right(slot_.begin(), slot_.end(), 1);
  t_[0] = t_ms;
  slot_[0] = slot;
}

void LaneHistory::shorten(int points) { points_ = std::min(points_, points); }

bool LaneHistory::holds(int slot) const {
  return std::find(slot_.begin(), slot_.begin() + points_, slot) != slot_.begin() + points_;
}

/// Lagrange's formulas through the points at distances tau before the new time; that of the derivative at the new time
/// has the new point besides. Through one point more it would be larger by (x - prediction)/tau_q.
StepCoefficients LaneHistory::coefficients(double h_ms, int highest) const {
  StepCoefficients result;
  const int q = result.order = std::min(highest, points_);
  const int n = result.points = std::min(q + 1, points_);
  std::array<double, history_points> tau{};
  for (int j = 0; j < n; ++j) tau[static_cast<std::size_t>(j)] = h_ms + (t_[0] - t_[static_cast<std::size_t>(j)]);
  for (int j = 0; j < n; ++j) {
    const double own = tau[static_cast<std::size_t>(j)];
    double distances = 1, differences = 1;  // divided once: divisions are what this costs
    for (int i = 0; i < q; ++i) {
      const double other = tau[static_cast<std::size_t>(i)];
      if (i == j) continue;
      distances *= other;
      differences *= other - own;
    }
    double product = distances / differences;
    if (j < q) {
      const double inverse = 1 / own;
      result.a0 += inverse;
      result.rate[static_cast<std::size_t>(j)] = -product * inverse;
    }
    if (n > q && j < q) product *= tau[static_cast<std::size_t>(q)] / (tau[static_cast<std::size_t>(q)] - own);
    result.predictor[static_cast<std::size_t>(j)] = product;
  }
  // The higher differences of bent points know nothing of what began behind them.
  const bool bent = n > smooth_points_;
  result.error_factor = n == 1 ? error_factor_of_one_point : 0.5;
  if (n > q) result.go_on_to_next_order(tau[static_cast<std::size_t>(q)], bent ? 0 : part_of_next_order);
  if (bent) result.error_factor = std::max(result.error_factor, least_factor_of_bent_points);
  for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j)
    result.voltage_rate[j] = result.a0 * result.predictor[j] + result.rate[j];
  return result;
}

/// x' = p'(t) + (x - p(t)) / h with the prediction p. For what began at the newest point that is implicit Euler, which
/// gives a sudden current its whole charge; a formula of higher order, for which the current rises during the step,
/// half of it. The error is at most the difference to the prediction: of what is smooth 0.56 of it, where steps are
/// even.
StepCoefficients LaneHistory::coefficients_behind_kink(double h_ms) const {
  StepCoefficients result;
  const int n = result.points = points_;
  result.order = n - 1;
  result.a0 = 1 / h_ms;
  std::array<double, history_points> tau{};
  double inverse_sum = 0;
  for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j) {
    tau[j] = h_ms + (t_[0] - t_[j]);
    inverse_sum += 1 / tau[j];
  }
  for (std::size_t j = 0; j < static_cast<std::size_t>(n); ++j) {
    double product = 1;
    for (std::size_t i = 0; i < static_cast<std::size_t>(n); ++i) {
      if (i != j) product *= tau[i] / (tau[i] - tau[j]);
    }
    result.predictor[j] = product;
    result.voltage_rate[j] = product * (inverse_sum - 1 / tau[j]);
    result.rate[j] = result.voltage_rate[j] - result.a0 * product;
  }
  return result;
}

}  // namespace cellwright::simulate::native
