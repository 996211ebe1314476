#include "cellwright/optimise/individual.hpp"

namespace cellwright::optimise {

double sum_left_to_right(std::span<const double> values) {
  double sum = 0.0;
  for (const double value : values) sum += value;
  return sum;
}

bool WeightedSumFitness::dominates(const WeightedSumFitness& other) const {
  bool better = false;
  for (std::size_t k = 0; k < std::min(values_.size(), other.values_.size()); ++k) {
    if (values_[k] > other.values_[k]) return false;
    if (values_[k] < other.values_[k]) better = true;
  }
  return better;
}

Population::Population(std::size_t individuals, std::size_t parameter_count, std::size_t objective_count)
    : parameters(individuals, parameter_count),
      objectives(individuals, objective_count),
      id(individuals, 0),
      generation(individuals, 0),
      failed(individuals, 0) {}

Individual Population::individual(std::size_t row) const {
  const std::span<const double> values = parameters.row(row);
  const std::span<const double> scores = objectives.row(row);
  return {.values = {values.begin(), values.end()},
          .fitness = WeightedSumFitness({scores.begin(), scores.end()}),
          .id = id[row],
          .generation = generation[row],
          .failed = failed[row] != 0};
}

void Population::assign(std::size_t row, const Population& from, std::size_t from_row) {
  const std::span<const double> values = from.parameters.row(from_row);
  const std::span<const double> scores = from.objectives.row(from_row);
  std::copy(values.begin(), values.end(), parameters.row(row).begin());
  std::copy(scores.begin(), scores.end(), objectives.row(row).begin());
  id[row] = from.id[from_row];
  generation[row] = from.generation[from_row];
  failed[row] = from.failed[from_row];
}

Population Population::subset(std::span<const std::uint32_t> rows) const {
  Population result(rows.size(), parameters.columns(), objectives.columns());
  for (std::size_t row = 0; row < rows.size(); ++row) result.assign(row, *this, rows[row]);
  return result;
}

std::vector<double> Population::sums() const {
  std::vector<double> result(size());
  for (std::size_t row = 0; row < size(); ++row) result[row] = sum_left_to_right(objectives.row(row));
  return result;
}

}  // namespace cellwright::optimise
