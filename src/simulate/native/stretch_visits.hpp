#pragma once
/// Which instances of which mechanism visit a stretch of nodes together.
///
/// One mechanism after the other over all nodes would fetch v, rhs and d of a large cell from the second-level cache
/// once per mechanism. Instead all mechanisms visit a stretch of nodes before the next stretch. At each node the order
/// of the mechanisms stays the same, and so does every bit of the result.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "simulate/native/kernels.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class BlockState;

/// Neighbouring instances of a block.
struct VisitingSlice {
  std::size_t block = 0;             ///< index into `order` of stretch_visits()
  std::size_t first = 0, count = 0;  ///< instances
};

/// What is done before the next visit.
struct StretchVisit {
  std::size_t end = 0;                ///< behind the last node that anything is visited at, now or before
  std::vector<VisitingSlice> slices;  ///< in the order of the blocks
};

struct StretchVisits {
  bool are_stretches = true;  ///< the visits are the stretches: each block can be cut into them
  std::vector<StretchVisit> visits;
};

/// Neighbours in `order` that can be cut into stretches visit one stretch after the other, from the first node to the
/// last; what cannot be cut visits all nodes at once in between. A block can be cut if its instances know nothing of
/// their number in the block and stand in the order of the nodes.
/// @param order  the blocks in the order in which they visit a node
/// @param stretches  of all nodes
StretchVisits stretch_visits(const std::vector<const BlockState*>& order, const std::vector<TreeStretch>& stretches);

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
