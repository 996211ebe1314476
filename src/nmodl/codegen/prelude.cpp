#include "nmodl/codegen/prelude.hpp"

namespace cellwright::nmodl {

// In the strict mode every function is the C library's, as in NEURON. nernst and ghk: neuron-semantics 4.1.
// The C library's functions stand here under the compiler's own names: <cmath> costs a quarter of the time of compiling
// a mechanism.
const char* const generated_prelude = R"PRELUDE(
#include <stdint.h>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/numeric/lane_math.hpp"
#include "cellwright/numeric/lane_rows.hpp"

#ifndef CELLWRIGHT_FAST
#error "CELLWRIGHT_FAST must be 1 (fast) or 0 (strict)"
#endif
// 1 where the rows' numbers are floats.
#define CW_IS_float 1
#define CW_IS_double 0
#define CW_IS_NUMBER(number) CW_IS_##number
#define CW_IS(number) CW_IS_NUMBER(number)
#define CW_SINGLE CW_IS(CELLWRIGHT_REAL)
#define CW_INLINE [[maybe_unused]] static inline __attribute__((always_inline))
#if CELLWRIGHT_FAST
#define CW_CHOOSE(strict, fast) (fast)
#define CW_FUNCTION(name, strict, fast)                                             \
  CW_INLINE double cw_##name(double x) { return cellwright::lane_math::fast(x); } \
  CW_INLINE float cw_##name(float x) { return cellwright::lane_math::fast(x); }
#else
#define CW_CHOOSE(strict, fast) (strict)
#define CW_FUNCTION(name, strict, fast)                        \
  CW_INLINE double cw_##name(double x) { return strict(x); } \
  CW_INLINE float cw_##name(float x) { return strict##f(x); }
#endif

namespace {

constexpr int W = CELLWRIGHT_LANES;

// A type from which a template's argument is not deduced.
template <class Type>
struct SameAs {
  using type = Type;
};
template <class Type>
using Same = typename SameAs<Type>::type;

CW_FUNCTION(cos, __builtin_cos, lane_cos)
CW_FUNCTION(cosh, __builtin_cosh, lane_cosh)
CW_FUNCTION(exp, __builtin_exp, lane_exp_15)
// An implicit step's own error is far above the tenth digit.
CW_FUNCTION(implicit_exp, __builtin_exp, lane_exp_10)
// Of arguments that are small wherever v is usual: what knows that v is (cw_v_is_usual) computes them `within`.
CW_FUNCTION(usual_exp, __builtin_exp, lane_exp_15)
CW_FUNCTION(exp_within, __builtin_exp, lane_exp_15_within)
CW_FUNCTION(implicit_exp_within, __builtin_exp, lane_exp_10_within)
CW_FUNCTION(usual_exp2, __builtin_exp2, lane_exp2_10_within)
CW_FUNCTION(exp2_within, __builtin_exp2, lane_exp2_15_within)
// What a frame of Reals has for its times, and for one lane of a Real.
template <class Real>
struct cw_kind {
  using Time = double;
  using OfLane = Real;
};
// What computes with all lanes of a row at once where that is possible; elsewhere with loops over lanes. The same text:
// cw_wide is a lane's number or a row's, CW_LANES a loop or a visit.
#if CELLWRIGHT_FAST && CW_SINGLE && defined(CELLWRIGHT_HAS_ROWS)
static_assert(W == cellwright::lane_rows::lanes);
#define CW_LANES if (constexpr cellwright::lane_rows::EveryLane lane; true)
using cw_wide = cellwright::lane_rows::Row;
template <class Number>
using cw_rows = cellwright::lane_rows::Rows<Number>;
template <>
struct cw_kind<cw_wide> {
  using Time = cw_wide;
  using OfLane = cw_real;
};
CW_INLINE cw_wide cw_exp(cw_wide x) { return exp(x); }
CW_INLINE cw_wide cw_exp_within(cw_wide x) { return exp(x); }
CW_INLINE cw_wide cw_exp2_within(cw_wide x) { return exp2(x); }
CW_INLINE cw_wide cw_one_minus_exp(cw_wide x) { return one_minus_exp(x); }
CW_INLINE cw_wide cw_fabs(cw_wide x) { return fabs(x); }
CW_INLINE auto cw_is_usual(cw_wide v) { return fabs(v) <= cw_wide(CW_USUAL_V); }
CW_INLINE cw_wide cw_select(cellwright::lane_rows::Mask where, cw_wide x, cw_wide y) { return select(where, x, y); }
CW_INLINE cw_wide cw_shared(const cw_real* row, cellwright::lane_rows::EveryLane lane) {
  return cw_rows<const cw_real>(row)[lane];
}
#else
#define CW_LANES _Pragma("omp simd") for (int lane = 0; lane < W; ++lane)
using cw_wide = cw_real;
template <class Number>
using cw_rows = Number*;
#endif
CW_INLINE cw_real cw_select(bool where, cw_real x, cw_real y) { return where ? x : y; }
template <class Number>
CW_INLINE Number cw_shared(const Number* row, int lane) {
  return row[lane];
}
CW_INLINE bool cw_is_usual(double v) { return __builtin_fabs(v) <= CW_USUAL_V; }
CW_INLINE bool cw_v_is_usual(const cw_block* b) { return b->v_is_usual != nullptr && *b->v_is_usual != 0; }
CW_FUNCTION(fabs, __builtin_fabs, lane_fabs)
CW_FUNCTION(floor, __builtin_floor, lane_floor)
CW_FUNCTION(log, __builtin_log, lane_log)
CW_FUNCTION(log10, __builtin_log10, lane_log10)
CW_FUNCTION(sin, __builtin_sin, lane_sin)
CW_FUNCTION(sinh, __builtin_sinh, lane_sinh)
CW_FUNCTION(sqrt, __builtin_sqrt, lane_sqrt)
CW_FUNCTION(tanh, __builtin_tanh, lane_tanh)
// 1 - exp(x); for floats with all its digits where x is small, as dt/tau is.
CW_INLINE double cw_one_minus_exp(double x) { return 1.0 - cw_exp(x); }
CW_INLINE float cw_one_minus_exp(float x) { return cellwright::lane_math::lane_one_minus_exp(x); }
CW_INLINE double cw_acos(double x) { return __builtin_acos(x); }
CW_INLINE double cw_asin(double x) { return __builtin_asin(x); }
CW_INLINE double cw_atan(double x) { return __builtin_atan(x); }
CW_INLINE double cw_atan2(double x, double y) { return __builtin_atan2(x, y); }
CW_INLINE double cw_ceil(double x) { return __builtin_ceil(x); }
CW_INLINE double cw_fmod(double x, double y) { return __builtin_fmod(x, y); }
CW_INLINE double cw_tan(double x) { return CW_CHOOSE(__builtin_tan(x), cw_sin(x) / cw_cos(x)); }
CW_INLINE double cw_c_pow(double x, double y) { return __builtin_pow(x, y); }
CW_INLINE float cw_c_pow(float x, float y) { return __builtin_powf(x, y); }
template <class Base, class Exponent>
CW_INLINE auto cw_pow(Base base, Exponent exponent) {
  const decltype(base + exponent) x = base, y = exponent;
  return CW_CHOOSE(cw_c_pow(x, y), cellwright::lane_math::lane_pow(x, y));
}

template <int n, class Real>
CW_INLINE Real cw_power(Real x) {
#if CELLWRIGHT_FAST
  if constexpr (n == 1) return x;
  else if constexpr (n % 2 == 0) return cw_power<n / 2>(x * x);
  else return x * cw_power<n - 1>(x);
#else
  return cw_c_pow(x, static_cast<Real>(n));
#endif
}

// Truncates; NaN and what no int holds become the nearest bound.
CW_INLINE int cw_int(double x) { return x > -1e9 ? (x < 1e9 ? static_cast<int>(x) : 1000000000) : -1000000000; }

template <class Real, int n>
CW_INLINE Real cw_get(const Real (&array)[n], int index) {
  return index >= 0 && index < n ? array[index] : Real(__builtin_nan(""));
}
template <class Real, int n>
CW_INLINE void cw_set(Real (&array)[n], int index, Same<Real> value) {
  if (index >= 0 && index < n) array[index] = value;
}

constexpr double cw_faraday = 96485.33212331001;
constexpr double cw_gas_constant = 8.31446261815324;

CW_INLINE double cw_c_truncate(double x) { return __builtin_trunc(x); }

// True in the one step that passes the time: NEURON's test of a fixed step.
CW_INLINE double cw_at_time(double t, double dt, double time) {
  return (time - 1e-11 <= t) & (time - 1e-11 > t - dt) ? 1.0 : 0.0;
}

CW_INLINE double cw_nernst(double celsius, double inside, double outside, double valence) {
  const double potential =
      1000.0 * cw_gas_constant * (celsius + 273.15) / cw_faraday / valence * cw_log(outside / inside);
  const double bounded = outside > 0 ? potential : -1e6;
  return valence == 0 ? 0.0 : (inside > 0 ? bounded : 1e6);
}
CW_INLINE double cw_ghk_part(double x) {
  return (x < 0 ? -x : x) < 1e-4 ? 1.0 - x / 2.0 : x / (cw_exp(x) - 1.0);
}
CW_INLINE double cw_ghk(double celsius, double v, double inside, double outside, double valence) {
  const double u = valence * v / (1000.0 * cw_gas_constant * (celsius + 273.15) / cw_faraday);
  return 0.001 * valence * cw_faraday * (inside * cw_ghk_part(-u) - outside * cw_ghk_part(u));
}
// By v. With p(x) = x/(exp(x) - 1): p' = p (1 - p - x)/x, which loses digits near 0.
CW_INLINE double cw_ghk_part_slope(double x) {
  const double p = cw_ghk_part(x);
  return (x < 0 ? -x : x) < 1e-2 ? x / 6.0 - 0.5 - x * x * x / 180.0 : p * (1.0 - p - x) / x;
}
CW_INLINE double cw_ghk_slope(double celsius, double v, double inside, double outside, double valence) {
  const double per_mv = valence / (1000.0 * cw_gas_constant * (celsius + 273.15) / cw_faraday);
  const double u = per_mv * v;
  return -0.001 * valence * cw_faraday * per_mv *
         (inside * cw_ghk_part_slope(-u) + outside * cw_ghk_part_slope(u));
}

// Of an implicit step: the H of cw_implicit_step, x where A - B x = x', and f - x' for an x. The sum is the engine's
// (implicit_kernels.cpp), in its order.
template <class Real>
CW_INLINE Real cw_history(const Real* weight, const Real* p0, const Real* p1, const Real* p2, const Real* p3,
                          const Real* p4, long at, long lane) {
  static_assert(CW_HISTORY_POINTS == 5);
  constexpr bool single = sizeof(Real) < sizeof(double);
  const Real base = single ? p0[at] : Real(0);
  Real sum = single ? Real(0) : weight[lane] * p0[at];
  sum += weight[W + lane] * (p1[at] - base);
  sum += weight[2 * W + lane] * (p2[at] - base);
  sum += weight[3 * W + lane] * (p3[at] - base);
  sum += weight[4 * W + lane] * (p4[at] - base);
  return sum;
}
CW_INLINE double cw_linear_state(double a, double, double h, double inverse, double) { return (a - h) * inverse; }
CW_INLINE float cw_linear_state(float a, float b, float h, float inverse, float base) {
  return base + (a - b * base - h) * inverse;
}
// Calls usual() for all lanes of one instance, and any(lane) for those in which v is not usual: for these, `row` becomes
// again what it was before. A lane's numbers so come from the same code whatever v its neighbours have.
template <int n, class Usual, class Any>
CW_INLINE void cw_by_lane(const cw_real* v, cw_real* const (&row)[n], const Usual& usual, const Any& any) {
  bool all = true;
  for (int lane = 0; lane < W; ++lane) all = all && cw_is_usual(v[lane]);
  if (all) return usual();
  cw_real before[n][W];
  for (int k = 0; k < n; ++k) {
    for (int lane = 0; row[k] && lane < W; ++lane) before[k][lane] = row[k][lane];
  }
  usual();
  for (int lane = 0; lane < W; ++lane) {
    if (cw_is_usual(v[lane])) continue;
    for (int k = 0; k < n; ++k) {
      if (row[k]) row[k][lane] = before[k][lane];
    }
    any(lane);
  }
}

// For d x' = a - b x, the divisor of x and of what it is more than `base` apart.
CW_INLINE double cw_linear_change(double a, double, double d, double h, double) { return a - h * d; }
CW_INLINE float cw_linear_change(float a, float b, float d, float h, float base) { return a - b * base - h * d; }
CW_INLINE double cw_changed(double, double change) { return change; }
CW_INLINE float cw_changed(float base, float change) { return base + change; }
CW_INLINE double cw_residual(double f, double a0, double x, double h, double) { return f - a0 * x - h; }
CW_INLINE float cw_residual(float f, float a0, float x, float h, float base) { return f - a0 * (x - base) - h; }

// Pivots of at most 1e-20 count as 0: NEURON stops there, here the lane's unknowns become NaN.
CW_INLINE double cw_reciprocal(double x) { return __builtin_fabs(x) > 1e-20 ? 1.0 / x : __builtin_nan(""); }

// Sparse elimination by tables; b: right side, then solution.
[[maybe_unused]] void cw_eliminate(const int32_t* table, const int32_t* begins, int n, double* m, double* b) {
  for (int step = 0; step < n; ++step) {
    const int32_t* at = table + begins[step];
    const int pivot = at[0], n_right = at[2], n_rows = at[3];
    const double inverse = m[at[1]] = cw_reciprocal(m[at[1]]);
    const int32_t* const right = at + 4;
    at = right + 2 * n_right;
    for (int k = 0; k < n_rows; ++k, at += 2 + n_right) {
      const double r = m[at[1]] * inverse;
      b[at[0]] -= r * b[pivot];
      for (int c = 0; c < n_right; ++c) m[at[2 + c]] -= r * m[right[2 * c + 1]];
    }
  }
  for (int step = n - 1; step >= 0; --step) {
    const int32_t* const at = table + begins[step];
    for (int c = 0; c < at[2]; ++c) b[at[0]] -= m[at[5 + 2 * c]] * b[at[4 + 2 * c]];
    b[at[0]] *= m[at[1]];
  }
}

// Factors an n x n matrix in place, rows scaled by their largest element, with row pivots. False: singular.
template <int n>
bool cw_factor(double (&m)[n * n], int (&row)[n]) {
  double scale[n];
  for (int i = 0; i < n; ++i) {
    row[i] = i;
    scale[i] = 0;
    for (int j = 0; j < n; ++j) scale[i] = __builtin_fmax(scale[i], __builtin_fabs(m[i * n + j]));
  }
  for (int k = 0; k < n; ++k) {
    int best = k;
    for (int i = k + 1; i < n; ++i) {
      const double one = __builtin_fabs(m[row[i] * n + k]) / scale[row[i]];
      if (one > __builtin_fabs(m[row[best] * n + k]) / scale[row[best]]) best = i;
    }
    const int pivot = row[best];
    row[best] = row[k];
    row[k] = pivot;
    if (__builtin_fabs(m[pivot * n + k]) < 1e-20) return false;
    for (int i = k + 1; i < n; ++i) {
      double* const below = m + row[i] * n;
      below[k] /= m[pivot * n + k];
      for (int j = k + 1; j < n; ++j) below[j] -= below[k] * m[pivot * n + j];
    }
  }
  return true;
}
template <int n>
void cw_substitute(const double (&m)[n * n], const int (&row)[n], const double (&right)[n], double (&x)[n]) {
  for (int i = 0; i < n; ++i) {
    x[i] = right[row[i]];
    for (int j = 0; j < i; ++j) x[i] -= m[row[i] * n + j] * x[j];
  }
  for (int i = n - 1; i >= 0; --i) {
    for (int j = i + 1; j < n; ++j) x[i] -= m[row[i] * n + j] * x[j];
    x[i] /= m[row[i] * n + i];
  }
}

// Solves m*x = right; x takes right's place.
template <int n>
void cw_linear(double (&m)[n * n], double (&right)[n]) {
  int row[n];
  double x[n];
  const bool regular = cw_factor<n>(m, row);
  if (regular) cw_substitute<n>(m, row, right, x);
  for (int i = 0; i < n; ++i) right[i] = regular ? x[i] : __builtin_nan("");
}

// Newton's method as NEURON has it: the Jacobian by central differences of 2 % or 1e-6, computed anew only while the
// largest relative change is above 5 %; done when that change is at most 1e-6 and all values at most 1e-8.
template <int n, class Evaluate>
void cw_newton(double* const (&x)[n], const Evaluate& evaluate) {
  double value[n], high[n], m[n * n], change[n];
  int row[n];
  double largest = 1;
  bool regular = true;
  for (int round = 0; round < 50 && regular; ++round) {
    if (largest > 0.05) {
      for (int j = 0; j < n; ++j) {
        const double step = __builtin_fmax(__builtin_fabs(0.02 * *x[j]), 1e-6);
        *x[j] += step;
        evaluate(high);
        *x[j] -= 2.0 * step;
        evaluate(value);
        for (int i = 0; i < n; ++i) m[i * n + j] = (high[i] - value[i]) / (2.0 * step);
        *x[j] += step;
        evaluate(value);
      }
      for (int i = 0; i < n; ++i) value[i] = -value[i];
      regular = cw_factor<n>(m, row);
      if (!regular) break;
    }
    cw_substitute<n>(m, row, value, change);
    largest = 0;
    for (int i = 0; i < n; ++i) {
      if (__builtin_fabs(*x[i]) > 1e-8) largest = __builtin_fmax(largest, __builtin_fabs(change[i] / *x[i]));
      *x[i] += change[i];
    }
    evaluate(value);
    double worst = 0;
    for (int i = 0; i < n; ++i) {
      value[i] = -value[i];
      worst = __builtin_fmax(worst, __builtin_fabs(value[i]));
    }
    if (largest <= 1e-6 && worst <= 1e-8) return;
  }
  for (int i = 0; i < n; ++i) *x[i] = __builtin_nan("");
}

)PRELUDE";

}  // namespace cellwright::nmodl
