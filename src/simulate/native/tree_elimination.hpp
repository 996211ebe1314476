#pragma once
/// What the linear systems of the fixed and of the variable step have in common: one row for each node of the tree.
/// Included by sources that are compiled once per instruction set: everything here is local to its translation unit.

#include <cstddef>
#include <cstdint>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/numeric/lane_math.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// The lanes of a row at once: what a loop over nodes can carry in registers from one node to the next.
using Row __attribute__((vector_size(sizeof(Real) * pack_lanes), may_alias)) = Real;

static inline __attribute__((always_inline)) Row& row(Real* values, std::ptrdiff_t j) {
  return reinterpret_cast<Row*>(values)[j];
}
static inline __attribute__((always_inline)) const Row& row(const Real* values, std::ptrdiff_t j) {
  return reinterpret_cast<const Row*>(values)[j];
}

/// A coefficient of node j: one number for all lanes, or one per lane.
template <bool per_lane>
static inline __attribute__((always_inline)) Row coefficient(const Real* values, std::ptrdiff_t j) {
  if constexpr (per_lane) return row(values, j);
  return values[j] - Row{};
}

static inline __attribute__((always_inline)) Row magnitude(const Row& x) {
  Row result;
  for (std::size_t lane = 0; lane < pack_lanes; ++lane) result[lane] = lane_math::lane_fabs(x[lane]);
  return result;
}

/// The largest size of v so far, lane by lane; forgets NaN, for which nothing that follows can be right or wrong.
struct LargestV {
  Row size = {};
  inline __attribute__((always_inline)) void add(const Row& v) {
    const Row other = magnitude(v);
    size = other > size ? other : size;
  }
  bool is_usual() const {
    for (std::size_t lane = 0; lane < pack_lanes; ++lane) {
      if (size[lane] > static_cast<Real>(CW_USUAL_V)) return false;
    }
    return true;
  }
};

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
/// Most nodes' parent is the next to be eliminated: it gets what its child sends it without a way through memory. That
/// is a chain of nodes that wait for each other: what does not need 1/d is multiplied while the division goes on.
/// (Taking the nodes by their distance from the root, so that neighbours do not wait for each other, was no faster.)
/// @tparam Cable  CableArrays or ImplicitCable
/// @param receiver  [n] the rows that the parents' terms are added to, see TreeStretches
/// @param first  of the nodes up to `end` that are eliminated, after all those behind them
template <bool per_lane, class Cable>
static inline __attribute__((always_inline)) void eliminate(const Cable& c, const std::int32_t* receiver,
                                                            std::ptrdiff_t first, std::ptrdiff_t end) {
  Row right = row(c.rhs, end - 1), diagonal = row(c.d, end - 1);
  const std::ptrdiff_t last = first > 0 ? first : 1;
  for (std::ptrdiff_t j = end - 1; j >= last; --j) {
    const std::ptrdiff_t p = c.parent[j], to = receiver[j];
    const Row a = coefficient<per_lane>(c.a, j);
    const Row b = coefficient<per_lane>(c.b, j);
    Row dv = row(c.v, p) - row(c.v, j), inverse;
    if constexpr (has_rest<Cable>) {
      dv += row(c.v_rest, p) - row(c.v_rest, j);
      inverse = Real(1) / (b + diagonal);
      const Row to_diagonal = a * diagonal, to_right = a * (right - diagonal * dv);
      right += b * dv;
      row(c.rhs, j) = right;
      diagonal = row(c.d, to) + to_diagonal * inverse;
      right = row(c.rhs, to) + to_right * inverse;
    } else {
      right += b * dv;
      row(c.rhs, j) = right;
      inverse = Real(1) / diagonal;
#ifdef CELLWRIGHT_STRICT
      const Row factor = a * inverse;  // rounded as NEURON does
      diagonal = row(c.d, to) - factor * b;
      right = row(c.rhs, to) + (factor * right - a * dv);
#else
      diagonal = row(c.d, to) - (a * b) * inverse;
      right = (row(c.rhs, to) - a * dv) + (a * right) * inverse;
#endif
    }
    row(c.d, j) = inverse;
    if (to != j - 1) {
      row(c.d, to) = diagonal;
      row(c.rhs, to) = right;
      diagonal = row(c.d, j - 1);
      right = row(c.rhs, j - 1);
    }
  }
  if (first > 0) return;
  row(c.d, 0) = diagonal;
  row(c.rhs, 0) = right;
}

/// From the root to the leaves, behind `eliminate`: dv = (rhs + b dv_parent)/d, which replaces rhs.
/// @param first  of the nodes up to `end` that are solved, after all those before them
/// @param solved  called with each node and its dv, the root first
template <bool per_lane, class Cable, class Solved>
static inline __attribute__((always_inline)) void substitute(const Cable& c, std::ptrdiff_t first, std::ptrdiff_t end,
                                                             const Solved& solved) {
  Row dv = {};
  if (first == 0) {
    dv = row(c.rhs, 0) / row(c.d, 0);
    row(c.rhs, 0) = dv;
    solved(0, dv);
  } else {
    dv = row(c.rhs, first - 1);
  }
  for (std::ptrdiff_t j = first > 0 ? first : 1; j < end; ++j) {
    const std::ptrdiff_t p = c.parent[j];
    if (p != j - 1) dv = row(c.rhs, p);
    dv = (row(c.rhs, j) + coefficient<per_lane>(c.b, j) * dv) * row(c.d, j);
    row(c.rhs, j) = dv;
    solved(j, dv);
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
