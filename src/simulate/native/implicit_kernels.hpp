#pragma once
/// The inner loops of the variable step that are not generated from .mod files; compiled and chosen as those of
/// kernels.hpp. Formulas: docs/decisions/0008-variable-step.md.

#include <cstdint>

#include "cellwright/numeric/numeric_mode.hpp"
#include "simulate/native/history_points.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// Weighted sums over points of the history. The points are taken in the order given, which must be the same for a lane
/// whatever the other lanes do.
struct HistorySum {
  const Real* slot[history_points] = {};  ///< [rows * W] each
  const Real* predictor = nullptr;        ///< [history_points * W] weights of the value at the new time
  const Real* rate = nullptr;             ///< [history_points * W] weights of H: x' = a0 x + H, in single precision
                                          ///< a0 (x - base) + H, the base being what is in slot[0]
  const Real* voltage_rate = nullptr;     ///< [history_points * W] a0 predictor + rate
};

/// The cable of one step; rows as in CableArrays. Coefficients [n], or [n * W] in the functions per lane.
struct ImplicitCable {
  std::int32_t n = 0;
  const std::int32_t* parent = nullptr;
  const Real* a = nullptr;             ///< axial conductance in the parent's row, S/cm2
  const Real* b = nullptr;             ///< axial conductance in the node's own row, S/cm2
  const Real* axial = nullptr;         ///< sum of the axial conductances at the node
  const Real* capacitance = nullptr;   ///< 0.001 cm, 0 without membrane
  const Real* a0 = nullptr;            ///< [W]
  const Real* error_weight = nullptr;  ///< [n] how much an error of v counts; 0 without membrane
  Real* v = nullptr;                   ///< [n * W] prediction, then solution
  Real* rhs = nullptr;                 ///< [n * W]; then the difference between solution and prediction
  Real* d = nullptr;                   ///< [n * W]
  Real* result = nullptr;              ///< [n * W] where the solution goes besides v
};

struct ImplicitKernels {
  /// v := prediction, rhs := -C (a0 v + H), d := C a0 + axial at the nodes from `first` to before `end`.
  /// @returns cw_block.v_is_usual of these
  bool (*predict)(const ImplicitCable& cable, const HistorySum& history, std::int32_t first, std::int32_t end);
  /// Adds the axial currents, solves, adds the solution to v. `largest` [W] := the largest change, weighted.
  void (*solve)(const ImplicitCable& cable, Real* largest);
  bool (*predict_per_lane)(const ImplicitCable& cable, const HistorySum& history, std::int32_t first, std::int32_t end);
  void (*solve_per_lane)(const ImplicitCable& cable, Real* largest);
  /// out := prediction of n rows from row `first` of the slots.
  void (*values)(const HistorySum& history, std::int64_t first, std::int32_t n, Real* out);
  /// x += slope * change of the node's v.
  void (*correct)(std::int32_t n, const std::int32_t* node, const Real* change, const Real* slope, Real* x);
  /// error := max(error, |x - prediction| / max(1, |x|)) over the rows; x [rows * W] is the new slot.
  void (*state_error)(const HistorySum& history, std::int32_t n, const std::int32_t* row, const Real* x, Real* error);
};

const ImplicitKernels& select_implicit_kernels(numeric::NumericMode numeric);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
