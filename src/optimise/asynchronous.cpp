#include "cellwright/optimise/asynchronous.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/selection.hpp"
#include "optimise/memory_reader.hpp"
#include "optimise/nan_order.hpp"
#include "optimise/score_check.hpp"
#include "optimise/state_check.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

constexpr int tournament_size = 4;

/// Smaller is better.
std::vector<double> fitness_of(const Population& pool, const std::string& selector) {
  const TableView<const double> objectives = pool.objectives.view();
  if (selector != "NSGA2") return ibea_fitness(objectives);
  std::vector<double> fitness(pool.size());
  const Rows order = select_nsga2(objectives, pool.size());
  for (std::size_t rank = 0; rank < order.size(); ++rank) fitness[order[rank]] = static_cast<double>(rank);
  return fitness;
}

/// The positions of the `count` smallest, in ascending order.
Rows best_of(const std::vector<double>& fitness, std::size_t count) {
  Rows rows(fitness.size());
  std::iota(rows.begin(), rows.end(), 0U);
  std::ranges::stable_sort(rows,
                           [&](std::uint32_t a, std::uint32_t b) { return less_nan_last(fitness[a], fitness[b]); });
  rows.resize(std::min(count, rows.size()));
  std::ranges::sort(rows);
  return rows;
}

Population joined(const Population& first, const Population& second) {
  Population all(first.size() + second.size(), first.parameters.columns(), first.objectives.columns());
  for (std::size_t row = 0; row < first.size(); ++row) all.assign(row, first, row);
  for (std::size_t row = 0; row < second.size(); ++row) all.assign(first.size() + row, second, row);
  return all;
}

/// How many individuals of a generation of `n` have been scored since the last ranking.
std::size_t unranked(std::int64_t evaluations, std::size_t n) {
  const std::size_t together = std::max<std::size_t>(n / 50, 1);
  return static_cast<std::size_t>(evaluations) % n % together;
}

}  // namespace

AsynchronousAlgorithm::AsynchronousAlgorithm(const std::vector<Parameter>& parameters,
                                             std::vector<Objective> objectives, DEAPSettings settings)
    : bounds_(free_bounds(parameters)), objectives_(std::move(objectives)) {
  check_settings(settings);
  state_.random = numeric::PythonRandom(settings.seed).state();
  state_.hall_of_fame = HallOfFame(settings.hof_size);
  state_.settings = std::move(settings);
  ranked_ = newcomers_ = Population(0, bounds_.size(), objectives_.size());
}

const OptimiserState& AsynchronousAlgorithm::state() const {
  if (!changed_) return state_;
  state_.pool = joined(ranked_, newcomers_);
  save_waiting();
  changed_ = false;
  return state_;
}

AsynchronousTask AsynchronousAlgorithm::ask() {
  numeric::PythonRandom random(state_.random);
  AsynchronousTask task{.id = history_.next_id(), .values = std::vector<double>(bounds_.size())};
  const bool initial = task.id <= static_cast<std::int64_t>(state_.settings.offspring_size);
  if (initial || ranked_.size() < 2) {
    draw_uniform(task.values, bounds_, random);
  } else {
    task.values = breed(random, task.parents);
  }
  history_.append(task.parents);
  state_.random = random.state();
  waiting_.emplace(task.id, task);
  changed_ = true;
  return task;
}

std::uint32_t AsynchronousAlgorithm::tournament(numeric::PythonRandom& random) const {
  const auto draw = [&] { return static_cast<std::uint32_t>(random.randbelow(fitness_.size())); };
  std::uint32_t winner = draw();
  for (int round = 1; round < tournament_size; ++round) {
    const std::uint32_t challenger = draw();
    if (less_nan_last(fitness_[challenger], fitness_[winner])) winner = challenger;
  }
  return winner;
}

std::vector<double> AsynchronousAlgorithm::breed(numeric::PythonRandom& random, Parentage& parents) const {
  const std::uint32_t first = tournament(random);
  const std::uint32_t second = tournament(random);
  Table<double> pair(2, bounds_.size());
  std::ranges::copy(ranked_.parameters.row(first), pair.row(0).begin());
  std::ranges::copy(ranked_.parameters.row(second), pair.row(1).begin());
  // A child that equals its parent would only repeat its evaluation: it is varied until something changed.
  Varied varied;
  while (!varied.changed()) {
    varied =
        vary(pair,
             {.eta = state_.settings.eta, .mutpb = std::max(state_.settings.mutpb, 1e-3), .cxpb = state_.settings.cxpb},
             bounds_, random)[0];
  }
  parents = {ranked_.id[first], varied.crossed ? ranked_.id[second] : 0};
  const std::span<const double> child = std::as_const(pair).row(0);
  return {child.begin(), child.end()};
}

void AsynchronousAlgorithm::tell(const AsynchronousResult& result) {
  const auto found = waiting_.find(result.id);
  if (found == waiting_.end()) {
    throw ConfigError(Diagnostic{.code = "optimiser-order",
                                 .message = fmt::format("individual {} does not wait for scores", result.id),
                                 .fix = "tell each individual that ask() gave once"});
  }
  ObjectiveTable scores(1, result.scores.size());
  std::ranges::copy(result.scores, scores.values.row(0).begin());
  if (result.failed && result.scores.empty()) scores = ObjectiveTable(1, objectives_.size());
  check_score_shape(scores, 1, objectives_.size());
  if (result.failed) scores.fail(0, result.reason, state_.settings.failed_score);
  replace_non_finite(scores, objectives_, state_.settings.failed_score);
  const AsynchronousTask task = found->second;
  waiting_.erase(found);
  enter(task, {.id = result.id,
               .scores = {scores.values.row(0).begin(), scores.values.row(0).end()},
               .failed = scores.failed[0] != 0});
}

