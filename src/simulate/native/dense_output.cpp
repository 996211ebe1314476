#include "simulate/native/dense_output.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace cellwright::simulate::native {
namespace {

/// Of a recording's largest value so far: how far a straight line may be off, however small the values are.
constexpr double largest_part = 1e-4;

}  // namespace

void DenseOutput::begin(double duration_ms, double interval_ms, double accuracy, std::span<const double> values) {
  duration_ms_ = duration_ms;
  interval_ms_ = next_ms_ = interval_ms;
  accuracy_ = accuracy;
  time_.clear();
  traces_.resize(values.size());
  values_.resize(values.size());
  differences_.resize(values.size());
  largest_.assign(values.size(), 0.0);
  const std::size_t samples = interval_ms > 0 ? static_cast<std::size_t>(duration_ms / interval_ms) + 4 : 0;
  time_.reserve(samples);
  for (std::vector<double>& trace : traces_) {
    trace.clear();
    trace.reserve(samples);
  }
  t_[0] = 0;
  divided_ = 0;
  for (std::size_t r = 0; r < values.size(); ++r) values_[r][0] = values[r];
  append(0.0, values);
}

void DenseOutput::append(double t_ms, std::span<const double> values) {
  time_.push_back(t_ms);
  for (std::size_t r = 0; r < values.size(); ++r) traces_[r].push_back(values[r]);
}

void DenseOutput::restart(std::span<const double> values) {
  bool jumps = false;
  divided_ = 0;
  for (std::size_t r = 0; r < values.size(); ++r) {
    jumps = jumps || values[r] != values_[r][0];
    values_[r][0] = values[r];
  }
  if (jumps && interval_ms_ == 0) append(t_[0], values);
}

void DenseOutput::jump(std::span<const double> values) {
  for (std::size_t r = 0; r < values.size(); ++r) {
    for (std::size_t k = 1; k < most_points; ++k) values_[r][k] += values[r] - values_[r][0];
  }
  restart(values);
}

void DenseOutput::accept_behind_kink(double t_ms, std::span<const double> values, int points) {
  divide_differences(points);
  for (std::size_t r = 0; r < values.size(); ++r) {
    const double slope = (values[r] - value_at(r, t_ms, points)) / (t_ms - t_[0]);
    for (std::size_t k = 1; k < static_cast<std::size_t>(points); ++k) values_[r][k] += slope * (t_[k] - t_[0]);
  }
  divided_ = 0;
  accept(t_ms, values, std::min(points + 1, most_points));
}

void DenseOutput::accept(double t_ms, std::span<const double> values, int points) {
  std::shift_right(t_.begin(), t_.end(), 1);
  t_[0] = t_ms;
  for (std::size_t r = 0; r < values.size(); ++r) {
    std::shift_right(values_[r].begin(), values_[r].end(), 1);
    values_[r][0] = values[r];
  }
  if (divided_ > 0 && divided_ >= points - 1) {
    add_to_differences(0, points);
  } else {
    divide_differences(points);
  }
  if (interval_ms_ > 0) {
    sample(points);
    if (t_ms == duration_ms_) append(t_ms, values);
  } else {
    refine(points);
    append(t_ms, values);
  }
}

/// Newton's form of the polynomial through the newest `points` values.
void DenseOutput::divide_differences(int points) {
  for (int newest = points; newest-- > 0;) add_to_differences(newest, points);
}

/// From the differences of the points behind `newest`, up to `points` in all, makes those with it: the values of one
/// more level for each of them.
void DenseOutput::add_to_differences(int newest, int points) {
  const auto first = static_cast<std::size_t>(newest), n = static_cast<std::size_t>(points);
  std::array<double, most_points> inverse;  // divisions are what this costs
  for (std::size_t k = first + 1; k < n; ++k) inverse[k] = 1 / (t_[k] - t_[first]);
  for (std::size_t r = 0; r < values_.size(); ++r) {
    std::array<double, most_points>& c = differences_[r];
    double before = std::exchange(c[0], values_[r][first]);
    for (std::size_t k = first + 1; k < n; ++k)
      before = std::exchange(c[k - first], (before - c[k - first - 1]) * inverse[k]);
  }
  divided_ = points - newest;
}

double DenseOutput::value_at(std::size_t recording, double t_ms, int points) const {
  const std::array<double, most_points>& c = differences_[recording];
  auto k = static_cast<std::size_t>(points - 1);
  double value = c[k];
  while (k > 0) {
    --k;
    value = value * (t_ms - t_[k]) + c[k];
  }
  return value;
}

void DenseOutput::sample(int points) {
  const std::size_t first = time_.size();
  for (; next_ms_ <= t_[0] && next_ms_ < duration_ms_; next_ms_ += interval_ms_) time_.push_back(next_ms_);
  for (std::size_t r = 0; r < traces_.size(); ++r) {
    for (std::size_t k = first; k < time_.size(); ++k) traces_[r].push_back(value_at(r, time_[k], points));
  }
}

/// Halves the parts of the step until the middle of every part is near its straight line.
void DenseOutput::refine(int points) {
  constexpr int most_parts = 256;
  const double begin = t_[1], length = t_[0] - t_[1];
  int parts = 1;
  const auto allowed = [&](std::size_t r) {
    for (int k = 0; k < 2; ++k) largest_[r] = std::max(largest_[r], std::fabs(values_[r][static_cast<std::size_t>(k)]));
    return std::max(std::min(accuracy_, largest_part * largest_[r]), 1e-300);
  };
  const auto worst = [&] {
    double result = 0;
    for (std::size_t r = 0; r < traces_.size(); ++r) {
      double left = value_at(r, begin, points);
      for (int k = 0; k < parts; ++k) {
        const double right = value_at(r, begin + length * (k + 1) / parts, points);
        const double middle = value_at(r, begin + length * (k + 0.5) / parts, points);
        result = std::max(result, std::fabs(middle - (left + right) / 2) / allowed(r));
        left = right;
      }
    }
    return result;
  };
  // The middle is not where the line is farthest off: half of the accuracy is kept back.
  while (parts < most_parts && worst() > 0.5) parts *= 2;
  for (int k = 1; k < parts; ++k) {
    const double t = begin + length * k / parts;
    time_.push_back(t);
    for (std::size_t r = 0; r < traces_.size(); ++r) traces_[r].push_back(value_at(r, t, points));
  }
}

}  // namespace cellwright::simulate::native
