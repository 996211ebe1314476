#include "features/signal_kernel.hpp"

#include <algorithm>
#include <limits>

#include "features/vector_target.hpp"

namespace cellwright::features {
namespace {

constexpr std::size_t block = 8 * lanes;

// What is to be smallest, for a number and for a vector of them.
struct Itself {
  template <class T>
  CELLWRIGHT_ALWAYS_INLINE void operator()(T&) const {}
};
struct Negative {
  template <class T>
  CELLWRIGHT_ALWAYS_INLINE void operator()(T& x) const {
    x = -x;
  }
};
struct Distance {
  double level;
  template <class T>
  CELLWRIGHT_ALWAYS_INLINE void operator()(T& x) const {
    x = x - level;
    x = x < 0.0 ? -x : x;
  }
};

template <class Measure>
CELLWRIGHT_ALWAYS_INLINE double measured(double x, Measure measure) {
  measure(x);
  return x;
}

/// Smallest measure in a block, NaN left out.
template <class Measure>
CELLWRIGHT_ALWAYS_INLINE double smallest_in_block(const double* x, Measure measure) {
  Lanes least = lanes_at(x);
  measure(least);
  const Lanes infinite = Lanes{} + std::numeric_limits<double>::infinity();
  least = least < infinite ? least : infinite;
  for (std::size_t i = lanes; i < block; i += lanes) {
    Lanes next = lanes_at(x + i);
    measure(next);
    least = next < least ? next : least;
  }
  double smallest = least[0];
  for (std::size_t k = 1; k < lanes; ++k) smallest = least[k] < smallest ? least[k] : smallest;
  return smallest;
}

/// Position of the first smallest measure of n > 0 values.
template <class Measure>
CELLWRIGHT_ALWAYS_INLINE std::size_t first_smallest(const double* x, std::size_t n, Measure measure) {
  double smallest = measured(x[0], measure);
  std::size_t begin = 0;  // of the stretch that holds the smallest value
  std::size_t i = 0;
  for (; i + block <= n; i += block) {
    const double found = smallest_in_block(x + i, measure);
    if (found < smallest) {
      smallest = found;
      begin = i;
    }
  }
  for (; i < n; ++i) {
    const double value = measured(x[i], measure);
    if (value < smallest) {
      smallest = value;
      begin = i;
    }
  }
  for (std::size_t j = begin; j < n; ++j) {
    if (measured(x[j], measure) == smallest) return j;
  }
  return 0;  // NaN in front: nothing is smaller
}

template <class Measure>
std::size_t search_plain(const double* x, std::size_t n, Measure measure) {
  return first_smallest(x, n, measure);
}
#ifdef CELLWRIGHT_X86_TARGETS
template <class Measure>
CELLWRIGHT_AVX2 std::size_t search_avx2(const double* x, std::size_t n, Measure measure) {
  return first_smallest(x, n, measure);
}
template <class Measure>
CELLWRIGHT_AVX512 std::size_t search_avx512(const double* x, std::size_t n, Measure measure) {
  return first_smallest(x, n, measure);
}
#endif

template <class Measure>
std::ptrdiff_t search(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last, Measure measure) {
  const double* x = signal.data() + first;
  const auto n = static_cast<std::size_t>(last - first);
#ifdef CELLWRIGHT_X86_TARGETS
  const VectorTarget target = n < block ? VectorTarget::plain : vector_target();
  if (target == VectorTarget::avx512) return first + static_cast<std::ptrdiff_t>(search_avx512(x, n, measure));
  if (target == VectorTarget::avx2) return first + static_cast<std::ptrdiff_t>(search_avx2(x, n, measure));
#endif
  return first + static_cast<std::ptrdiff_t>(search_plain(x, n, measure));
}

}  // namespace

std::ptrdiff_t min_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last) {
  return first >= last ? last : search(signal, first, last, Itself{});
}

std::ptrdiff_t max_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last) {
  return first >= last ? last : search(signal, first, last, Negative{});
}

std::ptrdiff_t nearest_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last, double level) {
  return first >= last ? first : search(signal, first, last, Distance{level});
}

}  // namespace cellwright::features
