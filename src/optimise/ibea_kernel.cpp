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

/// The objective's number stands in the last bits of its quotient, so that both travel together.
constexpr std::int32_t number_bits = 63;
constexpr std::size_t most_numbered = 64;
/// Two quotients that differ by more than this keep their order in single precision without the last six bits: each is
/// off by at most 63 / 2^23 of itself and 3 / 2^24 of the range, and none is larger than 1.
constexpr float safe_distance = 2e-5F;

/// Lanes in registers; a loop over arrays would go through memory for each objective. GCC takes wider lanes than the
/// instruction set has apart into single numbers.
struct WideLanes {
  using Reals [[gnu::vector_size(64)]] = float;
  using Bits [[gnu::vector_size(64)]] = std::int32_t;
};
struct NarrowLanes {
  using Reals [[gnu::vector_size(32)]] = float;
  using Bits [[gnu::vector_size(32)]] = std::int32_t;
};

/// largest[j] = the largest quotient of individual begin + j over b, for a whole tile.
template <class Division>
ALWAYS_INLINE void divide_all(const ScaledColumns& columns, std::size_t b, std::size_t begin, double* largest) {
  for (std::size_t j = 0; j < tile; ++j) largest[j] = -__builtin_inf();
  for (std::size_t k = 0; k < columns.ranges.size(); ++k) {
    const double* column = columns.values.data() + k * columns.stride;
    const double value = column[b];
    const double range = columns.ranges[k];
    const double inverse = columns.inverse[k];
    for (std::size_t j = 0; j < tile; ++j) {
      const double quotient = Division::quotient(column[begin + j] - value, range, inverse);
      largest[j] = quotient > largest[j] ? quotient : largest[j];
    }
  }
}

/// The same by dividing once an individual. @returns false if that is not safe; `largest` is then not set.
template <class Division, class Width>
ALWAYS_INLINE bool divide_largest(const ScaledColumns& columns, std::size_t b, std::size_t begin, double* largest) {
  using Lanes = typename Width::Reals;
  using LaneBits = typename Width::Bits;
  constexpr std::size_t lanes = sizeof(Lanes) / sizeof(float);
  constexpr std::size_t groups = tile / lanes;
  Lanes first[groups];
  Lanes second[groups];
  for (std::size_t g = 0; g < groups; ++g) first[g] = second[g] = Lanes{} - 2.0F;
  for (std::size_t k = 0; k < columns.ranges.size(); ++k) {
    const float* column = columns.scaled.data() + k * columns.stride;
    for (std::size_t g = 0; g < groups; ++g) {
      Lanes difference;
      std::memcpy(&difference, column + begin + g * lanes, sizeof difference);
      difference -= column[b];
      const Lanes quotient =
          (Lanes)(((LaneBits)difference & ~number_bits) | static_cast<std::int32_t>(k));  // NOLINT: the same bits
      const Lanes smaller = first[g] < quotient ? first[g] : quotient;
      second[g] = second[g] > smaller ? second[g] : smaller;
      first[g] = first[g] > quotient ? first[g] : quotient;
    }
  }
  std::int32_t signs[lanes];  // negative where two quotients are near
  std::int32_t winners[tile];
  LaneBits near{};
  for (std::size_t g = 0; g < groups; ++g) {
    near |= (LaneBits)(first[g] - second[g] - safe_distance);
    std::memcpy(winners + g * lanes, &first[g], sizeof first[g]);
  }
  std::memcpy(signs, &near, sizeof near);
  std::int32_t any = 0;
  for (std::size_t j = 0; j < lanes; ++j) any |= signs[j];
  if (any < 0) return false;
  // Loads first and arithmetic afterwards: the one loop cannot become vector code, the other does.
  double differences[tile];
  double ranges[tile];
  double inverses[tile];
  for (std::size_t j = 0; j < tile; ++j) {
    const auto k = static_cast<std::size_t>(winners[j] & number_bits);
    const double* column = columns.values.data() + k * columns.stride;
    differences[j] = column[begin + j] - column[b];
    ranges[j] = columns.ranges[k];
    inverses[j] = columns.inverse[k];
  }
  for (std::size_t j = 0; j < tile; ++j) largest[j] = Division::quotient(differences[j], ranges[j], inverses[j]);
  return true;
}

template <class Division, class Width>
ALWAYS_INLINE void fill(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  const bool numbers_fit = columns.ranges.size() <= most_numbered && columns.scaled.size() == columns.values.size();
  for (std::size_t begin = 0; begin < columns.stride; begin += tile) {
    double largest[tile];
    // An individual equals itself in all objectives: its own tile is never safe.
    const bool own = b >= begin && b < begin + tile;
    if (own || !numbers_fit || !divide_largest<Division, Width>(columns, b, begin, largest))
      divide_all<Division>(columns, b, begin, largest);
    for (std::size_t j = 0; j < tile; ++j) terms[begin + j] = exponential(scale * largest[j]);
  }
}

template <class Division>
ALWAYS_INLINE void fill_plainly(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  for (std::size_t begin = 0; begin < columns.stride; begin += tile) {
    double largest[tile];
    divide_all<Division>(columns, b, begin, largest);
    for (std::size_t j = 0; j < tile; ++j) terms[begin + j] = exponential(scale * largest[j]);
  }
}

#ifdef CELLWRIGHT_X86_TARGETS
[[gnu::target("avx512f,avx512dq,avx512vl,fma")]] void fill_avx512(const ScaledColumns& columns, std::size_t b,
                                                                  double scale, double* terms) {
  fill<FusedDivision, WideLanes>(columns, b, scale, terms);
}

[[gnu::target("avx2,fma")]] void fill_avx2(const ScaledColumns& columns, std::size_t b, double scale, double* terms) {
  fill<FusedDivision, NarrowLanes>(columns, b, scale, terms);
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
  fill_plainly<PlainDivision>(columns, b, scale, terms);
}

}  // namespace cellwright::optimise
