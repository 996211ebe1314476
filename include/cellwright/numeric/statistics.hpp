#pragma once
/// Sums and statistics with NumPy's order of operations, so that a mean or a standard deviation has NumPy's bits.
///
/// All take contiguous doubles, as NumPy's functions on a one-dimensional float64 array. NaN among the values gives
/// NaN. An empty input gives 0 for sums and NaN for the rest (where NumPy warns or raises).

#include <cstddef>
#include <span>
#include <vector>

namespace cellwright::numeric {

/// numpy.sum: blocks of up to 128 values in eight partial sums, blocks added pairwise. Bit for bit NumPy's.
double sum(std::span<const double> values);

/// Python's sum() of floats, from left to right, as CPython to 3.11 does (3.12 compensates).
double python_sum(std::span<const double> values);

/// numpy.mean: sum / n. Bit for bit NumPy's.
double mean(std::span<const double> values);

/// numpy.std: sqrt(sum((x - mean)^2) / (n - ddof)). Bit for bit NumPy's.
/// @param ddof delta degrees of freedom: 0 for the population's, 1 for the sample's estimate; NaN if n <= ddof.
double standard_deviation(std::span<const double> values, std::size_t ddof = 0);

/// numpy.min.
double minimum(std::span<const double> values);

/// numpy.max.
double maximum(std::span<const double> values);

/// numpy.median: the middle value, or the mean of both middle values. Bit for bit NumPy's.
double median(std::span<const double> values);

/// numpy.percentile with the method "linear". Bit for bit NumPy's.
/// @param percent 0 to 100. @throws InternalError beyond.
double percentile(std::span<const double> values, double percent);

/// numpy.polyfit(x, y, degree): the coefficients of the least-squares polynomial, highest power first; degree + 1
/// values. By Householder's QR of the scaled Vandermonde matrix, where NumPy takes LAPACK's singular values: the two
/// agree to about 1e-15 times the condition number, not bit for bit. NaN if x has fewer than degree + 1 different
/// values.
/// @throws InternalError if x and y differ in length.
std::vector<double> polyfit(std::span<const double> x, std::span<const double> y, std::size_t degree);

}  // namespace cellwright::numeric
