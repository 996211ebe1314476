#pragma once
/// In which order the phases of all mechanisms, and the solution of the tree, visit the nodes.
///
/// What the currents are added to is cleared, and eliminated, stretch by stretch (stretch_visits.hpp), from the last to
/// the first; from the first to the last the tree is solved and the states advance. Where some mechanism cannot be cut
/// into stretches, elimination waits for all currents, and the states wait for the whole solution.

#include <cstddef>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "simulate/native/kernels.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class BlockState;

/// The instances of one block in one stretch of nodes.
class BlockSlice {
 public:
  /// @param block  outlives the slice and keeps its memory where it is.
  BlockSlice(BlockState& block, std::size_t first, std::size_t count);
  BlockSlice(const BlockSlice&) = delete;  // the view points into the slice's own tables
  BlockSlice& operator=(const BlockSlice&) = delete;
  BlockSlice(BlockSlice&&) = default;
  BlockSlice& operator=(BlockSlice&&) = default;

  void current() const {
    if (current_) current_(&view_);
  }
  void state() const {
    if (state_) state_(&view_);
  }

 private:
  cw_function current_, state_;
  std::vector<cw_real*> variables_, rests_;
  std::vector<cw_ion_view> ions_;
  cw_block view_;
};

/// The phases of all blocks of a pack.
class PhasePlan {
 public:
  PhasePlan() = default;
  /// @param blocks, stretches  outlive the plan; the blocks are connected already.
  PhasePlan(std::vector<BlockState>& blocks, const std::vector<TreeStretch>& stretches);
  PhasePlan(const PhasePlan&) = delete;
  PhasePlan& operator=(const PhasePlan&) = delete;
  PhasePlan(PhasePlan&&) = default;
  PhasePlan& operator=(PhasePlan&&) = default;

  /// @param before  called with each stretch before anything is added there.
  /// @param behind  called with each stretch when all has been added there, the last one first.
  template <class Before, class Behind>
  void current(const Before& before, const Behind& behind) const {
    const std::vector<TreeStretch>& stretches = *stretches_;
    for (std::size_t s = stretches.size(); s-- > 0;) {
      before(stretches[s]);
      if (!joined_) continue;
      for (const BlockSlice& slice : visits_[s]) slice.current();
      behind(stretches[s]);
    }
    if (joined_) return;
    for (const auto& visit : visits_) {
      for (const BlockSlice& slice : visit) slice.current();
    }
    for (std::size_t s = stretches.size(); s-- > 0;) behind(stretches[s]);
  }
  /// @param solve  called with each stretch, the first one first, before its states advance.
  template <class Solve>
  void state(const Solve& solve) const {
    for (std::size_t s = 0; s < stretches_->size(); ++s) {
      solve((*stretches_)[s]);
      if (!joined_) continue;
      for (const BlockSlice& slice : visits_[s]) slice.state();
    }
    if (joined_) return;
    for (const auto& visit : visits_) {
      for (const BlockSlice& slice : visit) slice.state();
    }
  }

 private:
  using Visit = std::vector<BlockSlice>;

  const std::vector<TreeStretch>* stretches_ = nullptr;
  bool joined_ = true;         ///< the visits are the stretches
  std::vector<Visit> visits_;  ///< in the order of the blocks
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
