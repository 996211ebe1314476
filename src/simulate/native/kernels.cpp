/// Compiled several times: CELLWRIGHT_KERNEL_VARIANT names the variant's accessor. Includes nothing whose inline
/// functions could be shared with translation units that are compiled for another instruction set.

#include "simulate/native/kernels.hpp"

#include <cmath>
#include <cstddef>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/numeric/lane_math.hpp"
#include "simulate/native/tree_elimination.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr int W = pack_lanes;

template <bool per_lane>
void clear(const CableArrays& c) {
  for (std::ptrdiff_t j = 0; j < c.n; ++j) {
    Real* __restrict rhs = c.rhs + j * W;
    Real* __restrict d = c.d + j * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      rhs[lane] = 0;
      d[lane] = coefficient<per_lane>(c.d0, j, lane);
    }
  }
}

/// v += dv; of floats, whose changes within a step are small beside them, what is rounded off is kept for the next one.
inline __attribute__((always_inline)) void advance(Real& v, [[maybe_unused]] Real* rest, Real dv) {
  if constexpr (sizeof(Real) == sizeof(double)) {
    v += dv;
  } else {
    const Real change = dv + *rest;
    const Real sum = v + change;
    *rest = change - (sum - v);
    v = sum;
  }
}

template <bool per_lane>
void solve(const CableArrays& c) {
  eliminate<per_lane>(c);
#pragma omp simd
  for (int lane = 0; lane < W; ++lane) {
    c.rhs[lane] = c.rhs[lane] / c.d[lane];
    advance(c.v[lane], c.v_rest + lane, c.rhs[lane]);
  }
  for (std::ptrdiff_t j = 1; j < c.n; ++j) {
    const Real* __restrict dv_p = c.rhs + static_cast<std::ptrdiff_t>(c.parent[j]) * W;
    const Real* __restrict inverse = c.d + j * W;
    Real* __restrict dv_j = c.rhs + j * W;
    Real* __restrict v_j = c.v + j * W;
    Real* __restrict rest_j = c.v_rest + j * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real dv = (dv_j[lane] + coefficient<per_lane>(c.b, j, lane) * dv_p[lane]) * inverse[lane];
      dv_j[lane] = dv;
      advance(v_j[lane], rest_j + lane, dv);
    }
  }
}

inline __attribute__((always_inline)) Real logarithm(Real x) {
#ifdef CELLWRIGHT_STRICT
  return std::log(x);
#else
  return lane_math::lane_log(x);
#endif
}

void nernst(const NernstArrays& ion) {
  for (std::ptrdiff_t k = 0; k < ion.n; ++k) {
    const std::ptrdiff_t first = static_cast<std::ptrdiff_t>(ion.slot[k]) * W;
    Real* __restrict e = ion.e + first;
    const Real* __restrict ci = ion.ci + first;
    const Real* __restrict co = ion.co + first;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real regular = ion.factor[lane] * logarithm(co[lane] / ci[lane]);
      e[lane] = ci[lane] <= 0 ? Real(1e6) : (co[lane] <= 0 ? Real(-1e6) : regular);
    }
  }
}

}  // namespace

// The accessor's name differs per variant; declared in select_kernels.cpp.
const Kernels& CELLWRIGHT_KERNEL_VARIANT();
const Kernels& CELLWRIGHT_KERNEL_VARIANT() {
  static constexpr Kernels kernels{clear<false>, solve<false>, clear<true>,
                                   solve<true>,  nernst,       CELLWRIGHT_KERNEL_INSTRUCTION_SET};
  return kernels;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
