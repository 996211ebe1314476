#include "simulate/native/tree_stretches.hpp"

#include <algorithm>

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

TreeStretches::TreeStretches(std::span<const std::int32_t> parent, std::size_t nodes_per_stretch)
    : receiver_(parent.begin(), parent.end()) {
  const std::size_t n = parent.size();
  std::vector<std::vector<std::size_t>> senders((n + nodes_per_stretch - 1) / nodes_per_stretch);  // by destination
  for (std::size_t j = n; j-- > 1;) {
    const std::size_t to = static_cast<std::size_t>(parent[j]) / nodes_per_stretch;
    if (to != j / nodes_per_stretch) senders[to].push_back(j);
  }
  for (std::size_t s = 0; s < senders.size(); ++s) {
    const std::size_t first = s * nodes_per_stretch, waiting = destination_.size();
    for (const std::size_t j : senders[s]) {
      receiver_[j] = static_cast<std::int32_t>(n + destination_.size());
      destination_.push_back(parent[j]);
    }
    all_.push_back({first, std::min(first + nodes_per_stretch, n), waiting, destination_.size()});
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