void AsynchronousAlgorithm::enter(const AsynchronousTask& task, const AsynchronousResult& result) {
  const std::size_t n = state_.settings.offspring_size;
  Population newcomer(1, bounds_.size(), objectives_.size());
  std::ranges::copy(task.values, newcomer.parameters.row(0).begin());
  std::ranges::copy(result.scores, newcomer.objectives.row(0).begin());
  newcomer.id[0] = task.id;
  newcomer.generation[0] = static_cast<int>(state_.evaluations / static_cast<std::int64_t>(n)) + 1;
  newcomer.failed[0] = result.failed ? 1 : 0;

  newcomers_ = joined(newcomers_, newcomer);
  ++state_.evaluations;
  state_.failed_evaluations += result.failed ? 1 : 0;
  failed_in_row_ += result.failed ? 1 : 0;
  state_.hall_of_fame.update(newcomer);
  if (unranked(state_.evaluations, n) == 0) rank();
  if (state_.evaluations % static_cast<std::int64_t>(n) == 0) finish_generation();
  changed_ = true;
}

/// The newcomers enter the population, and as many as are too many leave it.
void AsynchronousAlgorithm::rank() {
  ranked_ = joined(ranked_, newcomers_);
  newcomers_ = Population(0, bounds_.size(), objectives_.size());
  fitness_ = fitness_of(ranked_, state_.settings.selector_name);
  if (ranked_.size() <= state_.settings.offspring_size) return;
  ranked_ = ranked_.subset(best_of(fitness_, state_.settings.offspring_size));
  fitness_ = fitness_of(ranked_, state_.settings.selector_name);
}

void AsynchronousAlgorithm::finish_generation() {
  ++state_.generation;
  state_.logbook.append(summarise(state_.generation, static_cast<std::int64_t>(state_.settings.offspring_size),
                                  failed_in_row_, ranked_.sums()));
  failed_in_row_ = 0;
}

std::vector<AsynchronousTask> AsynchronousAlgorithm::waiting() const {
  std::vector<AsynchronousTask> tasks;
  for (const auto& [id, task] : waiting_) tasks.push_back(task);
  return tasks;
}

void AsynchronousAlgorithm::save_waiting() const {
  std::vector<double>& numbers = state_.memory["waiting"];
  numbers.clear();
  for (const auto& [id, task] : waiting_) {
    numbers.push_back(static_cast<double>(id));
    numbers.push_back(static_cast<double>(task.parents[0]));
    numbers.push_back(static_cast<double>(task.parents[1]));
    numbers.insert(numbers.end(), task.values.begin(), task.values.end());
  }
  state_.memory["asked"] = {static_cast<double>(history_.next_id() - 1), static_cast<double>(failed_in_row_)};
}

std::vector<std::int64_t> waiting_ids(const OptimiserState& state, std::size_t parameters) {
  std::vector<std::int64_t> ids;
  const auto found = state.memory.find("waiting");
  if (found == state.memory.end()) return ids;
  for (std::size_t i = 0; i < found->second.size(); i += 3 + parameters)
    ids.push_back(static_cast<std::int64_t>(found->second[i]));
  return ids;
}

void AsynchronousAlgorithm::restore(OptimiserState state) {
  check_same_settings(state.settings, state_.settings);
  const std::size_t n = state.settings.offspring_size;
  const auto evaluations = std::max<std::int64_t>(state.evaluations, 0);
  const std::size_t outside = unranked(evaluations, n);
  const std::size_t inside = std::min(static_cast<std::size_t>(evaluations) - outside, n);
  const auto uncounted = state.evaluations - state.generation * static_cast<std::int64_t>(n);
  check_state(state, bounds_, objectives_.size(),
              {.pool = inside + outside, .parents = 0, .starters = uncounted, .unfinished = true}, std::nullopt);
  const std::vector<double>& asked = remembered(state.memory, "asked", 2);
  const std::size_t width = 3 + bounds_.size();
  const auto saved = state.memory.find("waiting");
  const double waits = asked[0] - static_cast<double>(state.evaluations);
  // No size is taken from the numbers before it is known to fit.
  const std::size_t waiting = saved == state.memory.end() ? 0 : saved->second.size() / width;
  if (waits != static_cast<double>(waiting)) {
    throw CheckpointError(
        Diagnostic{.code = "checkpoint-state",
                   .message = fmt::format("{} individuals wait for scores instead of {}", waiting, waits)});
  }
  const Table<double> rows = remembered_table(state.memory, "waiting", waiting, width);
  waiting_.clear();
  for (std::size_t i = 0; i < waiting; ++i) {
    const std::span<const double> row = rows.row(i);
    AsynchronousTask task{.id = static_cast<std::int64_t>(row[0]), .values = {row.begin() + 3, row.end()}};
    task.parents = {static_cast<std::int64_t>(row[1]), static_cast<std::int64_t>(row[2])};
    waiting_.emplace(task.id, std::move(task));
  }
  failed_in_row_ = static_cast<std::int64_t>(asked[1]);
  history_ = History(static_cast<std::int64_t>(asked[0]) + 1);
  state_ = std::move(state);
  changed_ = false;
  Rows all(inside + outside);
  std::iota(all.begin(), all.end(), 0U);
  ranked_ = state_.pool.subset(std::span(all).first(inside));
  newcomers_ = state_.pool.subset(std::span(all).last(outside));
  fitness_ = inside == 0 ? std::vector<double>() : fitness_of(ranked_, state_.settings.selector_name);
}

}  // namespace cellwright::optimise
