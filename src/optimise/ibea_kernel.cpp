#include "optimise/ibea_kernel.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__) && defined(__GNUC__)
#define CELLWRIGHT_X86_TARGETS 1
#endif

namespace cellwright::optimise {
namespace {

constexpr std::size_t tile = ScaledColumns::tile;

#define ALWAYS_INLINE [[gnu::always_inline]] inline

struct PlainDivision {
  ALWAYS_INLINE static double quotient(double d, double range, double) { return d / range; }
};

/// Division by multiplication with the reciprocal and two corrections: after the first one the quotient is off by less
/// than one unit in the last place, and the second one then rounds correctly (Markstein 1990, IBM J. Res. Dev. 34:111).
/// A division takes a vector unit several times as long.
struct FusedDivision {
  ALWAYS_INLINE static double quotient(double d, double range, double inverse) {
    const double rough = d * inverse;
    const double faithful = __builtin_fma(__builtin_fma(-rough, range, d), inverse, rough);
    return __builtin_fma(__builtin_fma(-faithful, range, d), inverse, faithful);
  }
};

/// exp(x) for |x| < 700: x = k ln 2 + r, Taylor's series of exp(r) for |r| <= ln(2) / 2, of which 1 + r is added
/// exactly.
ALWAYS_INLINE double exponential(double x) {
  constexpr double rounder = 0x1.8p52;  // adding it rounds to an integer, which then stands in the low bits
  constexpr double ln2_high = 0x1.62e42fefa3800p-1;  // few enough bits that k * ln2_high is exact
  constexpr double ln2_low = 0x1.ef35793c76730p-45;
  const double shifted = x * 0x1.71547652b82fep+0 + rounder;
  const double k = shifted - rounder;
  const double high = x - k * ln2_high;
  const double low = k * ln2_low;
  const double r = high - low;
  const double r_low = (high - r) - low;
  double tail = 1.0 / 87178291200.0;  // 1 / 14!
  tail = tail * r + 1.0 / 6227020800.0;
  tail = tail * r + 1.0 / 479001600.0;
  tail = tail * r + 1.0 / 39916800.0;
  tail = tail * r + 1.0 / 3628800.0;
  tail = tail * r + 1.0 / 362880.0;
  tail = tail * r + 1.0 / 40320.0;
  tail = tail * r + 1.0 / 5040.0;
  tail = tail * r + 1.0 / 720.0;
  tail = tail * r + 1.0 / 120.0;
  tail = tail * r + 1.0 / 24.0;
  tail = tail * r + 1.0 / 6.0;
  tail = tail * r + 0.5;
  const double sum = 1.0 + r;
  const double sum_low = (1.0 - sum) + r;  // exact: |r| < 1
  const double mantissa = sum + (sum_low + (r_low + r * r * tail));
  std::uint64_t bits = 0;
  std::memcpy(&bits, &shifted, sizeof bits);
  bits = (bits + 1023) << 52;  // 2^k
  double power = 0.0;
  std::memcpy(&power, &bits, sizeof power);
  return mantissa * power;
}

template <class Division>
ALWAYS_INLINE void fill(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  const std::size_t n_objectives = columns.ranges.size();
  for (std::size_t begin = 0; begin < columns.stride; begin += tile) {
    double largest[tile];
    for (std::size_t j = 0; j < tile; ++j) largest[j] = -__builtin_inf();
    for (std::size_t k = 0; k < n_objectives; ++k) {
      const double* column = columns.values.data() + k * columns.stride;
      const double value = column[b];
      const double range = columns.ranges[k];
      const double inverse = columns.inverse[k];
      for (std::size_t j = 0; j < tile; ++j) {
        const double quotient = Division::quotient(column[begin + j] - value, range, inverse);
        largest[j] = quotient > largest[j] ? quotient : largest[j];
      }
    }
    for (std::size_t j = 0; j < tile; ++j) terms[begin + j] = exponential(scale * largest[j]);
  }
}

#ifdef CELLWRIGHT_X86_TARGETS
[[gnu::target("avx512f,avx512dq,avx512vl,fma")]] void fill_avx512(const ScaledColumns& columns, std::size_t b,
                                                                  double scale, double* terms) {
  fill<FusedDivision>(columns, b, scale, terms);
}

[[gnu::target("avx2,fma")]] void fill_avx2(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  fill<FusedDivision>(columns, b, scale, terms);
}
#endif

/// Beyond these ranges a correction could underflow or a reciprocal overflow.
bool moderate(const ScaledColumns& columns) {
  return std::all_of(columns.ranges.begin(), columns.ranges.end(), [](double r) { return r > 1e-100 && r < 1e100; });
}

}  // namespace

void indicator_terms(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
#ifdef CELLWRIGHT_X86_TARGETS
  if (moderate(columns)) {
    if (__builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl"))
      return fill_avx512(columns, b, scale, terms);
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return fill_avx2(columns, b, scale, terms);
  }
#endif
  indicator_terms_reference(columns, b, scale, terms);
}

void indicator_terms_reference(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  fill<PlainDivision>(columns, b, scale, terms);
}

}  // namespace cellwright::optimise
