#include "cellwright/optimise/selection.hpp"
#include "optimise/equal_rows.hpp"
#include "optimise/nan_order.hpp"
#include "optimise/numpy_statistics.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cellwright::optimise {
namespace {

constexpr int tournament_size = 4;

/// The distinct rows of a pool by objective, so that loops over individuals are contiguous.
struct Columns {
  std::size_t individuals = 0;
  std::size_t objectives = 0;
  std::vector<double> values;  ///< [n_objectives, n_individuals]
  std::vector<double> ranges;  ///< [n_objectives], max - min, 0 replaced by 1
  bool all_equal = true;       ///< no objective varies
};

Columns make_columns(TableView<const double> objectives, const EqualRows& distinct) {
  Columns columns{.individuals = distinct.groups(), .objectives = objectives.columns()};
  columns.values.resize(columns.individuals * columns.objectives);
  for (std::size_t k = 0; k < columns.objectives; ++k) {
    double* column = columns.values.data() + k * columns.individuals;
    for (std::size_t i = 0; i < columns.individuals; ++i) column[i] = objectives(distinct.first_row[i], k);
    const auto [low, high] = std::minmax_element(column, column + columns.individuals);
    const double range = *high - *low;
    columns.ranges.push_back(range == 0.0 ? 1.0 : range);
    columns.all_equal = columns.all_equal && range == 0.0;
  }
  return columns;
}

/// indicator[a] = I(a, b) for all a.
void fill_indicators(const Columns& columns, std::size_t b, std::vector<double>& indicator) {
  const std::size_t n = columns.individuals;
  for (std::size_t k = 0; k < columns.objectives; ++k) {
    const double* column = columns.values.data() + k * n;
    for (std::size_t a = 0; a < n; ++a) {
      const double quotient = (column[a] - column[b]) / columns.ranges[k];
      indicator[a] = k == 0 ? quotient : std::max(indicator[a], quotient);
    }
  }
}

}  // namespace

std::vector<double> ibea_fitness(TableView<const double> objectives, double kappa) {
  const EqualRows distinct = find_equal_rows(objectives);
  const Columns columns = make_columns(objectives, distinct);
  std::vector<double> fitness(objectives.rows(), 0.0);
  if (columns.all_equal) return fitness;

  // Where any objective varies, max |I| is exactly 1: the extreme individuals of that objective are range / range
  // apart, and no quotient is larger.
  const double scale = -1.0 / (kappa * 1.0);
  std::vector<double> indicator(distinct.groups());
  std::vector<double> terms(objectives.rows());
  std::vector<double> fitness_of_group(distinct.groups());
  for (std::size_t b = 0; b < distinct.groups(); ++b) {
    fill_indicators(columns, b, indicator);
    for (double& value : indicator) value = std::exp(scale * value);
    for (std::size_t row = 0; row < terms.size(); ++row) terms[row] = indicator[distinct.group_of[row]];
    fitness_of_group[b] = numpy_sum(terms) - indicator[b];
  }
  for (std::size_t row = 0; row < fitness.size(); ++row) fitness[row] = fitness_of_group[distinct.group_of[row]];
  return fitness;
}

IbeaSelection select_ibea(TableView<const double> objectives, std::size_t count, numeric::PythonRandom& random) {
  const std::vector<double> fitness = ibea_fitness(objectives);
  IbeaSelection selection;
  selection.order.resize(fitness.size());
  std::iota(selection.order.begin(), selection.order.end(), 0U);
  std::stable_sort(selection.order.begin(), selection.order.end(),
                   [&](std::uint32_t a, std::uint32_t b) { return less_nan_last(fitness[a], fitness[b]); });
  const auto draw = [&] { return static_cast<std::uint32_t>(random.random() * static_cast<double>(fitness.size())); };
  for (std::size_t i = 0; i < count; ++i) {
    std::uint32_t winner = draw();
    for (int round = 1; round < tournament_size; ++round) {
      const std::uint32_t challenger = draw();
      if (fitness[selection.order[challenger]] < fitness[selection.order[winner]]) winner = challenger;
    }
    selection.parents.push_back(winner);
  }
  return selection;
}

}  // namespace cellwright::optimise
