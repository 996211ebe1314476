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
  const std::int32_t* parent = nullptr;  ///< [n], parent < child
  const Real* a = nullptr;               ///< axial conductance in the parent's row, S/cm2
  const Real* b = nullptr;               ///< axial conductance in the node's own row, S/cm2
  const Real* d0 = nullptr;              ///< what the diagonal is without mechanisms: 0.001 cm/dt + axial terms; in
                                         ///< single precision without these
  Real* v = nullptr;                     ///< [n * W] mV
  Real* v_rest = nullptr;                ///< [n * W] single precision only: what v + v_rest has more digits of, mV
  Real* rhs = nullptr;                   ///< [n * W] mA/cm2
  Real* d = nullptr;                     ///< [n * W] S/cm2
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

struct Kernels {
  /// rhs := 0, d := d0 at the nodes from `first` up to `end`.
  void (*clear)(const CableArrays& cable, std::size_t first, std::size_t end);
  /// Adds the axial terms to rhs, solves the tree (Hines) and adds dv to v. Leaves rhs and d undefined.
  /// @returns cw_block.v_is_usual of the new v; in the strict mode false
  bool (*solve)(const CableArrays& cable);
  /// The same two for coefficients per lane.
  void (*clear_per_lane)(const CableArrays& cable, std::size_t first, std::size_t end);
  bool (*solve_per_lane)(const CableArrays& cable);
  /// e := factor ln(co/ci); ci <= 0 gives 1e6, co <= 0 gives -1e6 mV, as NEURON.
  void (*nernst)(const NernstArrays& ion);
  const char* instruction_set;
};

/// The fastest variant that this processor can run.
const Kernels& select_kernels(numeric::NumericMode numeric);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
