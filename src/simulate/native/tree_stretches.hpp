#pragma once
/// The tree of nodes cut into stretches that fit the first-level cache.
///
/// Elimination goes from the last node to the first. It can take a stretch as soon as the mechanisms have been there,
/// while its rows are in the cache, if what it sends to parents in earlier stretches, where currents are still to be
/// added, waits for them: in rows of its own behind those of the nodes.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simulate/native/kernels.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

class TreeStretches {
 public:
  /// @param parent  of each node, before it; that of the first is not looked at.
  TreeStretches(std::span<const std::int32_t> parent, std::size_t nodes_per_stretch);

  /// From the first node to the last.
  const std::vector<TreeStretch>& all() const { return all_; }
  /// [nodes] The row that elimination adds a node's terms to: its parent's, or one behind those of the nodes.
  const std::vector<std::int32_t>& receiver() const { return receiver_; }
  /// The node that each row behind those of the nodes waits for; those of a stretch in the order of their arrival.
  const std::vector<std::int32_t>& destination() const { return destination_; }
  std::size_t rows() const { return receiver_.size() + destination_.size(); }

 private:
  std::vector<TreeStretch> all_;
  std::vector<std::int32_t> receiver_, destination_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
