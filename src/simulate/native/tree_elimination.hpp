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

/// Whether v is kept with more digits than a Real has.
template <class Cable>
inline constexpr bool has_rest = sizeof(Real) < sizeof(double) && requires(Cable c) {
  c.v_rest;
};

/// Where v has rests, d is kept without the axial terms, which are large beside the others: a - a b/(b + d) of a child
/// is a d/(b + d), and no digits are lost; the right side goes the same way.
///
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
      if constexpr (has_rest<Cable>) {
        const Real dv = (v_p[lane] - v_j[lane]) + (c.v_rest[p * W + lane] - c.v_rest[j * W + lane]);
        const Real own = d_j[lane], rhs = rhs_j[lane];
        const Real inverse = Real(1) / (b + own);
        const Real factor = a * inverse;
        rhs_j[lane] = rhs + b * dv;
        d_j[lane] = inverse;
        d_p[lane] += factor * own;
        rhs_p[lane] += factor * (rhs - own * dv);
      } else {
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
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
