#pragma once
/// What the linear systems of the fixed and of the variable step have in common: one row for each node of the tree.
/// Included by sources that are compiled once per instruction set: everything here is local to its translation unit.

#include <cstddef>

#include "cellwright/abi/mechanism_abi.h"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// A coefficient of node j: one number for all lanes, or one per lane.
template <bool per_lane>
static inline __attribute__((always_inline)) Real coefficient(const Real* values, std::ptrdiff_t j, int lane) {
  return per_lane ? values[j * static_cast<std::ptrdiff_t>(pack_lanes) + lane] : values[j];
}

/// From the leaves to the root: p = a/d; d_parent -= p b; rhs_parent -= ... . The axial terms are added on the way: the
/// right side of a node is complete once all its children have been eliminated. Leaves 1/d in d, but for the root.
/// (Taking the nodes by their distance from the root, so that neighbours do not wait for each other, was no faster.)
/// @tparam Cable  CableArrays or ImplicitCable
template <bool per_lane, class Cable>
static inline void eliminate(const Cable& c) {
  constexpr std::ptrdiff_t W = pack_lanes;
  for (std::ptrdiff_t j = c.n - 1; j > 0; --j) {
    const std::ptrdiff_t p = c.parent[j];
    const Real* __restrict v_j = c.v + j * W;
    const Real* __restrict v_p = c.v + p * W;
    Real* __restrict rhs_j = c.rhs + j * W;
    Real* __restrict d_j = c.d + j * W;
    Real* __restrict rhs_p = c.rhs + p * W;
    Real* __restrict d_p = c.d + p * W;
#pragma omp simd
    for (int lane = 0; lane < W; ++lane) {
      const Real a = coefficient<per_lane>(c.a, j, lane);
      const Real b = coefficient<per_lane>(c.b, j, lane);
      const Real dv = v_p[lane] - v_j[lane];
      const Real right = rhs_j[lane] + b * dv;
      const Real inverse = Real(1) / d_j[lane];
      const Real factor = a * inverse;
      rhs_j[lane] = right;
      d_j[lane] = inverse;
      d_p[lane] -= factor * b;
      rhs_p[lane] += factor * right - a * dv;
    }
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
