#pragma once
/// The times of one lane's history, and the coefficients of a step from it.

#include <array>

#include "simulate/native/history_points.hpp"

namespace cellwright::simulate::native {

/// A step by h from the newest point of a history. Points are counted by age, 0 the newest.
struct StepCoefficients {
  int order = 1;   ///< of the formula
  int points = 1;  ///< that the prediction uses
  double a0 = 0;   ///< x' at the new time = a0 x + sum of rate[j] x_j
  std::array<double, history_points> predictor{}, rate{};
  std::array<double, history_points> voltage_rate{};  ///< a0 predictor + rate: x' of a prediction
  double error_factor = 1;                            ///< local error = this times (solution - prediction)

  /// Rounds a0 and the weights so that each is a float and sums over them are exact: what is constant in time stays so.
  /// Weights that are rounded one by one let slow unknowns drift, in one direction as long as the step has one length.
  void fit_into_floats();
  /// For a prediction of one order more: `part` of the way to the formula of that order, and the error that is left.
  /// @param tau_ms  from the prediction's oldest point to the new time
  void go_on_to_next_order(double tau_ms, double part);
};

class LaneHistory {
 public:
  static constexpr int highest_order = history_points - 1;
  /// Of what the next higher order would add to a formula, x' += (x - prediction)/tau_q with its order q: so much less
  /// error, at little stability. A numerical differentiation formula (Shampine and Reichelt, The MATLAB ODE suite, SIAM
  /// J. Sci. Comput. 18 (1997), table 2, where kappa = -0.0415 of order 4 is a part of 0.43).
  static constexpr double part_of_next_order = 0.25;
  /// StepCoefficients::error_factor where the prediction is the newest point.
  static constexpr double error_factor_of_one_point = 0.3;

  /// Forgets everything but one point, in slot `slot` of the ring.
  void start(double t_ms, int slot);
  /// Nothing at all: a lane that does not run.
  void clear() { points_ = 0; }
  /// A new newest point; the oldest of history_points is dropped.
  void push(double t_ms, int slot);
  /// Forgets the oldest points, so that `points` (at least 1) stay.
  void shorten(int points);

  int points() const { return points_; }
  double time_ms(int age) const { return t_[static_cast<std::size_t>(age)]; }
  int slot(int age) const { return slot_[static_cast<std::size_t>(age)]; }
  void move(int age, int slot) { slot_[static_cast<std::size_t>(age)] = slot; }
  bool holds(int slot) const;
  StepCoefficients coefficients(double h_ms, int highest) const;
  /// Of the first step behind a kink at the newest point: what differs from the prediction through all points began
  /// there, and is followed by implicit Euler. Behind it the older points have to be bent (HistoryRing::bend).
  /// Needs two points at least.
  StepCoefficients coefficients_behind_kink(double h_ms) const;
  /// The points older than the newest are no longer what was there, but what goes on smoothly into the next step.
  void bend() { smooth_points_ = 1; }

 private:
  int points_ = 0;
  int smooth_points_ = history_points;  ///< the newest ones that nobody has bent
  std::array<double, history_points> t_{};
  std::array<int, history_points> slot_{};
};

}  // namespace cellwright::simulate::native
