#include "cellwright/optimise/success_history_de.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/variation.hpp"
#include "optimise/memory_reader.hpp"
#include "optimise/score_check.hpp"
#include "optimise/state_check.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

constexpr double first_rate = 0.5;
constexpr double spread = 0.1;  // of the draws around remembered values

SHADESettings checked(SHADESettings settings) {
  DiagnosticList problems;
  const auto require = [&](bool condition, std::string message, std::string fix) {
    if (!condition) problems.add({.code = "optimiser-settings", .message = std::move(message), .fix = std::move(fix)});
  };
  require(settings.offspring_size >= 4, fmt::format("offspring_size is {}", settings.offspring_size),
          "differential evolution needs at least 4");
  require(settings.hof_size >= 1, "hof_size is 0", "it must be at least 1");
  require(settings.best_share > 0 && settings.best_share <= 1, fmt::format("best_share is {}", settings.best_share),
          "it must lie in (0, 1]");
  require(settings.memory_size >= 1, "memory_size is 0", "it must be at least 1");
  require(settings.archive_size >= 0 && settings.archive_size <= 100,
          fmt::format("archive_size is {}", settings.archive_size), "it must lie in [0, 100]");
  require(std::isfinite(settings.failed_score), fmt::format("failed_score is {}", settings.failed_score),
          "it must be a finite number");
  problems.throw_if_errors<ConfigError>();
  return settings;
}

/// Cauchy deviate in (0, 1]: drawn again where it is not positive.
double draw_step_size(double location, numeric::PythonRandom& random) {
  double step = 0;
  while (step <= 0) step = location + spread * std::tan(std::numbers::pi * (random.random() - 0.5));
  return std::min(step, 1.0);
}

double draw_crossover_rate(double mean, numeric::PythonRandom& random) {
  return std::clamp(random.gauss(mean, spread), 0.0, 1.0);
}

std::uint32_t draw_other(std::uint32_t count, std::initializer_list<std::uint32_t> taken,
                         numeric::PythonRandom& random) {
  for (;;) {
    const auto drawn = static_cast<std::uint32_t>(random.randbelow(count));
    if (std::ranges::find(taken, drawn) == taken.end()) return drawn;
  }
}

/// Sum of w x^2 over sum of w x: large values count for more.
double lehmer_mean(const std::vector<double>& values, const std::vector<double>& weights) {
  double squares = 0;
  double sum = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    squares += weights[i] * values[i] * values[i];
    sum += weights[i] * values[i];
  }
  return sum > 0 ? squares / sum : 0.0;
}

}  // namespace

SuccessHistoryDE::SuccessHistoryDE(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                                   SHADESettings settings)
    : bounds_(free_bounds(parameters)),
      objectives_(std::move(objectives)),
      settings_(checked(settings)),
      remembered_steps_(settings_.memory_size, first_rate),
      remembered_rates_(settings_.memory_size, first_rate) {
  state_.settings = {.seed = settings_.seed,
                     .offspring_size = settings_.offspring_size,
                     .hof_size = settings_.hof_size,
                     .selector_name = "SHADE",
                     .failed_score = settings_.failed_score};
  state_.random = numeric::PythonRandom(settings_.seed).state();
  state_.hall_of_fame = HallOfFame(settings_.hof_size);
  save_memory();
}

TableView<const double> SuccessHistoryDE::ask() {
  if (!pending_) {
    const std::size_t n = settings_.offspring_size;
    Pending pending{
        .batch = {}, .step_sizes = {}, .crossover_rates = {}, .random = numeric::PythonRandom(state_.random)};
    pending.batch.generation = state_.generation + 1;
    pending.batch.first_id = state_.evaluations + 1;
    pending.batch.parameters = Table<double>(n, bounds_.size());
    pending.batch.parents.assign(n, Parentage{0, 0});
    if (state_.generation == 0) {
      draw_initial(pending);
    } else {
      draw_trials(pending);
    }
    pending_ = std::move(pending);
  }
  return std::as_const(pending_->batch.parameters).view();
}

void SuccessHistoryDE::draw_initial(Pending& pending) const {
  for (std::size_t row = 0; row < settings_.offspring_size; ++row)
    draw_uniform(pending.batch.parameters.row(row), bounds_, pending.random);
}

