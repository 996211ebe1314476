#include "cellwright/optimise/history.hpp"

#include <set>

namespace cellwright::optimise {

Parentage History::parents_of(std::int64_t id) const {
  if (id < first_id_ || id >= next_id()) return {0, 0};
  return parents_[static_cast<std::size_t>(id - first_id_)];
}

std::vector<std::int64_t> History::ancestors_of(std::int64_t id) const {
  std::set<std::int64_t> found;
  std::vector<std::int64_t> open{id};
  while (!open.empty()) {
    const Parentage parents = parents_of(open.back());
    open.pop_back();
    for (const std::int64_t parent : parents) {
      if (parent != 0 && found.insert(parent).second) open.push_back(parent);
    }
  }
  return {found.begin(), found.end()};
}

}  // namespace cellwright::optimise
