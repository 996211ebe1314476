#pragma once
/// The best individuals that ever lived.

#include "cellwright/optimise/individual.hpp"

#include <span>
#include <vector>

namespace cellwright::optimise {

/// At most `max_size` individuals with different parameter values, smallest sum of objectives first.
///
/// Rules of DEAP's HallOfFame: an individual enters if its sum is strictly smaller than the last one's, or if there is
/// room, unless its parameter values are there already. It goes before older individuals of equal sum.
class HallOfFame {
 public:
  /// @param reduce takes the place of the sum.
  /// @throws ConfigError "optimiser-settings" if max_size is 0.
  explicit HallOfFame(std::size_t max_size = 10, FitnessReduce reduce = &sum_left_to_right);
  /// Takes over individuals that are sorted already (from a checkpoint).
  /// @throws CheckpointError "checkpoint-hall-of-fame" if they are too many or not sorted (but for the rounding of sums
  ///         in another order).
  HallOfFame(std::size_t max_size, std::vector<Individual> individuals, FitnessReduce reduce = &sum_left_to_right);

  /// Offers every individual of `population`, in order.
  void update(const Population& population);

  std::size_t max_size() const { return max_size_; }
  std::size_t size() const { return individuals_.size(); }
  bool empty() const { return individuals_.empty(); }
  const Individual& operator[](std::size_t rank) const { return individuals_[rank]; }
  const std::vector<Individual>& individuals() const { return individuals_; }
  auto begin() const { return individuals_.begin(); }
  auto end() const { return individuals_.end(); }
  bool operator==(const HallOfFame& other) const;

 private:
  bool contains(std::span<const double> values) const;
  void insert(Individual individual, double sum);

  std::size_t max_size_;
  FitnessReduce reduce_;
  std::vector<Individual> individuals_;
  std::vector<double> sums_;  ///< of individuals_, ascending
};

}  // namespace cellwright::optimise