void SuccessHistoryDE::draw_rates(Pending& pending) const {
  for (std::size_t row = 0; row < settings_.offspring_size; ++row) {
    const std::size_t slot = pending.random.choice_index(settings_.memory_size);
    pending.crossover_rates.push_back(draw_crossover_rate(remembered_rates_[slot], pending.random));
    pending.step_sizes.push_back(draw_step_size(remembered_steps_[slot], pending.random));
  }
}

void SuccessHistoryDE::draw_trials(Pending& pending) const {
  const std::vector<double> sums = state_.pool.sums();
  std::vector<std::uint32_t> best_first(sums.size());
  std::iota(best_first.begin(), best_first.end(), 0U);
  std::stable_sort(best_first.begin(), best_first.end(), [&](auto a, auto b) { return sums[a] < sums[b]; });
  draw_rates(pending);
  for (std::uint32_t row = 0; row < settings_.offspring_size; ++row) draw_trial(pending, row, best_first);
}

void SuccessHistoryDE::draw_trial(Pending& pending, std::uint32_t row,
                                  const std::vector<std::uint32_t>& best_first) const {
  numeric::PythonRandom& random = pending.random;
  const auto n = static_cast<std::uint32_t>(settings_.offspring_size);
  const double share = settings_.best_share * static_cast<double>(n);
  const std::size_t best_count = std::min<std::size_t>(n, std::max<std::size_t>(2, static_cast<std::size_t>(share)));
  const std::uint32_t better = best_first[random.choice_index(best_count)];
  const std::uint32_t first = draw_other(n, {row}, random);
  const std::uint32_t second = draw_other(n + static_cast<std::uint32_t>(archive_.size()), {row, first}, random);
  const Table<double>& values = state_.pool.parameters;
  const std::span<const double> x = values.row(row);
  const std::span<const double> other = second < n ? values.row(second) : std::span<const double>(archive_[second - n]);
  const std::span<double> trial = pending.batch.parameters.row(row);
  const std::size_t forced = random.choice_index(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) {
    const bool crossed = random.random() < pending.crossover_rates[row] || i == forced;
    trial[i] = x[i];
    if (!crossed) continue;
    const double step = pending.step_sizes[row];
    trial[i] = x[i] + step * (values(better, i) - x[i]) + step * (values(first, i) - other[i]);
    if (trial[i] < bounds_[i].lower) trial[i] = (bounds_[i].lower + x[i]) / 2;
    if (trial[i] > bounds_[i].upper) trial[i] = (bounds_[i].upper + x[i]) / 2;
  }
  pending.batch.parents[row] = {state_.pool.id[row], state_.pool.id[better]};
}

const EvaluatedBatch& SuccessHistoryDE::tell(ObjectiveTable scores) {
  if (!pending_) refuse_unasked_scores();
  check_score_shape(scores, settings_.offspring_size, objectives_.size());
  Pending pending = std::move(*pending_);
  pending_.reset();
  EvaluatedBatch& batch = pending.batch;
  batch.objectives = std::move(scores);
  replace_non_finite(batch.objectives, objectives_, settings_.failed_score);

  Population trials(batch.parents.size(), bounds_.size(), objectives_.size());
  trials.parameters = batch.parameters;
  trials.objectives = batch.objectives.values;
  trials.failed = batch.objectives.failed;
  for (std::size_t row = 0; row < trials.size(); ++row) {
    trials.id[row] = batch.first_id + static_cast<std::int64_t>(row);
    trials.generation[row] = batch.generation;
  }
  const std::int64_t failed = count_failed(batch.objectives);
  for (const Parentage& parents : batch.parents) history_.append(parents);
  state_.hall_of_fame.update(trials);
  if (state_.generation == 0) {
    state_.pool = trials;
    state_.random = pending.random.state();
  } else {
    select(pending, trials);
  }
  state_.generation = batch.generation;
  state_.evaluations += static_cast<std::int64_t>(trials.size());
  state_.failed_evaluations += failed;
  state_.logbook.append(
      summarise(batch.generation, static_cast<std::int64_t>(trials.size()), failed, state_.pool.sums()));
  trials_ = std::move(trials);
  last_batch_ = std::move(pending.batch);
  save_memory();
  return last_batch_;
}

