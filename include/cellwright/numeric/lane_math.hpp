#pragma once
/// Elementary functions that GCC vectorises inside `#pragma omp simd` loops over lanes.
///
/// Self-contained: generated mechanism code includes this file and nothing else of cellwright. Headers that are slow to
/// compile, such as <cmath>, have no place in it. Plain C++ on double and float without branches, tables or calls, so
/// that a loop over lanes becomes vector code with
///     -O3 -fopenmp-simd -fno-trapping-math [-fno-math-errno] [-ffp-contract=fast] -march=x86-64-v2 | v3 | v4
/// A lane's result depends on its own arguments alone. It may differ in the last bit between instruction sets and
/// between -ffp-contract=fast and off, not between vector lengths. Needs IEEE arithmetic: no -ffast-math, round to
/// nearest.
///
/// Largest errors, in units of the last place of the exact result (tests/unit/numeric/lane_math_test.cpp measures them
/// against long double on dense and random samples of the whole range, for each instruction set, contraction on and
/// off):
///
/// | function                     | double | float | domain and special values: as C's function of that name, and |
/// | ---------------------------- | ------ | ----- | --- |
/// | lane_exp                     | 1.1    | 4.5   | 0 below -708.39 (float -87.33): no denormals; float 1 + 0.04 |x| |
/// | lane_exp_15                  | 800    | 4.5   | as lane_exp; relative error 5e-16 + 1.2e-16 |x| |
/// | lane_exp_10                  | 470000 | 4.5   | as lane_exp; relative error 5.2e-11 |
/// | lane_exp..._within           |        |       | the bits of the function without `within`, for |x| <= 87 only |
/// | lane_exp2_10_within          | 420000 | 2.5   | 2^x, for |x| <= 125 only; relative error 4.7e-11 |
/// | lane_exp2_15_within          | 3      | 2.5   | 2^x, for |x| <= 125 only |
/// | lane_expm1                   | 1.25   | 1.05  |  |
/// | lane_one_minus_exp           |        | 1.1   | 1 - exp(x) for x <= 0 |
/// | lane_log                     | 1.0    | 1.0   | 0: -inf; negative: NaN; denormal arguments as exact as others |
/// | lane_log10                   | 0.75   | 0.51  | as lane_log |
/// | lane_pow                     | 1.25   | 0.51  | all special cases of C's Annex F |
/// | lane_sqrt                    | 0.501  | 0.501 | negative: NaN |
/// | lane_sinh                    | 2.5    | 0.51  |  |
/// | lane_cosh                    | 1.25   | 0.51  |  |
/// | lane_tanh                    | 2.6    | 0.51  |  |
/// | lane_sin, lane_cos           | 0.85   | 0.51  | NaN beyond |x| = 1e6, where more digits of pi would be needed |
/// | lane_exprelr                 | 3.25   | 3.0   | x/(exp(x) - 1); 0: 1; inf: 0; -inf: inf |
/// | lane_fabs, floor, fmin, fmax | exact  | exact |  |
///
/// NaN gives NaN (but pow(x, 0) = pow(1, y) = 1; fmin and fmax give the other argument). Arguments beyond the range
/// give infinity or 0; but for lane_exp, results pass through the denormal numbers, within the same units of the last
/// place.
///
/// How contraction is kept harmless: products that a correction term relies on are either exact (a factor has few bits)
/// or formed by detail::product_error, which uses the fused operation where it exists; where it does not, nothing can
/// be contracted.

#include <cstdint>

#define CELLWRIGHT_LANE_INLINE static inline __attribute__((always_inline))

