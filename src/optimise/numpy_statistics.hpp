#pragma once
/// Sums and moments that equal NumPy's bit for bit.

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// NumPy's pairwise order of summation over contiguous doubles: fewer than 8 in sequence; up to 128 in eight
/// interleaved sums; more in two halves, the first a multiple of 8 long.
inline double numpy_sum(std::span<const double> values) {
  const std::size_t n = values.size();
  if (n > 128) {
    const std::size_t half = n / 2 - n / 2 % 8;
    return numpy_sum(values.first(half)) + numpy_sum(values.subspan(half));
  }
  double total = 0.0;
  std::size_t i = 0;
  if (n >= 8) {
    double r[8] = {};
    for (; i + 8 <= n; i += 8)
      for (std::size_t j = 0; j < 8; ++j) r[j] += values[i + j];
    total = ((r[0] + r[1]) + (r[2] + r[3])) + ((r[4] + r[5]) + (r[6] + r[7]));
  }
  for (; i < n; ++i) total += values[i];
  return total;
}

inline double numpy_mean(std::span<const double> values) {
  return numpy_sum(values) / static_cast<double>(values.size());
}

/// Standard deviation of the population (ddof 0).
inline double numpy_std(std::span<const double> values) {
  const double mean = numpy_mean(values);
  std::vector<double> squares;
  squares.reserve(values.size());
  for (const double value : values) squares.push_back((value - mean) * (value - mean));
  return std::sqrt(numpy_mean(squares));
}

}  // namespace cellwright::optimise
