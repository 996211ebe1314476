#pragma once
/// Sums and averages with the rounding of the program that defines them: plain left-to-right sums where eFEL's C++ adds
/// up, NumPy's pairwise sums where its Python does.

#include <span>
#include <vector>

namespace cellwright::features {

/// Left-to-right sum divided by the count; NaN of nothing.
double plain_mean(std::span<const double> values);

/// Middle of the sorted values, mean of the two middle ones for an even count. NaN if one
/// of them is NaN. Needs at least one value.
double median(std::vector<double> values);

/// The median of values that come one by one.
class RunningMedian {
 public:
  void add(double value);
  void clear() { sorted_.clear(); }
  /// As `median`; needs at least one value, none of them NaN.
  double value() const;

 private:
  std::vector<double> sorted_;
};

/// numpy.sum: pairwise in blocks of up to 128 with eight partial sums.
double numpy_sum(std::span<const double> values);

/// numpy.mean; NaN of nothing.
double numpy_mean(std::span<const double> values);

/// numpy.std with `ddof` degrees of freedom taken off; needs more than `ddof` values.
double numpy_std(std::span<const double> values, int ddof);

/// numpy.argmax and numpy.argmin: the first extreme value, or the first NaN. Need at least one value.
std::size_t numpy_argmax(std::span<const double> values);
std::size_t numpy_argmin(std::span<const double> values);

}  // namespace cellwright::features
