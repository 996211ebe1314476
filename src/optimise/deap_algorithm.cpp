#include "cellwright/optimise/deap_algorithm.hpp"

#include "cellwright/base/error.hpp"
#include "optimise/score_check.hpp"
#include "optimise/state_check.hpp"

#include <numeric>

#include <fmt/format.h>

namespace cellwright::optimise {

DEAPAlgorithm::DEAPAlgorithm(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                             DEAPSettings settings)
    : bounds_(free_bounds(parameters)), objectives_(std::move(objectives)) {
  check_settings(settings);
  state_.random = numeric::PythonRandom(settings.seed).state();
  state_.hall_of_fame = HallOfFame(settings.hof_size);
  state_.settings = std::move(settings);
}

TableView<const double> DEAPAlgorithm::ask() {
  if (!pending_) {
    Pending pending{.random = numeric::PythonRandom(state_.random)};
    if (state_.generation == 0) {
      breed_initial(pending);
    } else {
      breed_offspring(pending);
    }
    gather_changed(pending);
    pending_ = std::move(pending);
  }
  return std::as_const(pending_->batch.parameters).view();
}

void DEAPAlgorithm::breed_initial(Pending& pending) {
  const std::size_t n = state_.settings.offspring_size;
  pending.offspring = Population(n, bounds_.size(), objectives_.size());
  if (given_population_) {
    pending.offspring.parameters = *given_population_;
  } else {
    for (std::size_t row = 0; row < n; ++row)
      draw_uniform(pending.offspring.parameters.row(row), bounds_, pending.random);
  }
  pending.changed.resize(n);
  std::iota(pending.changed.begin(), pending.changed.end(), 0U);
  pending.batch.parents.assign(n, Parentage{0, 0});
}

void DEAPAlgorithm::breed_offspring(Pending& pending) const {
  const DEAPSettings& settings = state_.settings;
  pending.offspring = state_.pool.subset(state_.parents);
  const std::vector<Varied> varied =
      vary(pending.offspring.parameters, {.eta = settings.eta, .mutpb = settings.mutpb, .cxpb = settings.cxpb}, bounds_,
           pending.random);
  const std::vector<std::int64_t>& ids = pending.offspring.id;  // still those of the parents
  for (std::uint32_t row = 0; row < varied.size(); ++row) {
    if (!varied[row].changed()) continue;
    pending.changed.push_back(row);
    pending.batch.parents.push_back({ids[row], varied[row].crossed ? ids[row ^ 1U] : 0});
  }
}

void DEAPAlgorithm::gather_changed(Pending& pending) const {
  EvaluatedBatch& batch = pending.batch;
  batch.generation = state_.generation + 1;
  batch.first_id = state_.evaluations + 1;
  batch.parameters = Table<double>(pending.changed.size(), bounds_.size());
  for (std::size_t i = 0; i < pending.changed.size(); ++i) {
    const std::span<const double> values = std::as_const(pending.offspring.parameters).row(pending.changed[i]);
    std::copy(values.begin(), values.end(), batch.parameters.row(i).begin());
  }
}

const EvaluatedBatch& DEAPAlgorithm::tell(ObjectiveTable scores) {
  if (!pending_) refuse_unasked_scores();
  check_score_shape(scores, pending_->changed.size(), objectives_.size());
  Pending pending = std::move(*pending_);
  pending_.reset();
  take_scores(pending, std::move(scores));
  finish_generation(pending);
  last_batch_ = std::move(pending.batch);
  return last_batch_;
}

void DEAPAlgorithm::take_scores(Pending& pending, ObjectiveTable scores) const {
  replace_non_finite(scores, objectives_, state_.settings.failed_score);
  Population& offspring = pending.offspring;
  for (std::size_t i = 0; i < pending.changed.size(); ++i) {
    const std::uint32_t row = pending.changed[i];
    const std::span<const double> values = std::as_const(scores.values).row(i);
    std::copy(values.begin(), values.end(), offspring.objectives.row(row).begin());
    offspring.id[row] = pending.batch.first_id + static_cast<std::int64_t>(i);
    offspring.generation[row] = pending.batch.generation;
    offspring.failed[row] = scores.failed[i];
  }
  pending.batch.objectives = std::move(scores);
}

void DEAPAlgorithm::finish_generation(Pending& pending) {
  const std::size_t n = state_.settings.offspring_size;
  const std::size_t n_parents = state_.generation == 0 ? 0 : n;
  Population pool(n_parents + n, bounds_.size(), objectives_.size());
  for (std::size_t row = 0; row < n_parents; ++row) pool.assign(row, state_.pool, state_.parents[row]);
  for (std::size_t row = 0; row < n; ++row) pool.assign(n_parents + row, pending.offspring, row);
  state_.pool = std::move(pool);

  const EvaluatedBatch& batch = pending.batch;
  const std::int64_t failed = count_failed(batch.objectives);
  state_.generation = batch.generation;
  state_.evaluations += static_cast<std::int64_t>(batch.parents.size());
  state_.failed_evaluations += failed;
  for (const Parentage& parents : batch.parents) history_.append(parents);
  state_.hall_of_fame.update(state_.pool);
  state_.logbook.append(
      summarise(batch.generation, static_cast<std::int64_t>(batch.parents.size()), failed, state_.pool.sums()));
  select_parents(pending.random);
  state_.random = pending.random.state();
}

void DEAPAlgorithm::select_parents(numeric::PythonRandom& random) {
  const std::size_t n = state_.settings.offspring_size;
  const TableView<const double> objectives = std::as_const(state_.pool.objectives).view();
  pool_before_selection_ = state_.pool;
  if (state_.generation == 1) {
    state_.parents.resize(n);
    std::iota(state_.parents.begin(), state_.parents.end(), 0U);
  } else if (state_.settings.selector_name == "NSGA2") {
    state_.parents = select_nsga2(objectives, n);
  } else {
    IbeaSelection selection = select_ibea(objectives, n, random);
    state_.pool = pool_before_selection_.subset(selection.order);
    state_.parents = std::move(selection.parents);
  }
}

void DEAPAlgorithm::start(std::size_t offspring_size) {
  DEAPSettings settings = state_.settings;
  settings.offspring_size = offspring_size;
  check_settings(settings);
  OptimiserState fresh;
  fresh.settings = std::move(settings);
  fresh.random = state_.random;
  fresh.hall_of_fame = std::move(state_.hall_of_fame);
  state_ = std::move(fresh);
  history_ = History();
  pool_before_selection_ = Population();
  given_population_.reset();
  pending_.reset();
}

void DEAPAlgorithm::start(const Table<double>& population) {
  check_population(population, bounds_);
  start(population.rows());
  given_population_ = population;
}

void DEAPAlgorithm::restore(OptimiserState state, std::optional<History> history) {
  try {
    check_settings(state.settings);
  } catch (const ConfigError& error) {
    std::vector<Diagnostic> diagnostics = error.diagnostics();
    for (Diagnostic& diagnostic : diagnostics) diagnostic.code = "checkpoint-state";
    throw CheckpointError(std::move(diagnostics));
  }
  const std::size_t n = state.settings.offspring_size;
  check_state(state, bounds_, objectives_.size(), {.pool = state.generation == 1 ? n : 2 * n, .parents = n}, history);
  pool_before_selection_ = Population();
  history_ = history ? std::move(*history) : History(state.evaluations + 1);
  state_ = std::move(state);
  given_population_.reset();
  pending_.reset();
}

}  // namespace cellwright::optimise
