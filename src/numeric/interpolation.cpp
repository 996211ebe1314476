#include "cellwright/numeric/interpolation.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

void check_points(std::span<const double> xp, std::span<const double> fp) {
  if (xp.empty() || xp.size() != fp.size()) {
    throw InternalError(fmt::format("interpolate: {} abscissae and {} values", xp.size(), fp.size()));
  }
}

/// The number of xp that are <= x, looked for near `guess` first.
std::size_t count_not_above(double x, std::span<const double> xp, std::size_t guess) {
  for (std::size_t i = guess; i < std::min(guess + 3, xp.size() + 1); ++i) {
    if ((i == 0 || xp[i - 1] <= x) && (i == xp.size() || x < xp[i])) return i;
  }
  return static_cast<std::size_t>(std::upper_bound(xp.begin(), xp.end(), x) - xp.begin());
}

double between(double x, std::span<const double> xp, std::span<const double> fp, std::size_t j) {
  const double slope = (fp[j + 1] - fp[j]) / (xp[j + 1] - xp[j]);
  const double forwards = slope * (x - xp[j]) + fp[j];
  if (!std::isnan(forwards)) return forwards;
  // An infinite value or abscissa on the left: NumPy tries from the right.
  const double backwards = slope * (x - xp[j + 1]) + fp[j + 1];
  return std::isnan(backwards) && fp[j] == fp[j + 1] ? fp[j] : backwards;
}

double value_at(double x, std::span<const double> xp, std::span<const double> fp, std::size_t count) {
  if (count == 0) return fp.front();
  const std::size_t j = count - 1;
  return j + 1 == xp.size() || xp[j] == x ? fp[j] : between(x, xp, fp, j);
}

}  // namespace

double interpolate(double x, std::span<const double> xp, std::span<const double> fp) {
  check_points(xp, fp);
  return std::isnan(x) ? x : value_at(x, xp, fp, count_not_above(x, xp, 0));
}

std::vector<double> interpolate(std::span<const double> x, std::span<const double> xp, std::span<const double> fp) {
  check_points(xp, fp);
  std::vector<double> result;
  result.reserve(x.size());
  std::size_t count = 0;
  for (const double value : x) {
    if (std::isnan(value)) {
      result.push_back(value);
      continue;
    }
    count = count_not_above(value, xp, count);
    result.push_back(value_at(value, xp, fp, count));
  }
  return result;
}

}  // namespace cellwright::numeric
