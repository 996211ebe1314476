/// Compiled several times: CELLWRIGHT_IMPLICIT_VARIANT names the variant's accessor. Includes nothing whose inline
/// functions could be shared with translation units that are compiled for another instruction set.

#include "simulate/native/implicit_kernels.hpp"

#include <cstddef>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/numeric/lane_math.hpp"
#include "simulate/native/tree_elimination.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr int W = pack_lanes;
using Index = std::ptrdiff_t;

#define CELLWRIGHT_INLINE inline __attribute__((always_inline))

constexpr int points = history_points;

/// Weights and slots where the compiler can keep them in registers. Always all points, of which some have the weight 0:
/// how a sum is rounded must not depend on what other lanes need.
struct Sum {
  alignas(CELLWRIGHT_ALIGNMENT) Real weight[points][W];
  const Real* slot[points];

  CELLWRIGHT_INLINE Sum(const HistorySum& history, const Real* weights) {
    for (int p = 0; p < points; ++p) {
      slot[p] = history.slot[p];
      for (int lane = 0; lane < W; ++lane) weight[p][lane] = weights[p * W + lane];
    }
  }
  /// The sum or, in single precision, what it is more than (sum of the weights) * base(): of differences, so that
  /// rounding is as small as they are.
  CELLWRIGHT_INLINE Real change(Index at, int lane) const {
    constexpr bool single = sizeof(Real) == sizeof(float);
    const Real base = slot[0][at + lane];
    Real sum = single ? Real(0) : weight[0][lane] * base;
#pragma GCC unroll 8
    for (int p = 1; p < points; ++p) sum += weight[p][lane] * (single ? slot[p][at + lane] - base : slot[p][at + lane]);
    return sum;
  }
  /// The sum with weights that add up to 1.
  CELLWRIGHT_INLINE Real value(Index at, int lane) const {
    if constexpr (sizeof(Real) == sizeof(float)) return slot[0][at + lane] + change(at, lane);
    return change(at, lane);
  }
};

template <bool per_lane>
void predict(const ImplicitCable& c, const HistorySum& history) {
  const Sum value(history, history.predictor);
  const Sum rate(history, history.voltage_rate);
  alignas(CELLWRIGHT_ALIGNMENT) Real a0[W];
  for (int lane = 0; lane < W; ++lane) a0[lane] = c.a0[lane];
  for (Index j = 0; j < c.n; ++j) {
    Real* __restrict v = c.v + j * W;
    Real* __restrict rhs = c.rhs + j * W;
    Real* __restrict d = c.d + j * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real capacitance = coefficient<per_lane>(c.capacitance, j, lane);
      v[lane] = value.value(j * W, lane);
      rhs[lane] = -capacitance * rate.change(j * W, lane);
      d[lane] = capacitance * a0[lane] + coefficient<per_lane>(c.axial, j, lane);
    }
  }
}

void rates(const HistorySum& history, std::int64_t first, std::int32_t n, Real* out) {
  const Sum rate(history, history.rate);
  for (Index r = 0; r < n; ++r) {
    Real* __restrict to = out + r * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) to[lane] = rate.change((first + r) * W, lane);
  }
}

void values(const HistorySum& history, std::int64_t first, std::int32_t n, Real* out) {
  const Sum prediction(history, history.predictor);
  for (Index r = 0; r < n; ++r) {
    Real* __restrict to = out + r * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) to[lane] = prediction.value((first + r) * W, lane);
  }
}

/// Larger than any that a step could have, and its product with others is still finite.
constexpr Real error_of_nan = sizeof(Real) == sizeof(float) ? Real(1e30) : static_cast<Real>(1e300);

CELLWRIGHT_INLINE Real larger(Real a, Real b) { return b > a ? b : a; }

template <bool per_lane>
void solve(const ImplicitCable& c, Real* largest) {
  eliminate<per_lane>(c);
  alignas(CELLWRIGHT_ALIGNMENT) Real most[W], total[W];
#pragma omp simd
  for (int lane = 0; lane < W; ++lane) {
    c.rhs[lane] = c.rhs[lane] / c.d[lane];
    c.v[lane] += c.rhs[lane];
    c.result[lane] = c.v[lane];
    most[lane] = coefficient<per_lane>(c.capacitance, 0, lane) > 0 ? lane_math::lane_fabs(c.rhs[lane]) : Real(0);
    total[lane] = c.rhs[lane];
  }
  for (Index j = 1; j < c.n; ++j) {
    const Real* __restrict dv_p = c.rhs + static_cast<Index>(c.parent[j]) * W;
    const Real* __restrict inverse = c.d + j * W;
    Real* __restrict dv_j = c.rhs + j * W;
    Real* __restrict v_j = c.v + j * W;
    Real* __restrict result = c.result + j * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real dv = (dv_j[lane] + coefficient<per_lane>(c.b, j, lane) * dv_p[lane]) * inverse[lane];
      const Real v = v_j[lane] + dv;
      dv_j[lane] = dv;
      v_j[lane] = v;
      result[lane] = v;
      const Real size = coefficient<per_lane>(c.capacitance, j, lane) > 0 ? lane_math::lane_fabs(dv) : Real(0);
      most[lane] = larger(most[lane], size);
      total[lane] += dv;
    }
  }
  // A maximum forgets NaN, a sum does not.
  for (int lane = 0; lane < W; ++lane)
    largest[lane] = total[lane] - total[lane] == 0 ? most[lane] : total[lane] - total[lane];
}

void correct(std::int32_t n, const std::int32_t* node, const Real* change, const Real* slope, Real* x) {
  for (Index i = 0; i < n; ++i) {
    const Real* __restrict dv = change + static_cast<Index>(node[i]) * W;
    const Real* __restrict by_v = slope + i * W;
    Real* __restrict value = x + i * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) value[lane] += by_v[lane] * dv[lane];
  }
}

void state_error(const HistorySum& history, std::int32_t n, const std::int32_t* row, const Real* x, Real* error) {
  const Sum prediction(history, history.predictor);
  alignas(CELLWRIGHT_ALIGNMENT) Real most[W];
  for (int lane = 0; lane < W; ++lane) most[lane] = error[lane];
  for (Index k = 0; k < n; ++k) {
    const Index at = static_cast<Index>(row[k]) * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real value = x[at + lane];
      const Real size = lane_math::lane_fabs(value);
      const Real difference =
          lane_math::lane_fabs(value - prediction.value(at, lane)) / (size > Real(1) ? size : Real(1));
      // NaN counts as an error that no step can have.
      most[lane] = difference <= most[lane] ? most[lane] : (difference == difference ? difference : error_of_nan);
    }
  }
  for (int lane = 0; lane < W; ++lane) error[lane] = most[lane];
}

void copy(std::int64_t rows, const Real* mask, const Real* from, Real* to) {
  for (Index r = 0; r < rows; ++r) {
    const Real* __restrict source = from + r * W;
    Real* __restrict target = to + r * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) target[lane] = mask[lane] != 0 ? source[lane] : target[lane];
  }
}

}  // namespace

// The accessor's name differs per variant; declared in select_kernels.cpp.
const ImplicitKernels& CELLWRIGHT_IMPLICIT_VARIANT();
const ImplicitKernels& CELLWRIGHT_IMPLICIT_VARIANT() {
  static constexpr ImplicitKernels kernels{predict<false>, solve<false>, predict<true>, solve<true>, rates,
                                           values,         correct,      state_error,   copy};
  return kernels;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
