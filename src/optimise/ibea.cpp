#include "cellwright/numeric/statistics.hpp"
#include "cellwright/optimise/selection.hpp"
#include "optimise/equal_rows.hpp"
#include "optimise/ibea_kernel.hpp"
#include "optimise/nan_order.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cellwright::optimise {
namespace {

constexpr int tournament_size = 4;

ScaledColumns make_columns(TableView<const double> objectives, const EqualRows& distinct) {
  ScaledColumns columns;
  columns.individuals = distinct.groups();
  columns.stride = (columns.individuals + ScaledColumns::tile - 1) / ScaledColumns::tile * ScaledColumns::tile;
  columns.values.resize(columns.stride * objectives.columns());
  for (std::size_t k = 0; k < objectives.columns(); ++k) {
    double* column = columns.values.data() + k * columns.stride;
    for (std::size_t i = 0; i < columns.stride; ++i)
      column[i] = objectives(distinct.first_row[std::min(i, columns.individuals - 1)], k);
    const auto [low, high] = std::minmax_element(column, column + columns.individuals);
    const double range = *high - *low;
    columns.ranges.push_back(range == 0.0 ? 1.0 : range);
    columns.inverse.push_back(1.0 / columns.ranges.back());
    for (std::size_t i = 0; i < columns.stride; ++i)
      columns.scaled.push_back(static_cast<float>((column[i] - *low) * columns.inverse.back()));
  }
  return columns;
}

}  // namespace

std::vector<double> ibea_fitness(TableView<const double> objectives, double kappa) {
  const EqualRows distinct = find_equal_rows(objectives);
  std::vector<double> fitness(objectives.rows(), 0.0);
  if (distinct.groups() < 2) return fitness;

  // Where any objective varies, max |I| is exactly 1: the extreme individuals of that objective are range / range
  // apart, and no quotient is larger.
  const double scale = -1.0 / (kappa * 1.0);
  const ScaledColumns columns = make_columns(objectives, distinct);
  std::vector<double> term_of_group(columns.stride);
  std::vector<double> terms(objectives.rows());
  std::vector<double> fitness_of_group(distinct.groups());
  for (std::size_t b = 0; b < distinct.groups(); ++b) {
    indicator_terms(columns, b, scale, term_of_group.data());
    if (distinct.groups() == objectives.rows()) {  // then each group is the row of its number
      fitness_of_group[b] = numeric::sum(std::span(term_of_group).first(objectives.rows())) - term_of_group[b];
      continue;
    }
    for (std::size_t row = 0; row < terms.size(); ++row) terms[row] = term_of_group[distinct.group_of[row]];
    fitness_of_group[b] = numeric::sum(terms) - term_of_group[b];
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
