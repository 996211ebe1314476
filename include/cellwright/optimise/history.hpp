#pragma once
/// The pedigree of all evaluated individuals.

#include <array>
#include <cstdint>
#include <vector>

namespace cellwright::optimise {

/// The ids of the (up to two) individuals from which one was bred; 0 where there is none. The first one is the
/// individual of which it is a varied copy, the second one its partner in a crossover.
using Parentage = std::array<std::int64_t, 2>;

/// Parents of every individual by id, append-only: the id of an individual is the number of its evaluation, from 1.
///
/// Unlike DEAP's History (which numbers every member of every pool again and names a whole pool as parents of each),
/// this is a real pedigree; it takes 16 bytes per evaluation.
class History {
 public:
  /// @param first_id id of the first individual to be appended; larger than 1 where the beginning is not known.
  explicit History(std::int64_t first_id = 1) : first_id_(first_id) {}

  void append(const Parentage& parents) { parents_.push_back(parents); }
  std::int64_t first_id() const { return first_id_; }
  /// The id that the next appended individual has.
  std::int64_t next_id() const { return first_id_ + static_cast<std::int64_t>(parents_.size()); }
  /// {0, 0} for the initial population and for an unknown id.
  Parentage parents_of(std::int64_t id) const;
  /// Ids of all ancestors of `id`, ascending, without itself.
  std::vector<std::int64_t> ancestors_of(std::int64_t id) const;
  bool operator==(const History&) const = default;

 private:
  std::int64_t first_id_;
  std::vector<Parentage> parents_;
};

}  // namespace cellwright::optimise
