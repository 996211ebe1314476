#include "cellwright/numeric/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

constexpr double not_a_number = std::numeric_limits<double>::quiet_NaN();
constexpr std::size_t block_size = 128;
constexpr std::size_t partial_sums = 8;

double sum_of_block(std::span<const double> values) {
  std::array<double, partial_sums> part{};
  std::copy_n(values.begin(), partial_sums, part.begin());
  const std::size_t whole = values.size() - values.size() % partial_sums;
  for (std::size_t i = partial_sums; i < whole; i += partial_sums) {
    for (std::size_t j = 0; j < partial_sums; ++j) part[j] += values[i + j];
  }
  double total = ((part[0] + part[1]) + (part[2] + part[3])) + ((part[4] + part[5]) + (part[6] + part[7]));
  for (std::size_t i = whole; i < values.size(); ++i) total += values[i];
  return total;
}

/// @see NumPy's loops_utils.h, pairwise summation.
double pairwise_sum(std::span<const double> values) {
  if (values.size() < partial_sums) {
    double total = -0.0;
    for (const double value : values) total += value;
    return total;
  }
  if (values.size() <= block_size) return sum_of_block(values);
  const std::size_t half = values.size() / 2 / partial_sums * partial_sums;
  return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
}

std::vector<double> sorted(std::span<const double> values) {
  std::vector<double> copy(values.begin(), values.end());
  std::sort(copy.begin(), copy.end());
  return copy;
}

bool has_nan(std::span<const double> values) {
  return std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); });
}

/// Columns of powers of x, highest first, each divided by its length; y as the last column.
struct LeastSquares {
  std::vector<std::vector<double>> columns;
  std::vector<double> lengths;
};

LeastSquares scaled_vandermonde(std::span<const double> x, std::span<const double> y, std::size_t degree) {
  LeastSquares system;
  std::vector<double> power(x.size(), 1.0);
  for (std::size_t column = 0; column <= degree; ++column) {
    double squares = 0;
    for (const double value : power) squares += value * value;
    system.lengths.push_back(std::sqrt(squares));
    system.columns.push_back(power);
    for (double& value : system.columns.back()) value /= system.lengths.back();
    for (std::size_t i = 0; i < x.size(); ++i) power[i] *= x[i];
  }
  std::reverse(system.columns.begin(), system.columns.end());
  std::reverse(system.lengths.begin(), system.lengths.end());
  system.columns.emplace_back(y.begin(), y.end());
  return system;
}

/// Makes column `pivot` zero below row `pivot`, by a reflection of all columns from there on.
void reflect(std::vector<std::vector<double>>& columns, std::size_t pivot) {
  std::vector<double> direction(columns[pivot].begin() + static_cast<std::ptrdiff_t>(pivot), columns[pivot].end());
  double squares = 0;
  for (const double value : direction) squares += value * value;
  direction[0] += std::copysign(std::sqrt(squares), direction[0]);
  double scale = 0;
  for (const double value : direction) scale += value * value;
  if (scale == 0) return;
  for (std::size_t column = pivot; column < columns.size(); ++column) {
    double along = 0;
    for (std::size_t i = 0; i < direction.size(); ++i) along += direction[i] * columns[column][pivot + i];
    const double factor = 2.0 * along / scale;
    for (std::size_t i = 0; i < direction.size(); ++i) columns[column][pivot + i] -= factor * direction[i];
  }
}

}  // namespace

double sum(std::span<const double> values) { return 0.0 + pairwise_sum(values); }

double python_sum(std::span<const double> values) {
  double total = 0;
  for (const double value : values) total += value;
  return total;
}

double mean(std::span<const double> values) {
  return values.empty() ? not_a_number : sum(values) / static_cast<double>(values.size());
}

double standard_deviation(std::span<const double> values, std::size_t ddof) {
  if (values.size() <= ddof) return not_a_number;
  const double centre = mean(values);
  std::vector<double> squares;
  squares.reserve(values.size());
  for (const double value : values) squares.push_back((value - centre) * (value - centre));
  return std::sqrt(sum(squares) / static_cast<double>(values.size() - ddof));
}

double minimum(std::span<const double> values) {
  return values.empty() || has_nan(values) ? not_a_number : *std::min_element(values.begin(), values.end());
}

double maximum(std::span<const double> values) {
  return values.empty() || has_nan(values) ? not_a_number : *std::max_element(values.begin(), values.end());
}

double median(std::span<const double> values) {
  if (values.empty() || has_nan(values)) return not_a_number;
  const std::vector<double> ordered = sorted(values);
  const std::size_t middle = ordered.size() / 2;
  if (ordered.size() % 2 == 1) return ordered[middle];
  return (ordered[middle - 1] + ordered[middle]) / 2.0;
}

double percentile(std::span<const double> values, double percent) {
  if (!(percent >= 0 && percent <= 100)) throw InternalError(fmt::format("percentile {} is not in 0 to 100", percent));
  if (values.empty() || has_nan(values)) return not_a_number;
  const std::vector<double> ordered = sorted(values);
  const double place = static_cast<double>(ordered.size() - 1) * (percent / 100.0);
  const auto below = static_cast<std::size_t>(place);
  if (below + 1 >= ordered.size()) return ordered.back();
  const double weight = place - static_cast<double>(below);
  const double step = ordered[below + 1] - ordered[below];
  // NumPy counts from the nearer end.
  return weight >= 0.5 ? ordered[below + 1] - step * (1.0 - weight) : ordered[below] + step * weight;
}

std::vector<double> polyfit(std::span<const double> x, std::span<const double> y, std::size_t degree) {
  if (x.size() != y.size()) throw InternalError(fmt::format("polyfit: {} x and {} y", x.size(), y.size()));
  std::vector<double> coefficients(degree + 1, not_a_number);
  if (has_nan(x) || has_nan(y) || std::set<double>(x.begin(), x.end()).size() <= degree) return coefficients;
  LeastSquares system = scaled_vandermonde(x, y, degree);
  for (std::size_t pivot = 0; pivot <= degree; ++pivot) reflect(system.columns, pivot);
  for (std::size_t row = degree + 1; row-- > 0;) {
    double value = system.columns.back()[row];
    for (std::size_t column = row + 1; column <= degree; ++column) {
      value -= system.columns[column][row] * coefficients[column];
    }
    coefficients[row] = value / system.columns[row][row];
  }
  for (std::size_t i = 0; i <= degree; ++i) coefficients[i] /= system.lengths[i];
  return coefficients;
}

}  // namespace cellwright::numeric
