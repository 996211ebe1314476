#include "cellwright/optimise/hall_of_fame.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::optimise {

HallOfFame::HallOfFame(std::size_t max_size, FitnessReduce reduce) : max_size_(max_size), reduce_(reduce) {
  if (max_size == 0) {
    throw ConfigError(Diagnostic{
        .code = "optimiser-settings", .message = "the hall of fame has size 0", .fix = "its size must be at least 1"});
  }
}

HallOfFame::HallOfFame(std::size_t max_size, std::vector<Individual> individuals, FitnessReduce reduce)
    : HallOfFame(max_size, reduce) {
  if (individuals.size() > max_size) {
    throw CheckpointError(Diagnostic{
        .code = "checkpoint-hall-of-fame",
        .message =
            fmt::format("the hall of fame holds {} individuals, more than its size {}", individuals.size(), max_size)});
  }
  for (const Individual& individual : individuals) sums_.push_back(reduce_(individual.fitness.values()));
  const auto clearly_less = [](double a, double b) { return a < b - 1e-12 * std::max(std::abs(a), std::abs(b)); };
  if (!std::is_sorted(sums_.begin(), sums_.end(), clearly_less)) {
    throw CheckpointError(
        Diagnostic{.code = "checkpoint-hall-of-fame", .message = "the hall of fame is not sorted by its sums"});
  }
  individuals_ = std::move(individuals);
}

bool HallOfFame::contains(std::span<const double> values) const {
  return std::any_of(individuals_.begin(), individuals_.end(),
                     [&](const Individual& member) { return std::ranges::equal(member.values, values); });
}

void HallOfFame::insert(Individual individual, double sum) {
  // lower_bound: a newcomer stands before older individuals of equal sum.
  const auto position = std::lower_bound(sums_.begin(), sums_.end(), sum) - sums_.begin();
  sums_.insert(sums_.begin() + position, sum);
  individuals_.insert(individuals_.begin() + position, std::move(individual));
}

void HallOfFame::update(const Population& population) {
  for (std::size_t row = 0; row < population.size(); ++row) {
    const double sum = reduce_(population.objectives.row(row));
    if (size() == max_size_ && !(sum < sums_.back())) continue;
    if (contains(population.parameters.row(row))) continue;
    if (size() == max_size_) {
      sums_.pop_back();
      individuals_.pop_back();
    }
    insert(population.individual(row), sum);
  }
}

bool HallOfFame::operator==(const HallOfFame& other) const {
  return max_size_ == other.max_size_ && individuals_ == other.individuals_;
}

}  // namespace cellwright::optimise
