#pragma once
/// In which order the phases of all mechanisms visit the nodes.
///
/// One mechanism after the other over all nodes would fetch v, rhs and d of a large cell from the second-level cache
/// once per mechanism. Instead all mechanisms visit a stretch of nodes before the next stretch. At each node the order
/// of the mechanisms stays the same, and so does every bit of the result.

#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class BlockState;

/// Whether a block may be cut into stretches of nodes: its instances know nothing of their number in the block and
/// stand in the order of the nodes.
bool can_be_sliced(const BlockState& block);

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
  /// @param blocks  outlive the plan; connected already.
  PhasePlan(std::vector<BlockState>& blocks, std::size_t n_nodes);
  PhasePlan(const PhasePlan&) = delete;
  PhasePlan& operator=(const PhasePlan&) = delete;
  PhasePlan(PhasePlan&&) = default;
  PhasePlan& operator=(PhasePlan&&) = default;

  void current() const {
    for (const BlockSlice& slice : slices_) slice.current();
  }
  void state() const {
    for (const BlockSlice& slice : slices_) slice.state();
  }

 private:
  void add_stretches(const std::vector<BlockState*>& blocks, std::size_t n_nodes);

  std::vector<BlockSlice> slices_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
