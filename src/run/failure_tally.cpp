#include "cellwright/run/failure_tally.hpp"

#include <algorithm>

namespace cellwright::run {

void FailureTally::add(const std::string& reason) {
  constexpr std::size_t most_kept = 1000;
  if (reason.empty()) return;
  if (counts_.size() < most_kept || counts_.contains(reason))
    ++counts_[reason];
  else
    ++others_;
}

std::vector<std::pair<std::string, std::size_t>> FailureTally::most_frequent(std::size_t most) const {
  std::vector<std::pair<std::string, std::size_t>> result(counts_.begin(), counts_.end());
  std::ranges::stable_sort(result, std::greater{}, &std::pair<std::string, std::size_t>::second);
  std::size_t others = others_;
  for (; result.size() > most; result.pop_back()) others += result.back().second;
  if (others > 0) result.emplace_back("other reasons", others);
  return result;
}

}  // namespace cellwright::run
