#pragma once
/// The recorded values of one lane of the variable step, between its steps too.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "simulate/native/history_points.hpp"

namespace cellwright::simulate::native {

/// The polynomial through the newest values of each recording, as the step's own prediction is one.
class DenseOutput {
 public:
  /// Starts a trace at t = 0.
  /// @param interval_ms  sample at 0, interval, 2 interval ... (added up) and at the end. 0: every step, both sides of
  ///   discontinuities, and so many points between that straight lines are nowhere off by more than `accuracy`, nor by
  ///   more than 1e-4 of the recording's largest magnitude so far.
  void begin(double duration_ms, double interval_ms, double accuracy, std::span<const double> values);
  /// The end of an accepted step; `points` values (this one included) lie on its polynomial.
  void accept(double t_ms, std::span<const double> values, int points);
  /// The same for a step with coefficients_behind_kink(): `points` values before this one lie on the polynomial that
  /// was predicted, and what differs from it is a straight line from the last time on.
  void accept_behind_kink(double t_ms, std::span<const double> values, int points);
  /// What follows is no continuation of what was before.
  /// @param values  at the last time, behind the discontinuity.
  void restart(std::span<const double> values);
  /// The same where what follows is a continuation but for a jump.
  void jump(std::span<const double> values);

  std::span<const double> time() const { return time_; }
  std::span<const double> trace(std::size_t recording) const { return traces_[recording]; }

 private:
  static constexpr int most_points = history_points;

  void divide_differences(int points);
  void add_to_differences(int newest, int points);
  double value_at(std::size_t recording, double t_ms, int points) const;
  void sample(int points);
  void refine(int points);
  void append(double t_ms, std::span<const double> values);

  double duration_ms_ = 0, interval_ms_ = 0, accuracy_ = 0, next_ms_ = 0;
  std::array<double, most_points> t_{};  ///< newest first
  std::vector<std::array<double, most_points>> values_, differences_;
  int divided_ = 0;  ///< the newest points that `differences_` are of; 0: of none
  std::vector<double> largest_;  ///< magnitude so far
  std::vector<double> time_;
  std::vector<std::vector<double>> traces_;
};

}  // namespace cellwright::simulate::native