void SuccessHistoryDE::select(const Pending& pending, const Population& trials) {
  numeric::PythonRandom random = pending.random;
  const std::vector<double> old_sums = state_.pool.sums();
  const std::vector<double> new_sums = trials.sums();
  std::vector<double> gains(trials.size(), 0.0);
  for (std::size_t row = 0; row < trials.size(); ++row) {
    if (!(new_sums[row] <= old_sums[row])) continue;
    gains[row] = old_sums[row] - new_sums[row];
    if (gains[row] > 0) archive(std::as_const(state_.pool.parameters).row(row), random);
    state_.pool.assign(row, trials, row);
  }
  learn(pending, gains);
  state_.random = random.state();
}

void SuccessHistoryDE::archive(std::span<const double> values, numeric::PythonRandom& random) {
  const auto most = static_cast<std::size_t>(settings_.archive_size * static_cast<double>(settings_.offspring_size));
  if (most == 0) return;
  std::vector<double> replaced(values.begin(), values.end());
  if (archive_.size() < most) {
    archive_.push_back(std::move(replaced));
  } else {
    archive_[random.choice_index(most)] = std::move(replaced);
  }
}

void SuccessHistoryDE::learn(const Pending& pending, const std::vector<double>& gains) {
  std::vector<double> steps;
  std::vector<double> rates;
  std::vector<double> weights;
  for (std::size_t row = 0; row < gains.size(); ++row) {
    if (!(gains[row] > 0)) continue;
    steps.push_back(pending.step_sizes[row]);
    rates.push_back(pending.crossover_rates[row]);
    weights.push_back(gains[row]);
  }
  if (weights.empty()) return;
  remembered_steps_[next_memory_] = lehmer_mean(steps, weights);
  remembered_rates_[next_memory_] = lehmer_mean(rates, weights);
  next_memory_ = (next_memory_ + 1) % settings_.memory_size;
}

std::vector<double> SuccessHistoryDE::setting_numbers() const {
  return {settings_.best_share, static_cast<double>(settings_.memory_size), settings_.archive_size};
}

void SuccessHistoryDE::save_memory() {
  AlgorithmMemory& memory = state_.memory;
  memory["settings"] = setting_numbers();
  memory["step_sizes"] = remembered_steps_;
  memory["crossover_rates"] = remembered_rates_;
  memory["next"] = {static_cast<double>(next_memory_)};
  memory["archive"].clear();
  for (const std::vector<double>& values : archive_)
    memory["archive"].insert(memory["archive"].end(), values.begin(), values.end());
}

void SuccessHistoryDE::restore(OptimiserState state, std::optional<History> history) {
  check_same_settings(state.settings, state_.settings);
  check_state(state, bounds_, objectives_.size(), {.pool = settings_.offspring_size, .parents = 0}, history);
  const AlgorithmMemory& memory = state.memory;
  const auto refuse = [](std::string message) {
    throw CheckpointError(Diagnostic{.code = "checkpoint-state", .message = std::move(message)});
  };
  if (remembered(memory, "settings", 3) != setting_numbers())
    refuse("the state was made with another best_share, memory_size or archive_size");
  const std::vector<double>& steps = remembered(memory, "step_sizes", settings_.memory_size);
  const std::vector<double>& rates = remembered(memory, "crossover_rates", settings_.memory_size);
  const double next = remembered_number(memory, "next");
  if (!(next >= 0 && next < static_cast<double>(settings_.memory_size))) refuse("the place in the memory is not in it");
  const auto saved = memory.find("archive");
  const std::size_t archived = saved == memory.end() ? 0 : saved->second.size() / bounds_.size();
  if (static_cast<double>(archived) > settings_.archive_size * static_cast<double>(settings_.offspring_size))
    refuse("the archive is too large");
  const Table<double> rows = remembered_table(memory, "archive", archived, bounds_.size());
  archive_.clear();
  for (std::size_t i = 0; i < archived; ++i) archive_.emplace_back(rows.row(i).begin(), rows.row(i).end());
  remembered_steps_ = steps;
  remembered_rates_ = rates;
  next_memory_ = static_cast<std::size_t>(next);
  history_ = history ? std::move(*history) : History(state.evaluations + 1);
  trials_ = Population();
  pending_.reset();
  state_ = std::move(state);
}

}  // namespace cellwright::optimise
