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

/// A weighted sum of the history's points. Always all points, of which some have the weight 0: how a sum is rounded
/// must not depend on what other lanes need.
struct Sum {
  Row weight[points];
  const Real* slot[points];

  CELLWRIGHT_INLINE Sum(const HistorySum& history, const Real* weights) {
    for (int p = 0; p < points; ++p) {
      slot[p] = history.slot[p];
      weight[p] = row(weights, p);
    }
  }
  /// The sum of row j or, in single precision, what it is more than (sum of the weights) * (the first point): of
  /// differences, so that rounding is as small as they are.
  CELLWRIGHT_INLINE Row change(Index j) const {
    constexpr bool single = sizeof(Real) == sizeof(float);
    const Row base = row(slot[0], j);
    Row sum = single ? Row{} : weight[0] * base;
#pragma GCC unroll 8
    for (int p = 1; p < points; ++p) sum += weight[p] * (single ? row(slot[p], j) - base : row(slot[p], j));
    return sum;
  }
  /// The sum with weights that add up to 1.
  CELLWRIGHT_INLINE Row value(Index j) const {
    if constexpr (sizeof(Real) == sizeof(float)) return row(slot[0], j) + change(j);
    return change(j);
  }
};

template <bool per_lane>
bool predict(const ImplicitCable& cable, const HistorySum& history, std::int32_t first, std::int32_t end) {
  const ImplicitCable c = cable;
  const Sum value(history, history.predictor);
  const Sum rate(history, history.voltage_rate);
  const Row a0 = row(c.a0, 0);
  LargestV largest;
  for (Index j = first; j < end; ++j) {
    const Row capacitance = coefficient<per_lane>(c.capacitance, j);
    const Row v = value.value(j);
    largest.add(v);
    row(c.v, j) = v;
    row(c.rhs, j) = -capacitance * rate.change(j);
    row(c.d, j) = capacitance * a0 + coefficient<per_lane>(c.axial, j);
  }
  return largest.is_usual();
}

void values(const HistorySum& history, std::int64_t first, std::int32_t n, Real* out) {
  const Sum prediction(history, history.predictor);
  for (Index r = 0; r < n; ++r) row(out, r) = prediction.value(first + r);
}

/// Larger than any that a step could have, and its product with others is still finite.
constexpr Real error_of_nan = sizeof(Real) == sizeof(float) ? Real(1e30) : static_cast<Real>(1e300);

template <bool per_lane>
void solve(const ImplicitCable& cable, Real* largest) {
  const ImplicitCable c = cable;  // whose pointers can stay in registers
  Row most = {}, total = {};
  eliminate<per_lane>(c, c.parent, 0, c.n);
  substitute<per_lane>(c, 0, c.n, [&](Index j, const Row& dv) {
    const Row v = row(c.v, j) + dv;
    row(c.v, j) = v;
    row(c.result, j) = v;
    total += dv;
    Row size = magnitude(dv) * c.error_weight[j];
    if constexpr (per_lane) size = coefficient<true>(c.capacitance, j) > 0 ? size : Row{};
    most = size > most ? size : most;
  });
  // A maximum forgets NaN, a sum does not.
  for (int lane = 0; lane < W; ++lane)
    largest[lane] = total[lane] - total[lane] == 0 ? most[lane] : total[lane] - total[lane];
}

void correct(std::int32_t n, const std::int32_t* node, const Real* change, const Real* slope, Real* x) {
  for (Index i = 0; i < n; ++i) row(x, i) += row(slope, i) * row(change, node[i]);
}

void state_error(const HistorySum& history, std::int32_t n, const std::int32_t* rows, const Real* x, Real* error) {
  const Sum prediction(history, history.predictor);
  Row most = row(error, 0);
  for (Index k = 0; k < n; ++k) {
    const Row value = row(x, rows[k]);
    const Row size = magnitude(value);
    const Row difference = magnitude(value - prediction.value(rows[k])) / (size > Real(1) ? size : Real(1) - Row{});
    // NaN counts as an error that no step can have.
    const Row counted = difference == difference ? difference : error_of_nan - Row{};
    most = difference <= most ? most : counted;
  }
  row(error, 0) = most;
}

}  // namespace

// The accessor's name differs per variant; declared in select_kernels.cpp.
const ImplicitKernels& CELLWRIGHT_IMPLICIT_VARIANT();
const ImplicitKernels& CELLWRIGHT_IMPLICIT_VARIANT() {
  static constexpr ImplicitKernels kernels{predict<false>, solve<false>, predict<true>, solve<true>,
                                           values,         correct,      state_error};
  return kernels;
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
