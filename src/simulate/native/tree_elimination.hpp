#pragma once
/// What the linear systems of the fixed and of the variable step have in common: one row for each node of the tree.
/// Included by sources that are compiled once per instruction set: everything here is local to its translation unit.

#include <cstddef>

#include "cellwright/abi/mechanism_abi.h"

namespace cellwright::simulate::native {

/// A coefficient of node j: one number for all lanes, or one per lane.
template <bool per_lane>
static inline __attribute__((always_inline)) double coefficient(const double* values, std::ptrdiff_t j, int lane) {
  return per_lane ? values[j * CELLWRIGHT_LANES + lane] : values[j];
}

/// From the leaves to the root: p = a/d; d_parent -= p b; rhs_parent -= ... . The axial terms are added on the way: the
/// right side of a node is complete once all its children have been eliminated. Leaves 1/d in d, but for the root.
/// (Taking the nodes by their distance from the root, so that neighbours do not wait for each other, was no faster.)
/// @tparam Cable  CableArrays or ImplicitCable
template <bool per_lane, class Cable>
static inline void eliminate(const Cable& c) {
  constexpr std::ptrdiff_t W = CELLWRIGHT_LANES;
  for (std::ptrdiff_t j = c.n - 1; j > 0; --j) {
    const std::ptrdiff_t p = c.parent[j];
    const double* __restrict v_j = c.v + j * W;
    const double* __restrict v_p = c.v + p * W;
    double* __restrict rhs_j = c.rhs + j * W;
    double* __restrict d_j = c.d + j * W;
    double* __restrict rhs_p = c.rhs + p * W;
    double* __restrict d_p = c.d + p * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const double a = coefficient<per_lane>(c.a, j, lane);
      const double b = coefficient<per_lane>(c.b, j, lane);
      const double dv = v_p[lane] - v_j[lane];
      const double right = rhs_j[lane] + b * dv;
      const double inverse = 1.0 / d_j[lane];
      const double factor = a * inverse;
      rhs_j[lane] = right;
      d_j[lane] = inverse;
      d_p[lane] -= factor * b;
      rhs_p[lane] += factor * right - a * dv;
    }
  }
}

}  // namespace cellwright::simulate::native
