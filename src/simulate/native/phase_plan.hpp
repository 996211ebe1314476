#pragma once
/// In which order the phases of all mechanisms visit the nodes.
///
/// One mechanism after the other over all nodes would fetch v, rhs and d of a large cell from the second-level cache
/// once per mechanism. Instead all mechanisms visit a stretch of nodes before the next stretch. At each node the order
/// of the mechanisms stays the same, and so does every bit of the result. What the currents are added to is cleared
/// stretch by stretch, too, when it is about to be needed.

#include <cstddef>
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

  /// @param clear  called with the first and the end of a stretch of nodes before anything is added there; each node is
  ///   in one such stretch.
  template <class Clear>
  void current(const Clear& clear) const {
    for (const Stretch& stretch : stretches_) {
      if (stretch.first < stretch.end) clear(stretch.first, stretch.end);
      for (const BlockSlice& slice : stretch.slices) slice.current();
    }
  }
  void state() const {
    for (const Stretch& stretch : stretches_) {
      for (const BlockSlice& slice : stretch.slices) slice.state();
    }
  }

 private:
  struct Stretch {
    std::size_t first = 0, end = 0;  ///< the nodes to clear
    std::vector<BlockSlice> slices;
  };

  void add_stretches(const std::vector<BlockState*>& blocks, std::size_t n_nodes);

  std::vector<Stretch> stretches_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
