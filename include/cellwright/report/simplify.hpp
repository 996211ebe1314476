#pragma once
/// Traces with few points that look the same at every zoom.

#include <cstddef>
#include <span>
#include <vector>

namespace cellwright::report {

/// A line through points.
struct Polyline {
  std::vector<double> x;
  std::vector<double> y;
  bool operator==(const Polyline&) const = default;
};

/// Samples of `y` such that the straight lines between them are nowhere farther from a left-out sample than
/// `tolerance`; first and last sample stay. One pass: the swinging-door algorithm.
/// @param x not decreasing, as long as `y`.
Polyline simplify(std::span<const double> x, std::span<const double> y, double tolerance);

/// The same with a tolerance of a thousandth of the range of `y`, doubled until at most `max_points` are left (at least
/// 2).
Polyline simplify_to(std::span<const double> x, std::span<const double> y, std::size_t max_points);

}  // namespace cellwright::report
