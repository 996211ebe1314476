#pragma once
/// In which order the mechanisms of a pack do their part of an implicit step, over which rows of the history.
///
/// Each unknown has a row of the ring: first v of all nodes, then every state of every block, instance by instance. The
/// mechanisms visit stretches of nodes (stretch_visits.hpp). Before they do, v is predicted there: what they add to is
/// in the cache then. Elimination goes the other way, over all nodes: the stretches the other way round
/// too would cost the mechanisms a sixth of their time, because memory is fetched ahead in its own order only.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/compile/compiled_model.hpp"
#include "simulate/native/aligned_array.hpp"
#include "simulate/native/history_ring.hpp"
#include "simulate/native/pack_state.hpp"
#include "simulate/native/phase_clock.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// One state of the instances of one block.
struct StateRows {
  std::size_t block = 0;
  std::int64_t first = 0;     ///< row of the ring of instance 0
  std::int64_t count = 0;     ///< instances
  std::int32_t var = -1;      ///< row of cw_block.var, or -1: an ion's variable
  std::int32_t ion = -1;      ///< index into the block's ions
  std::int32_t quantity = 0;  ///< cw_ion_quantity
  bool coupled = false;       ///< solved for together with the block's other states
  bool slow = false;          ///< does not follow the change of v in a step
};

/// The rows of a model.
struct RowLayout {
  explicit RowLayout(const compile::CompiledModel& model);

  std::int64_t rows = 0;
  std::vector<StateRows> states;
  std::vector<std::int32_t> controlled;  ///< states whose error bounds the step: those near the soma
};

/// The instances of one block in one stretch of nodes.
class ImplicitSlice {
 public:
  ImplicitSlice(BlockState& block, std::vector<StateRows> states, std::size_t first, std::size_t count, Real* slopes,
                const Real* a0);
  ImplicitSlice(const ImplicitSlice&) = delete;  // the views point into the slice's own tables
  ImplicitSlice& operator=(const ImplicitSlice&) = delete;
  ImplicitSlice(ImplicitSlice&&) = default;
  ImplicitSlice& operator=(ImplicitSlice&&) = default;

  /// The states that are ion variables, at their predictions.
  void predict_ions(const HistorySum& history, const ImplicitKernels& kernels);
  void run(const HistorySum& history, HistoryRing& ring, const ImplicitKernels& kernels, PhaseClock& clock);
  /// The states at the solution. @param change  [nodes * W] of v.
  void correct(const Real* change, HistoryRing& ring, const ImplicitKernels& kernels) const;

 private:
  Real* ion_values(const StateRows& state) const;

  cw_implicit_function function_;
  std::vector<StateRows> states_;  ///< `first` is that of the slice's first instance
  std::vector<cw_real*> variables_;
  std::vector<cw_ion_view> ions_;
  std::vector<cw_real*> slopes_;
  std::vector<const cw_real*> points_;  ///< rows of the history's slots, for each state
  AlignedArray predictions_;            ///< of one ion state
  cw_block view_;
  cw_implicit_step step_;
};

class ImplicitPlan {
 public:
  /// @param a0  [W]; outlives the plan, as `state` does.
  ImplicitPlan(const compile::CompiledModel& model, const RowLayout& layout, PackState& state, const Real* a0);

  void predict_ions(const HistorySum& history, const ImplicitKernels& kernels);
  /// @param predict  called with the first node, and that behind the last, of each stretch before a mechanism is there;
  ///   all nodes, in their order.
  template <class Predict>
  void run(const HistorySum& history, HistoryRing& ring, const ImplicitKernels& kernels, PhaseClock& clock,
           const Predict& predict) {
    std::int32_t predicted = 0;
    for (Visit& visit : visits_) {
      if (visit.end > predicted) predict(predicted, visit.end);
      predicted = std::max(predicted, visit.end);
      for (ImplicitSlice& slice : visit.slices) slice.run(history, ring, kernels, clock);
    }
  }
  void correct(const Real* change, HistoryRing& ring, const ImplicitKernels& kernels) const;

 private:
  /// Slices at nodes before `end`.
  struct Visit {
    std::int32_t end;
    std::vector<ImplicitSlice> slices;
  };
  AlignedArray slopes_;  ///< [rows of states * W]
  std::vector<Visit> visits_;
};

/// The ions of a block (indices into CompiledModel::ions) of which it reads or writes one of the quantities.
std::set<std::size_t> pools(const compile::MechanismBlock& block, std::uint32_t cw_ion::*access,
                            std::uint32_t quantities);

/// Blocks in the order in which an implicit step runs them: what reads an ion's current comes behind all that write
/// one (itself aside), and what reads a concentration behind what computes it, unless that reads its current.
std::vector<std::size_t> implicit_order(const compile::CompiledModel& model);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