// Every function is static and always inlined: translation units with different instruction sets never share a copy.
namespace cellwright::lane_math {

namespace detail {

CELLWRIGHT_LANE_INLINE std::uint64_t bits_of(double x) {
  std::uint64_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

CELLWRIGHT_LANE_INLINE double from_bits(std::uint64_t bits) {
  double x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

CELLWRIGHT_LANE_INLINE std::uint32_t bits_of(float x) {
  std::uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  return bits;
}

CELLWRIGHT_LANE_INLINE float from_bits(std::uint32_t bits) {
  float x;
  __builtin_memcpy(&x, &bits, sizeof x);
  return x;
}

// Adding 1.5 * 2^52 rounds to the nearest integer, which then stands in the low bits of the sum.
constexpr double rounder = 0x1.8p52;
constexpr float rounder_f = 0x1.8p23F;
constexpr double infinity = __builtin_inf();
constexpr double not_a_number = __builtin_nan("");

constexpr double ln2_high = 0x1.62e42fefa3800p-1;  // 42 bits: k * ln2_high is exact for |k| < 2^11
constexpr double ln2_low = 0x1.ef35793c76730p-45;
constexpr float ln2_high_f = 0x1.62e4p-1F;  // 15 bits
constexpr float ln2_low_f = 0x1.7f7d1cp-20F;

CELLWRIGHT_LANE_INLINE double nearest_integer(double x) { return (x + rounder) - rounder; }

/// 2^k for an integer k of -1022 to 1023. The shift keeps the eleven low bits of k + 1023, which become the exponent.
CELLWRIGHT_LANE_INLINE double power_of_two(double k) { return from_bits(bits_of(k + (rounder + 1023.0)) << 52); }
CELLWRIGHT_LANE_INLINE float power_of_two(float k) { return from_bits(bits_of(k + (rounder_f + 127.0F)) << 23); }

/// y * 2^k for |k| up to 2000, in two steps so that neither factor leaves the range; rounds once.
CELLWRIGHT_LANE_INLINE double scale(double y, double k) {
  const double half = nearest_integer(0.5 * k);
  return y * power_of_two(half) * power_of_two(k - half);
}
CELLWRIGHT_LANE_INLINE float scale(float y, float k) {
  const float half = (0.5F * k + rounder_f) - rounder_f;
  return y * power_of_two(half) * power_of_two(k - half);
}

// Written so that NaN passes.
template <class Real>
CELLWRIGHT_LANE_INLINE Real clamp(Real x, Real low, Real high) {
  const Real above = x < low ? low : x;
  return above > high ? high : above;
}

/// a * b - product exactly (to 2^-105 of it), where product is a * b rounded.
CELLWRIGHT_LANE_INLINE double product_error(double a, double b, double product) {
#ifdef __FMA__
  return __builtin_fma(a, b, -product);
#else
  constexpr std::uint64_t upper_half = 0xFFFFFFFFF8000000U;  // Dekker's splitting: 26 and 27 bits
  const double a_high = from_bits(bits_of(a) & upper_half);
  const double b_high = from_bits(bits_of(b) & upper_half);
  const double a_low = a - a_high;
  const double b_low = b - b_high;
  return ((a_high * b_high - product) + (a_high * b_low + a_low * b_high)) + a_low * b_low;
#endif
}

/// exp(r) = 1 + r + r^2 * tail(r) for |r| <= ln(2)/2; error of the whole 2^-57.9 (own minimax fit).
CELLWRIGHT_LANE_INLINE double exp_tail(double r) {
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double p01 = 0x1.000000000000ap-1 + r * 0x1.55555555554f9p-3;
  const double p23 = 0x1.555555555083fp-5 + r * 0x1.1111111127ce9p-7;
  const double p45 = 0x1.6c16c18438a95p-10 + r * 0x1.a01a012a193f7p-13;
  const double p67 = 0x1.a01999e267866p-16 + r * 0x1.71df25a092046p-19;
  const double p89 = 0x1.28ad9b8d9d1f3p-22 + r * 0x1.ad7f57bcca22fp-26;
  return (p01 + r2 * p23) + r4 * ((p45 + r2 * p67) + r4 * p89);
}

/// The same with an error of the whole of 2.9e-16 and of 5.2e-11 (own minimax fits of the relative error).
CELLWRIGHT_LANE_INLINE double exp_tail_15(double r) {
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double p01 = 0x1.ffffffffffed2p-2 + r * 0x1.55555555507c5p-3;
  const double p23 = 0x1.55555555890abp-5 + r * 0x1.11111125b3edfp-7;
  const double p45 = 0x1.6c16c0c836667p-10 + r * 0x1.a0198d583b9cbp-13;
  const double p67 = 0x1.a01b7c40e8e2dp-16 + r * 0x1.72e91b138a499p-19;
  return (p01 + r2 * p23) + r4 * ((p45 + r2 * p67) + r4 * 0x1.2707b3b5278bfp-22);
}
CELLWRIGHT_LANE_INLINE double exp_tail_10(double r) {
  const double r2 = r * r;
  const double p01 = 0x1.0000003a1acb2p-1 + r * 0x1.5555544372c49p-3;
  const double p23 = 0x1.55548dd8aa18ap-5 + r * 0x1.1112707bb3d6fp-7;
  const double p45 = 0x1.6d8cf3ee1ccf0p-10 + r * 0x1.9f08beeadbfc7p-13;
  return p01 + r2 * (p23 + r2 * p45);
}

/// Error of the whole 2^-27.7, of exp(r) - 1 2^-26.1 of itself (own minimax fit).
CELLWRIGHT_LANE_INLINE float exp_tail(float r) {
  const float r2 = r * r;
  const float p01 = 0x1p-1F + r * 0x1.5554b2p-3F;
  const float p23 = 0x1.5554c8p-5F + r * 0x1.12266ep-7F;
  return p01 + r2 * (p23 + r2 * 0x1.6d7228p-10F);
}

/// (2^r - 1)/r for |r| <= 1/2; error of 2^r so made 4.7e-11, in single precision 9.1e-8, of 2^r - 1 of itself 5.4e-10
/// and 7.9e-7 (own minimax fits of the former).
CELLWRIGHT_LANE_INLINE double exp2_slope(double r) {
  const double r2 = r * r;
  const double p01 = 0x1.62e42ff0e1919p-1 + r * 0x1.ebfbe0778702bp-3;
  const double p23 = 0x1.c6b08ac06d1a9p-5 + r * 0x1.3b29f39d68c02p-7;
  const double p45 = 0x1.5d8a85fd48b20p-10 + r * 0x1.445c83f28fde8p-13;
  return p01 + r2 * (p23 + r2 * (p45 + r2 * 0x1.fde5ffc3d4bbfp-17));
}
CELLWRIGHT_LANE_INLINE float exp2_slope(float r) {
  const float r2 = r * r;
  const float p01 = 0x1.62e42ap-1F + r * 0x1.ebf9bcp-3F;
  const float p23 = 0x1.c6b752p-5F + r * 0x1.3cea88p-7F;
  return p01 + r2 * (p23 + r2 * 0x1.5bba16p-10F);
}

/// The same with an error of 2.9e-16 (the coefficients of exp_tail_15).
CELLWRIGHT_LANE_INLINE double exp2_slope_15(double r) {
  const double r2 = r * r;
  const double r4 = r2 * r2;
  const double p01 = 0x1.ebfbdff82c46cp-3 + r * 0x1.c6b08d704396dp-5;
  const double p23 = 0x1.3b2ab6fbd4a61p-7 + r * 0x1.5d87fe9310a0cp-10;
  const double p45 = 0x1.430912670685bp-13 + r * 0x1.ffcb6d52a57eep-17;
  const double p67 = 0x1.62c16507bdfbep-20 + r * 0x1.b660a9361ff3fp-24;
  return 0x1.62e42fefa39efp-1 + r * ((p01 + r2 * p23) + r4 * ((p45 + r2 * p67) + r4 * 0x1.e364c28723f74p-28));
}

/// With rounder added the integer k nearest to x/ln 2, and x - k ln 2 with ln 2 in one part; in single precision in two
/// where k ln 2 would be rounded before it is subtracted.
CELLWRIGHT_LANE_INLINE double shifted_exponent(double x) { return x * 0x1.71547652b82fep+0 + rounder; }
CELLWRIGHT_LANE_INLINE float shifted_exponent(float x) { return x * 0x1.715476p+0F + rounder_f; }
CELLWRIGHT_LANE_INLINE double short_remainder(double x, double shifted) {
  return x - (shifted - rounder) * 0x1.62e42fefa39efp-1;
}
CELLWRIGHT_LANE_INLINE float short_remainder(float x, float shifted) {
  const float k = shifted - rounder_f;
#ifdef __FMA__
  return __builtin_fmaf(-k, 0x1.62e43p-1F, x);
#else
  return (x - k * ln2_high_f) - k * ln2_low_f;
#endif
}

/// exp(x) = 2^k (1 + r + r^2 tail) for |x| <= 87: `shifted` is k with rounder added.
CELLWRIGHT_LANE_INLINE double exp_within(double shifted, double r, double tail) {
  const double y = 1.0 + (r + r * r * tail);
  return from_bits(bits_of(y) + (bits_of(shifted) << 52));  // y * 2^k
}
CELLWRIGHT_LANE_INLINE float exp_within(float shifted, float r, float tail) {
  const float y = 1.0F + (r + r * r * tail);
  return from_bits(bits_of(y) + (bits_of(shifted) << 23));
}

/// What exp_within gives, with the function's limits.
CELLWRIGHT_LANE_INLINE double limit_exp(double x, double value) {
  const double not_small = x < -708.39 ? 0.0 : value;
  return x <= 0x1.62e42fefa39efp+9 ? not_small : x + infinity;
}
CELLWRIGHT_LANE_INLINE float limit_exp(float x, float value) {
  const float not_small = x < -87.33F ? 0.0F : value;
  return x <= 0x1.62e42ep+6F ? not_small : x + static_cast<float>(infinity);
}

/// x = k ln 2 + r + r_low.
template <class Real>
struct ExpReduction {
  Real k;
  Real r;
  Real r_low;
};

CELLWRIGHT_LANE_INLINE ExpReduction<double> reduce_for_exp(double x) {
  const double k = nearest_integer(x * 0x1.71547652b82fep+0);
  const double high = x - k * ln2_high;
  const double low = k * ln2_low;
  const double r = high - low;
  return {k, r, (high - r) - low};
}

CELLWRIGHT_LANE_INLINE ExpReduction<float> reduce_for_exp(float x) {
  const float k = (x * 0x1.715476p+0F + rounder_f) - rounder_f;
  const float high = x - k * ln2_high_f;
  const float low = k * ln2_low_f;
  const float r = high - low;
  return {k, r, (high - r) - low};
}

/// exp(x) = 2^k (1 + p + p_low), with exp(r) - 1 = p + p_low.
template <class Real>
struct ExpParts {
  Real k;
  Real p;
  Real p_low;
};

template <class Real>
CELLWRIGHT_LANE_INLINE ExpParts<Real> exp_parts(Real x) {
  const ExpReduction<Real> reduced = reduce_for_exp(x);
  const Real q = reduced.r * reduced.r * exp_tail(reduced.r);
  const Real p = reduced.r + q;
  // The low part of the argument counts with the slope of exp.
  const Real p_low = ((reduced.r - p) + q) + (reduced.r_low + reduced.r_low * reduced.r);
  return {reduced.k, p, p_low};
}

/// exp(x) - 1 from the parts of exp(x); right while 2^k does not overflow: k <= 1023 (float 127).
template <class Real>
CELLWRIGHT_LANE_INLINE Real expm1_of(const ExpParts<Real>& parts, Real k_min) {
  const Real k = parts.k < k_min ? k_min : parts.k;  // below, the result is -1 whatever k is
  const Real s = power_of_two(k);
  const Real a = s - Real(1);
  const Real a_low = (s - a) - Real(1);
  const Real b = s * parts.p;
  const Real sum = a + b;
  const Real b_seen = sum - a;
  const Real sum_low = (a - (sum - b_seen)) + (b - b_seen);
  return sum + (sum_low + (a_low + s * parts.p_low));
}

/// 1 + p + p_low, rounded once.
template <class Real>
CELLWRIGHT_LANE_INLINE Real one_plus(const ExpParts<Real>& parts) {
  const Real sum = Real(1) + parts.p;
  return sum + (((Real(1) - sum) + parts.p) + parts.p_low);
}

template <class Real>
CELLWRIGHT_LANE_INLINE Real exp_of(const ExpParts<Real>& parts) {
  return scale(one_plus(parts), parts.k);
}

/// x = 2^k (1 + f) with sqrt(1/2) <= 1 + f < sqrt(2), for finite x > 0 (denormal ones too).
template <class Real>
struct LogReduction {
  Real k;
  Real f;
};

CELLWRIGHT_LANE_INLINE LogReduction<double> reduce_for_log(double x) {
  constexpr std::uint64_t sqrt_half = 0x3FE6A09E00000000U;
  const bool denormal = x < 0x1p-1022;
  const std::uint64_t shifted = bits_of(denormal ? x * 0x1p54 : x) + (0x3FF0000000000000U - sqrt_half);
  const double biased = from_bits((shifted >> 52) | 0x4330000000000000U);  // 2^52 + exponent + 1023
  const double k = biased - (denormal ? 0x1p52 + 1077.0 : 0x1p52 + 1023.0);
  return {k, from_bits((shifted & 0x000FFFFFFFFFFFFFU) + sqrt_half) - 1.0};
}

CELLWRIGHT_LANE_INLINE LogReduction<float> reduce_for_log(float x) {
  constexpr std::uint32_t sqrt_half = 0x3F3504F3U;
  const bool denormal = x < 0x1p-126F;
  const std::uint32_t shifted = bits_of(denormal ? x * 0x1p25F : x) + (0x3F800000U - sqrt_half);
  const float biased = from_bits((shifted >> 23) | 0x4B000000U);  // 2^23 + exponent + 127
  const float k = biased - (denormal ? 0x1p23F + 152.0F : 0x1p23F + 127.0F);
  return {k, from_bits((shifted & 0x007FFFFFU) + sqrt_half) - 1.0F};
}

/// log((1 + s)/(1 - s)) = 2 s + s * log_tail(s^2) for |s| <= 0.1716; error 2^-58.5 of the result (own minimax fit).
CELLWRIGHT_LANE_INLINE double log_tail(double z) {
  const double z2 = z * z;
  const double p01 = 0x1.5555555555592p-1 + z * 0x1.999999997fcbfp-2;
  const double p23 = 0x1.249249420554fp-2 + z * 0x1.c71c51f4e47e9p-3;
  const double p456 = 0x1.746643ce07791p-3 + z * (0x1.39a12ca676167p-3 + z * 0x1.2f0b8961d9a20p-3);
  return z * ((p01 + z2 * p23) + z2 * z2 * p456);
}

CELLWRIGHT_LANE_INLINE float log_tail(float z) {
  const float p01 = 0x1.555554p-1F + z * 0x1.999a7ap-2F;
  const float p23 = 0x1.2438b6p-2F + z * 0x1.e2fc22p-3F;
  return z * (p01 + z * z * p23);
}

template <class Real>
CELLWRIGHT_LANE_INLINE Real with_log_limits(Real x, Real result) {
  const Real finite = x < Real(infinity) ? result : x;
  return x > Real(0) ? finite : (x == Real(0) ? Real(-infinity) : Real(not_a_number));
}

/// log(1 + f) = f - (hfsq - s (hfsq + R)), which keeps f exact; then k ln 2 is added.
template <class Real>
CELLWRIGHT_LANE_INLINE Real log_of(Real x, Real ln2_first, Real ln2_second) {
  const LogReduction<Real> reduced = reduce_for_log(x);
  const Real f = reduced.f;
  const Real s = f / (Real(2) + f);
  const Real half_square = Real(0.5) * f * f;
  const Real correction = s * (half_square + log_tail(s * s)) + reduced.k * ln2_second;
  return with_log_limits(x, reduced.k * ln2_first - ((half_square - correction) - f));
}

/// A number as the unevaluated sum of two.
struct Pair {
  double high;
  double low;
};

/// log(x) to 2^-61.5 of itself, for finite x > 0.
CELLWRIGHT_LANE_INLINE Pair log_pair(double x) {
  const LogReduction<double> reduced = reduce_for_log(x);
  const double f = reduced.f;
  const double d = 2.0 + f;
  const double d_low = f - (d - 2.0);
  const double inverse = 1.0 / d;
  const double s = f * inverse;
  const double back = s * d;
  const double s_low = (((f - back) - product_error(s, d, back)) - s * d_low) * inverse;
  // log(1 + f) = 2 s + s u + s z^2 Q with z = s^2, u = 2/3 z
  const double z = s * s;
  const double z_low = product_error(s, s, z) + 2.0 * s * s_low;
  constexpr double two_thirds = 0x1.5555555555555p-1;
  const double u = z * two_thirds;
  const double u_low = product_error(z, two_thirds, u) + (z * 0x1.5555555555555p-55 + z_low * two_thirds);
  const double t = s * u;
  const double t_low = product_error(s, u, t) + (s * u_low + s_low * u);
  const double z2 = z * z;
  const double q01 = 0x1.9999999999996p-2 + z * 0x1.249249249302bp-2;
  const double q23 = 0x1.c71c71c580ef6p-3 + z * 0x1.745d183248590p-3;
  const double q45 = 0x1.3b1362ae1909ap-3 + z * 0x1.1120b8108dd11p-3;
  const double q67 = 0x1.de32e5e8bf6dap-4 + z * 0x1.eb16b3f78b8efp-4;
  const double rest = s * z2 * ((q01 + z2 * q23) + z2 * z2 * (q45 + z2 * q67));
  const double high = 2.0 * s + t;
  const double high_low = (2.0 * s - high) + t;
  const double whole = reduced.k * ln2_high;  // exact, and 0 or larger than high
  const double sum = whole + high;
  const double sum_low = (whole - sum) + high;
  const double low = sum_low + (reduced.k * ln2_low + (high_low + (2.0 * s_low + (t_low + rest))));
  const double total = sum + low;
  return {total, (sum - total) + low};
}

/// exp(high + low) for |low| much smaller than |high|.
CELLWRIGHT_LANE_INLINE double exp_pair(double high, double low) {
  const ExpReduction<double> reduced = reduce_for_exp(clamp(high, -1000.0, 1000.0));
  const double r_low = reduced.r_low + (__builtin_fabs(high) < 1000.0 ? low : 0.0);
  const double r = reduced.r + r_low;
  const double rest = (reduced.r - r) + r_low;
  const double q = r * r * exp_tail(r);
  const double p = r + q;
  return exp_of(ExpParts<double>{reduced.k, p, ((r - p) + q) + (rest + rest * r)});
}

/// x = n pi/2 + y + y_low; the two low bits of `quadrant` are those of n.
struct TrigReduction {
  std::uint64_t quadrant;
  double y;
  double y_low;
};

/// pi/2 in three parts of 33 bits and a rest: n * part is exact for |n| < 2^20.
CELLWRIGHT_LANE_INLINE TrigReduction reduce_for_trig(double x) {
  const double shifted = x * 0x1.45f306dc9c883p-1 + rounder;
  const double n = shifted - rounder;
  const double a = x - n * 0x1.921fb544p+0;  // exact
  const double b = n * 0x1.0b4611a6p-34;
  const double c = a - b;
  const double b_seen = a - c;
  const double c_low = (a - (c + b_seen)) + (b_seen - b);
  const double d = n * 0x1.3198a2ep-69;
  const double y0 = c - d;
  const double d_seen = c - y0;
  const double y0_low = (c - (y0 + d_seen)) + (d_seen - d);
  const double low = c_low + (y0_low - n * 0x1.b839a252049c1p-104);
  const double y = y0 + low;
  return {bits_of(shifted), y, (y0 - y) + low};
}

/// sin(y + y_low) for |y| <= pi/4; own minimax fit, error 2^-58.
CELLWRIGHT_LANE_INLINE double sin_kernel(double y, double y_low) {
  const double z = y * y;
  const double z2 = z * z;
  const double tail = (0x1.111111110f893p-7 - z * 0x1.a01a019c12781p-13) +
                      z2 * ((0x1.71de35771ea6ap-19 - z * 0x1.ae5e64f9247edp-26) + z2 * 0x1.5d92753e2999bp-33);
  const double cube = z * y;
  return y - ((z * (0.5 * y_low - cube * tail) - y_low) + cube * 0x1.5555555555549p-3);
}

/// cos(y + y_low) for |y| <= pi/4; own minimax fit, error 2^-64.
CELLWRIGHT_LANE_INLINE double cos_kernel(double y, double y_low) {
  const double z = y * y;
  const double z2 = z * z;
  const double tail = (0x1.555555555554ep-5 - z * 0x1.6c16c16c154dfp-10) +
                      z2 * ((0x1.a01a019cfa2a2p-16 - z * 0x1.27e4f837d6fc0p-22) +
                            z2 * (0x1.1eea07bd92b5dp-29 - z * 0x1.8fbba005f2ba9p-37));
  const double half = 0.5 * z;
  const double w = 1.0 - half;
  return w + (((1.0 - w) - half) + (z2 * tail - y * y_low));
}

/// sin(x + quadrants * pi/2).
CELLWRIGHT_LANE_INLINE double sin_shifted(double x, std::uint64_t quadrants) {
  const TrigReduction reduced = reduce_for_trig(x);
  const std::uint64_t quadrant = reduced.quadrant + quadrants;
  const double s = sin_kernel(reduced.y, reduced.y_low);
  const double c = cos_kernel(reduced.y, reduced.y_low);
  const double value = (quadrant & 1U) != 0 ? c : s;
  const double signed_value = from_bits(bits_of(value) ^ ((quadrant & 2U) << 62));
  return __builtin_fabs(x) <= 1e6 ? signed_value : not_a_number;
}

}  // namespace detail

CELLWRIGHT_LANE_INLINE double lane_fabs(double x) { return __builtin_fabs(x); }
CELLWRIGHT_LANE_INLINE float lane_fabs(float x) { return __builtin_fabsf(x); }

CELLWRIGHT_LANE_INLINE double lane_floor(double x) { return __builtin_floor(x); }
CELLWRIGHT_LANE_INLINE float lane_floor(float x) { return __builtin_floorf(x); }

CELLWRIGHT_LANE_INLINE double lane_fmin(double x, double y) { return (x < y) | (y != y) ? x : y; }
CELLWRIGHT_LANE_INLINE float lane_fmin(float x, float y) { return (x < y) | (y != y) ? x : y; }
CELLWRIGHT_LANE_INLINE double lane_fmax(double x, double y) { return (x > y) | (y != y) ? x : y; }
CELLWRIGHT_LANE_INLINE float lane_fmax(float x, float y) { return (x > y) | (y != y) ? x : y; }

/// e^x; 0 for x < -708.39 (float -87.33), where the exact result is denormal or nearly so: gradual underflow would cost
/// a sixth of the time.
CELLWRIGHT_LANE_INLINE double lane_exp(double x) {
  const double shifted = detail::shifted_exponent(x);
  const double k = shifted - detail::rounder;
  const double r = (x - k * detail::ln2_high) - k * detail::ln2_low;
  return detail::limit_exp(x, detail::exp_within(shifted, r, detail::exp_tail(r)));
}

/// e^x for |x| <= 87, the same bits as without `within`: what is known to lie there needs no limits.
CELLWRIGHT_LANE_INLINE float lane_exp_within(float x) {
  const float shifted = detail::shifted_exponent(x);
  const float r = detail::short_remainder(x, shifted);
  return detail::exp_within(shifted, r, detail::exp_tail(r));
}
CELLWRIGHT_LANE_INLINE float lane_exp(float x) { return detail::limit_exp(x, lane_exp_within(x)); }

/// e^x with fewer correct digits, for less time. Of e^x - 1 near 0 as many digits are right.
CELLWRIGHT_LANE_INLINE double lane_exp_15_within(double x) {
  const double shifted = detail::shifted_exponent(x);
  const double r = detail::short_remainder(x, shifted);
  return detail::exp_within(shifted, r, detail::exp_tail_15(r));
}
CELLWRIGHT_LANE_INLINE double lane_exp_10_within(double x) {
  const double shifted = detail::shifted_exponent(x);
  const double r = detail::short_remainder(x, shifted);
  return detail::exp_within(shifted, r, detail::exp_tail_10(r));
}
/// 2^x for |x| <= 125, for the least time; relative error 5e-11, of 2^x - 1 near 0 of itself 6e-10; float 1.5e-7 and
/// 9e-7.
CELLWRIGHT_LANE_INLINE double lane_exp2_10_within(double x) {
  const double shifted = x + detail::rounder;
  const double r = x - (shifted - detail::rounder);
  return detail::from_bits(detail::bits_of(1.0 + r * detail::exp2_slope(r)) + (detail::bits_of(shifted) << 52));
}
CELLWRIGHT_LANE_INLINE float lane_exp2_10_within(float x) {
  const float shifted = x + detail::rounder_f;
  const float r = x - (shifted - detail::rounder_f);
  return detail::from_bits(detail::bits_of(1.0F + r * detail::exp2_slope(r)) + (detail::bits_of(shifted) << 23));
}
CELLWRIGHT_LANE_INLINE double lane_exp2_15_within(double x) {
  const double shifted = x + detail::rounder;
  const double r = x - (shifted - detail::rounder);
  return detail::from_bits(detail::bits_of(1.0 + r * detail::exp2_slope_15(r)) + (detail::bits_of(shifted) << 52));
}
CELLWRIGHT_LANE_INLINE float lane_exp2_15_within(float x) { return lane_exp2_10_within(x); }
CELLWRIGHT_LANE_INLINE double lane_exp_15(double x) { return detail::limit_exp(x, lane_exp_15_within(x)); }
CELLWRIGHT_LANE_INLINE double lane_exp_10(double x) { return detail::limit_exp(x, lane_exp_10_within(x)); }
CELLWRIGHT_LANE_INLINE float lane_exp_15_within(float x) { return lane_exp_within(x); }
CELLWRIGHT_LANE_INLINE float lane_exp_10_within(float x) { return lane_exp_within(x); }
CELLWRIGHT_LANE_INLINE float lane_exp_15(float x) { return lane_exp(x); }
CELLWRIGHT_LANE_INLINE float lane_exp_10(float x) { return lane_exp(x); }

/// e^x - 1, precise near 0.
CELLWRIGHT_LANE_INLINE double lane_expm1(double x) {
  const detail::ExpParts<double> parts = detail::exp_parts(detail::clamp(x, -1000.0, 1000.0));
  const double value = x > 40.0 ? detail::exp_of(parts) : detail::expm1_of(parts, -80.0);
  return x == 0.0 ? x : value;
}
CELLWRIGHT_LANE_INLINE float lane_expm1(float x) {
  const detail::ExpParts<float> parts = detail::exp_parts(detail::clamp(x, -120.0F, 120.0F));
  const float value = x > 20.0F ? detail::exp_of(parts) : detail::expm1_of(parts, -40.0F);
  return x == 0.0F ? x : value;
}

/// 1 - e^x in single precision for x <= 0: what a step of dt/tau needs, precise near 0, at the cost of an exponential.
/// Above 0 its error grows, to 70 units where there is no fused multiply-add; -infinity from 88.
CELLWRIGHT_LANE_INLINE float lane_one_minus_exp(float x) {
  const float shifted = detail::shifted_exponent(x);
  const float r =
      x - (shifted - detail::rounder_f) * 0x1.62e43p-1F;  // ln 2 in one part: what it lacks counts with exp(x)
  const float p = r + r * r * detail::exp_tail(r);        // exp(r) - 1
  const float s = detail::from_bits((detail::bits_of(shifted) << 23) + detail::bits_of(1.0F));  // 2^k
  const float value = (1.0F - s) - s * p;  // the difference is exact where its size matters
  const float not_small = x < -87.0F ? 1.0F : value;
  return x > 88.0F ? -static_cast<float>(detail::infinity) : not_small;
}

/// Natural logarithm.
CELLWRIGHT_LANE_INLINE double lane_log(double x) { return detail::log_of(x, detail::ln2_high, detail::ln2_low); }
CELLWRIGHT_LANE_INLINE float lane_log(float x) { return detail::log_of(x, detail::ln2_high_f, detail::ln2_low_f); }

/// Logarithm to base 10.
CELLWRIGHT_LANE_INLINE double lane_log10(double x) {
  const detail::LogReduction<double> reduced = detail::reduce_for_log(x);
  const double f = reduced.f;
  const double s = f / (2.0 + f);
  const double half_square = 0.5 * f * f;
  // f - f^2/2 in two parts, the first of 21 bits, so that its product with the 32 bits below is exact
  const double high = detail::from_bits(detail::bits_of(f - half_square) & 0xFFFFFFFF00000000U);
  const double low = ((f - high) - half_square) + s * (half_square + detail::log_tail(s * s));
  constexpr double inverse_ln10_high = 0x1.bcb7b152p-2;
  constexpr double inverse_ln10_low = 0x1.b9438ca9aadd5p-36;
  const double whole = reduced.k * 0x1.34413509f78p-2;  // log10(2), 42 bits: exact
  const double part = high * inverse_ln10_high;
  const double sum = whole + part;
  const double rest = reduced.k * 0x1.fef311f12b358p-46 + ((low + high) * inverse_ln10_low + low * inverse_ln10_high);
  return detail::with_log_limits(x, sum + (((whole - sum) + part) + rest));
}
CELLWRIGHT_LANE_INLINE float lane_log10(float x) { return static_cast<float>(lane_log10(static_cast<double>(x))); }

/// x^y.
CELLWRIGHT_LANE_INLINE double lane_pow(double x, double y) {
  const double magnitude = __builtin_fabs(x);
  const detail::Pair log_x = detail::log_pair(magnitude);
  const double exponent = detail::clamp(y, -1e25, 1e25);  // beyond, every power but that of 1 is 0 or infinity
  const double product = exponent * log_x.high;
  const double product_low = detail::product_error(exponent, log_x.high, product) + exponent * log_x.low;
  const double power = detail::exp_pair(product, product_low);
  const bool extreme = (magnitude == 0.0) | (magnitude == detail::infinity);
  const double limit = (magnitude == 0.0) == (y < 0.0) ? detail::infinity : 0.0;
  const double size = extreme ? limit : power;
  const bool whole = __builtin_floor(y) == y;
  const bool odd = whole & (__builtin_floor(0.5 * y) * 2.0 != y);
  const double with_sign = odd ? __builtin_copysign(size, x) : size;
  const bool undefined = (x < 0.0) & (x > -detail::infinity) & !whole;
  const double value = undefined ? detail::not_a_number : with_sign;
  const double with_nan = (x != x) | (y != y) ? x + y : value;
  return (y == 0.0) | (x == 1.0) ? 1.0 : with_nan;
}
CELLWRIGHT_LANE_INLINE float lane_pow(float x, float y) {
  return static_cast<float>(lane_pow(static_cast<double>(x), static_cast<double>(y)));
}

/// Square root. The processor's where the compiler may use it in a loop: only with -fno-math-errno; else by Newton's
/// iteration for 1/sqrt(x) and one exact correction.
CELLWRIGHT_LANE_INLINE double lane_sqrt(double x) {
#ifdef __NO_MATH_ERRNO__
  return __builtin_sqrt(x);
#else
  const bool tiny = x < 0x1p-900;
  const double a = tiny ? x * 0x1p200 : x;
  double y = detail::from_bits(0x5FE6EB50C7B537A9U - (detail::bits_of(a) >> 1));  // within 3.5 %
  y = y * (1.5 - (0.5 * a) * y * y);
  y = y * (1.5 - (0.5 * a) * y * y);
  y = y * (1.5 - (0.5 * a) * y * y);
  y = y * (1.5 - (0.5 * a) * y * y);
  const double root = a * y;
  const double square = root * root;
  const double residual = (a - square) - detail::product_error(root, root, square);
  const double corrected = root + residual * (0.5 * y);
  const double value = tiny ? corrected * 0x1p-100 : corrected;
  const double non_negative = (x == 0.0) | (x == detail::infinity) ? x : value;
  return x < 0.0 ? detail::not_a_number : non_negative;
#endif
}
CELLWRIGHT_LANE_INLINE float lane_sqrt(float x) {
#ifdef __NO_MATH_ERRNO__
  return __builtin_sqrtf(x);
#else
  return static_cast<float>(lane_sqrt(static_cast<double>(x)));
#endif
}

CELLWRIGHT_LANE_INLINE double lane_sinh(double x) {
  const double size = __builtin_fabs(x);
  const detail::ExpParts<double> parts = detail::exp_parts(detail::clamp(size, -1000.0, 1000.0));
  const double t = detail::expm1_of(detail::ExpParts<double>{lane_fmin(parts.k, 4.0), parts.p, parts.p_low}, 0.0);
  const double small = 0.5 * (t + t / (t + 1.0));
  const double half_exp = detail::scale(detail::one_plus(parts), parts.k - 1.0);
  const double value = size < 1.0 ? small : half_exp - 0.25 / half_exp;
  return __builtin_copysign(value, x);
}
CELLWRIGHT_LANE_INLINE float lane_sinh(float x) { return static_cast<float>(lane_sinh(static_cast<double>(x))); }

CELLWRIGHT_LANE_INLINE double lane_cosh(double x) {
  const detail::ExpParts<double> parts = detail::exp_parts(detail::clamp(__builtin_fabs(x), -1000.0, 1000.0));
  const double half_exp = detail::scale(detail::one_plus(parts), parts.k - 1.0);
  return half_exp + 0.25 / half_exp;
}
CELLWRIGHT_LANE_INLINE float lane_cosh(float x) { return static_cast<float>(lane_cosh(static_cast<double>(x))); }

CELLWRIGHT_LANE_INLINE double lane_tanh(double x) {
  const double size = __builtin_fabs(x);
  const double t = detail::expm1_of(detail::exp_parts(-2.0 * detail::clamp(size, -50.0, 50.0)), -80.0);
  return __builtin_copysign(-t / (2.0 + t), x);
}
CELLWRIGHT_LANE_INLINE float lane_tanh(float x) { return static_cast<float>(lane_tanh(static_cast<double>(x))); }

CELLWRIGHT_LANE_INLINE double lane_sin(double x) {
  const double value = detail::sin_shifted(x, 0);
  return x == 0.0 ? x : value;
}
CELLWRIGHT_LANE_INLINE float lane_sin(float x) { return static_cast<float>(lane_sin(static_cast<double>(x))); }

CELLWRIGHT_LANE_INLINE double lane_cos(double x) { return detail::sin_shifted(x, 1); }
CELLWRIGHT_LANE_INLINE float lane_cos(float x) { return static_cast<float>(lane_cos(static_cast<double>(x))); }

/// x / (e^x - 1), continued by 1 at 0: the rate of a gate that opens linearly. For positive x it is formed as
/// x e^-x / (1 - e^-x), which does not overflow.
CELLWRIGHT_LANE_INLINE double lane_exprelr(double x) {
  const double size = __builtin_fabs(x);
  const double bounded = detail::clamp(size, 0.0, 1000.0);
  const detail::ExpParts<double> parts = detail::exp_parts(-bounded);
  // Scaled last, so that exp(-x) does not lose its digits to underflow before the product.
  const double numerator = x > 0.0 ? detail::scale(bounded * detail::one_plus(parts), parts.k) : size;
  const double value = numerator / -detail::expm1_of(parts, -80.0);
  return x == 0.0 ? 1.0 : value;
}
CELLWRIGHT_LANE_INLINE float lane_exprelr(float x) {
  const float size = __builtin_fabsf(x);
  const float bounded = detail::clamp(size, 0.0F, 120.0F);
  const detail::ExpParts<float> parts = detail::exp_parts(-bounded);
  const float numerator = x > 0.0F ? detail::scale(bounded * detail::one_plus(parts), parts.k) : size;
  const float value = numerator / -detail::expm1_of(parts, -40.0F);
  return x == 0.0F ? 1.0F : value;
}

}  // namespace cellwright::lane_math

#undef CELLWRIGHT_LANE_INLINE
