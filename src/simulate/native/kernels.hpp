#pragma once
/// The inner loops of the fixed step that are not generated from .mod files. They are compiled once per instruction
/// set and numeric mode (kernels.cpp) and chosen at run time, so that one program runs everywhere at full speed.

#include <cstddef>
#include <cstdint>

#include "cellwright/numeric/numeric_mode.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// The linear system of one step for one pack; arrays of W lanes innermost unless said otherwise.
/// Row j, in NEURON's units: d_j dv_j - b_j dv_parent - sum_children a_c dv_c = rhs_j.
/// Coefficients are one number per node where all lanes have the same Ra and cm ([n]), else one per lane ([n * W]).
struct CableArrays {
  std::int32_t n = 0;
  const std::int32_t* parent = nullptr;    ///< [n], parent < child
  const Real* a = nullptr;                 ///< axial conductance in the parent's row, S/cm2
  const Real* b = nullptr;                 ///< axial conductance in the node's own row, S/cm2
  const Real* d0 = nullptr;                ///< what the diagonal is without mechanisms: 0.001 cm/dt + axial terms; in
                                           ///< single precision without these
  Real* v = nullptr;                       ///< [n * W] mV
  Real* v_rest = nullptr;                  ///< [n * W] single precision only: what v + v_rest has more digits of, mV
  Real* rhs = nullptr;                     ///< [(n + waiting) * W] mA/cm2
  Real* d = nullptr;                       ///< [(n + waiting) * W] S/cm2
  const std::int32_t* receiver = nullptr;  ///< [n] as in TreeStretches
  const std::int32_t* destination = nullptr;  ///< [waiting] as in TreeStretches
};

/// Reversal potentials of one ion in the slots that follow Nernst's equation.
struct NernstArrays {
  std::int32_t n = 0;
  const std::int32_t* slot = nullptr;  ///< [n]
  const Real* factor = nullptr;        ///< [W] RT/zF in mV
  Real* e = nullptr;                   ///< [slots * W]
  const Real* ci = nullptr;
  const Real* co = nullptr;
};

/// Neighbouring nodes, and what the elimination of later stretches has left for them.
struct TreeStretch {
  std::size_t first = 0, end = 0;                  ///< nodes
  std::size_t first_waiting = 0, end_waiting = 0;  ///< of TreeStretches::destination
};

/// What a step does to a stretch of nodes.
struct StretchKernels {
  /// rhs := 0, d := d0.
  void (*clear)(const CableArrays& cable, const TreeStretch& stretch);
  /// Adds the axial terms to rhs and eliminates the nodes (Hines); all stretches from the last to the first.
  void (*eliminate)(const CableArrays& cable, const TreeStretch& stretch);
  /// Then solves and adds dv to v, all stretches from the first to the last. Leaves rhs and d undefined, but 0 where
  /// terms wait.
  /// @returns cw_block.v_is_usual of the new v; in the strict mode false
  bool (*substitute)(const CableArrays& cable, const TreeStretch& stretch);
};

struct Kernels {
  StretchKernels shared, per_lane;  ///< for coefficients that are one number, and those that are one per lane
  /// e := factor ln(co/ci); ci <= 0 gives 1e6, co <= 0 gives -1e6 mV, as NEURON.
  void (*nernst)(const NernstArrays& ion);
  const char* instruction_set;
};

/// The fastest variant that this processor can run.
const Kernels& select_kernels(numeric::NumericMode numeric);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
