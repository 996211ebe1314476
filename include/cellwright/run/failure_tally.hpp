#pragma once
/// Why evaluations failed, and how often: a log names each reason once.

#include <cstddef>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cellwright::run {

class FailureTally {
 public:
  /// "" (an individual that did not fail) counts for nothing.
  void add(const std::string& reason);
  bool empty() const { return counts_.empty(); }
  /// The reasons, the most frequent first, equally frequent ones by name. Behind `most` of them one entry "other
  /// reasons".
  std::vector<std::pair<std::string, std::size_t>> most_frequent(std::size_t most = 5) const;

 private:
  std::map<std::string, std::size_t> counts_;
  std::size_t others_ = 0;  ///< of reasons beyond the number that is kept: they may hold times, each its own
};

}  // namespace cellwright::run
