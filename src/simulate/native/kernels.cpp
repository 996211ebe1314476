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
void clear(const CableArrays& cable, const TreeStretch& stretch) {
  const CableArrays c = cable;
  const auto end = static_cast<std::ptrdiff_t>(stretch.end);
  for (auto j = static_cast<std::ptrdiff_t>(stretch.first); j < end; ++j) {
    row(c.rhs, j) = Row{};
    row(c.d, j) = coefficient<per_lane>(c.d0, j);
  }
}

/// v += dv; of floats, whose changes within a step are small beside them, what is rounded off is kept for the next one.
/// @returns the new v
template <bool keeps_rest>
inline __attribute__((always_inline)) Row advance(const CableArrays& c, std::ptrdiff_t j, const Row& dv) {
  if constexpr (keeps_rest) {
    const Row v = row(c.v, j), change = dv + row(c.v_rest, j), sum = v + change;
    row(c.v_rest, j) = change - (sum - v);
    return row(c.v, j) = sum;
  } else {
    return row(c.v, j) += dv;
  }
}

/// Adds what the elimination of later stretches has left for the nodes of this one.
void receive(const CableArrays& c, const TreeStretch& stretch) {
  for (std::size_t k = stretch.first_waiting; k < stretch.end_waiting; ++k) {
    const std::ptrdiff_t node = c.destination[k], waiting = c.n + static_cast<std::ptrdiff_t>(k);
    row(c.d, node) += row(c.d, waiting);
    row(c.rhs, node) += row(c.rhs, waiting);
    row(c.d, waiting) = Row{};
    row(c.rhs, waiting) = Row{};
  }
}

template <bool per_lane>
void eliminate_stretch(const CableArrays& cable, const TreeStretch& stretch) {
  const CableArrays c = cable;  // whose pointers can stay in registers
  receive(c, stretch);
  eliminate<per_lane>(c, c.receiver, static_cast<std::ptrdiff_t>(stretch.first),
                      static_cast<std::ptrdiff_t>(stretch.end));
}

template <bool per_lane>
bool substitute_stretch(const CableArrays& cable, const TreeStretch& stretch) {
  const CableArrays c = cable;
#ifdef CELLWRIGHT_STRICT
  constexpr bool asked = false;  // what `state` computes has nothing to save
#else
  constexpr bool asked = true;
#endif
  LargestV largest;
  substitute<per_lane>(c, static_cast<std::ptrdiff_t>(stretch.first), static_cast<std::ptrdiff_t>(stretch.end),
                       [&](std::ptrdiff_t j, const Row& dv) {
                         const Row v = advance<has_rest<CableArrays>>(c, j, dv);
                         if constexpr (asked) largest.add(v);
                       });
  return asked && largest.is_usual();
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
  static constexpr Kernels kernels{{clear<false>, eliminate_stretch<false>, substitute_stretch<false>},
                                   {clear<true>, eliminate_stretch<true>, substitute_stretch<true>},
                                   nernst,
                                   CELLWRIGHT_KERNEL_INSTRUCTION_SET};
  return kernels;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
