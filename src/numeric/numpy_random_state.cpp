#include "cellwright/numeric/numpy_random_state.hpp"

#include <bit>
#include <cmath>
#include <limits>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {

double NumpyRandomState::standard_normal() {
  if (gauss_) {
    const double cached = *gauss_;
    gauss_.reset();
    return cached;
  }
  double x1 = 0;
  double x2 = 0;
  double r2 = 0;
  do {
    x1 = 2.0 * random_sample() - 1.0;
    x2 = 2.0 * random_sample() - 1.0;
    r2 = x1 * x1 + x2 * x2;
  } while (r2 >= 1.0 || r2 == 0.0);
  const double factor = std::sqrt(-2.0 * std::log(r2) / r2);
  gauss_ = factor * x1;
  return factor * x2;
}

std::uint64_t NumpyRandomState::interval(std::uint64_t max) {
  if (max == 0) return 0;
  const std::uint64_t mask = std::numeric_limits<std::uint64_t>::max() >> std::countl_zero(max);
  std::uint64_t value = 0;
  do {
    value = engine_.next();
    if (max > std::numeric_limits<std::uint32_t>::max()) value = (value << 32) | engine_.next();
    value &= mask;
  } while (value > max);
  return value;
}

std::uint64_t NumpyRandomState::randint(std::uint64_t n) {
  if (n == 0) throw InternalError("randint: the range is empty");
  return interval(n - 1);
}

}  // namespace cellwright::numeric
