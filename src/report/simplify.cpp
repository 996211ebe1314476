#include "cellwright/report/simplify.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace cellwright::report {
namespace {

/// The slopes with which a line from the last kept sample passes every sample since at most `tolerance` away.
class Door {
 public:
  Door(double x, double y, double tolerance) : x_(x), y_(y), tolerance_(tolerance) {}

  /// Whether a line from the kept sample to this one passes all samples between; they must have been taken in.
  bool reaches(double x, double y) const {
    const double slope = slope_to(x, y);
    return low_ <= slope && slope <= high_;
  }
  void take_in(double x, double y) {
    low_ = std::max(low_, slope_to(x, y - tolerance_));
    high_ = std::min(high_, slope_to(x, y + tolerance_));
  }

 private:
  /// A jump (two samples at one time) has an infinite slope, which no line to a later sample has: both ends stay.
  double slope_to(double x, double y) const {
    if (x > x_) return (y - y_) / (x - x_);
    return std::copysign(std::numeric_limits<double>::infinity(), y - y_);
  }

  double x_, y_, tolerance_;
  double low_ = -std::numeric_limits<double>::infinity(), high_ = std::numeric_limits<double>::infinity();
};

}  // namespace

Polyline simplify(std::span<const double> x, std::span<const double> y, double tolerance) {
  Polyline line;
  const auto keep = [&](std::size_t i) {
    line.x.push_back(x[i]);
    line.y.push_back(y[i]);
  };
  if (x.empty()) return line;
  keep(0);
  Door door(x[0], y[0], tolerance);
  for (std::size_t i = 1; i < x.size(); ++i) {
    if (!door.reaches(x[i], y[i])) {
      keep(i - 1);
      door = Door(x[i - 1], y[i - 1], tolerance);
    }
    door.take_in(x[i], y[i]);
  }
  if (x.size() > 1) keep(x.size() - 1);
  return line;
}

Polyline simplify_to(std::span<const double> x, std::span<const double> y, std::size_t max_points) {
  if (x.empty()) return {};
  const auto [low, high] = std::ranges::minmax(y);
  const std::size_t limit = std::max<std::size_t>(max_points, 2);
  double tolerance = (high - low) / 1000;
  Polyline line = simplify(x, y, tolerance);
  while (line.x.size() > limit) {
    tolerance *= 2;
    line = simplify(x, y, tolerance);
  }
  return line;
}

}  // namespace cellwright::report
