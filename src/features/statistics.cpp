#include "features/statistics.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

namespace cellwright::features {
namespace {

double sum_block(std::span<const double> values) {
  if (values.size() < 8) return std::accumulate(values.begin(), values.end(), -0.0);
  std::array<double, 8> partial{};
  std::copy_n(values.begin(), 8, partial.begin());
  std::size_t i = 8;
  for (; i + 8 <= values.size(); i += 8) {
    for (std::size_t k = 0; k < 8; ++k) partial[k] += values[i + k];
  }
  double sum =
      ((partial[0] + partial[1]) + (partial[2] + partial[3])) + ((partial[4] + partial[5]) + (partial[6] + partial[7]));
  for (; i < values.size(); ++i) sum += values[i];
  return sum;
}

double pairwise_sum(std::span<const double> values) {
  if (values.size() <= 128) return sum_block(values);
  std::size_t half = values.size() / 2;
  half -= half % 8;
  return pairwise_sum(values.first(half)) + pairwise_sum(values.subspan(half));
}

template <class Better>
std::size_t first_extreme(std::span<const double> values, Better better) {
  std::size_t best = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) return i;
    if (better(values[i], values[best])) best = i;
  }
  return best;
}

}  // namespace

double plain_mean(std::span<const double> values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double median(std::vector<double> values) {
  for (const double value : values) {
    if (std::isnan(value)) return value;
  }
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return (*std::max_element(values.begin(), middle) + *middle) / 2.0;
}

void RunningMedian::add(double value) {
  sorted_.insert(std::upper_bound(sorted_.begin(), sorted_.end(), value), value);
}

double RunningMedian::value() const {
  const std::size_t n = sorted_.size();
  return n % 2 == 1 ? sorted_[n / 2] : (sorted_[n / 2 - 1] + sorted_[n / 2]) / 2.0;
}

double numpy_sum(std::span<const double> values) { return pairwise_sum(values); }

double numpy_mean(std::span<const double> values) { return pairwise_sum(values) / static_cast<double>(values.size()); }

double numpy_std(std::span<const double> values, int ddof) {
  const double mean = numpy_mean(values);
  std::vector<double> squares;
  squares.reserve(values.size());
  for (const double value : values) squares.push_back((value - mean) * (value - mean));
  return std::sqrt(pairwise_sum(squares) / (static_cast<double>(values.size()) - ddof));
}

std::size_t numpy_argmax(std::span<const double> values) {
  return first_extreme(values, [](double a, double b) { return a > b; });
}

std::size_t numpy_argmin(std::span<const double> values) {
  return first_extreme(values, [](double a, double b) { return a < b; });
}

}  // namespace cellwright::features
