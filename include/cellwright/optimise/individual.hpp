#pragma once
/// One candidate solution and its fitness, and many of them stored by columns.

#include "cellwright/base/table.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// The left-to-right sum that CPython's sum() (up to 3.11) gives: no compensation, starting from zero.
double sum_left_to_right(std::span<const double> values);

/// One number from all scores of an individual; smaller is better.
using FitnessReduce = double (*)(std::span<const double> scores);

/// Objective values that are compared by their sum; all weights are -1 (smaller sums are fitter).
/// As `bluepyopt.deapext.optimisations.WeightedSumFitness`.
class WeightedSumFitness {
 public:
  WeightedSumFitness() = default;
  explicit WeightedSumFitness(std::vector<double> values) : values_(std::move(values)) {}

  const std::vector<double>& values() const { return values_; }
  /// False until there are values.
  bool valid() const { return !values_.empty(); }
  double sum() const { return sum_left_to_right(values_); }
  double weighted_sum() const { return -sum(); }
  /// No objective is worse than the other's and at least one is better.
  bool dominates(const WeightedSumFitness& other) const;

  bool operator==(const WeightedSumFitness& other) const { return values_ == other.values_; }
  /// Less fit: the larger sum.
  bool operator<(const WeightedSumFitness& other) const { return weighted_sum() < other.weighted_sum(); }
  bool operator<=(const WeightedSumFitness& other) const { return weighted_sum() <= other.weighted_sum(); }
  bool operator>(const WeightedSumFitness& other) const { return !(*this <= other); }
  bool operator>=(const WeightedSumFitness& other) const { return !(*this < other); }

 private:
  std::vector<double> values_;
};

/// Parameter values with their fitness, as BluePyOpt's WSListIndividual.
struct WSListIndividual {
  std::vector<double> values;  ///< one per parameter
  WeightedSumFitness fitness;
  std::int64_t id = 0;  ///< number of the evaluation that gave the fitness, counted from 1; 0: not evaluated
  int generation = 0;   ///< generation of that evaluation, counted from 1
  bool failed = false;  ///< that evaluation failed

  bool operator==(const WSListIndividual&) const = default;
};
using Individual = WSListIndividual;

/// Individuals stored as tables, one row each.
struct Population {
  Population() = default;
  Population(std::size_t individuals, std::size_t parameters, std::size_t objectives);

  Table<double> parameters;          ///< [n_individuals, n_parameters]
  Table<double> objectives;          ///< [n_individuals, n_objectives]
  std::vector<std::int64_t> id;      ///< [n_individuals], as Individual::id
  std::vector<int> generation;       ///< [n_individuals], as Individual::generation
  std::vector<std::uint8_t> failed;  ///< [n_individuals], as Individual::failed

  std::size_t size() const { return id.size(); }
  Individual individual(std::size_t row) const;
  /// Copies row `from_row` of `from` to `row`.
  void assign(std::size_t row, const Population& from, std::size_t from_row);
  /// The rows `rows` in that order.
  Population subset(std::span<const std::uint32_t> rows) const;
  /// Sum of the objectives of each individual.
  std::vector<double> sums() const;
  bool operator==(const Population&) const = default;
};

}  // namespace cellwright::optimise
