#include "optimise/state_check.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

/// Index of the first value that is not within its bounds, or -1.
std::ptrdiff_t first_outside(std::span<const double> values, std::span<const Bounds> bounds) {
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(bounds[i].lower <= values[i] && values[i] <= bounds[i].upper)) return static_cast<std::ptrdiff_t>(i);
  return -1;
}

/// Checks a state against the problem; every function throws at the first contradiction.
class StateChecker {
 public:
  StateChecker(const OptimiserState& state, std::span<const Bounds> bounds, std::size_t n_objectives, StateShape shape)
      : state_(state), bounds_(bounds), n_objectives_(n_objectives), shape_(shape) {}

  void check() const {
    check_counts();
    if (state_.generation == 0 && !shape_.unfinished) return;
    check_pool();
    for (std::size_t i = 0; i < state_.pool.size(); ++i) check_individual(state_.pool.individual(i), "pool", i);
    for (std::size_t i = 0; i < state_.hall_of_fame.size(); ++i)
      check_individual(state_.hall_of_fame[i], "hall of fame", i);
  }

 private:
  template <class... Values>
  static void require(bool condition, fmt::format_string<Values...> message, Values&&... values) {
    if (condition) return;
    throw CheckpointError(
        Diagnostic{.code = "checkpoint-state",
                   .message = "the state cannot be restored: " + fmt::format(message, std::forward<Values>(values)...),
                   .fix = "the checkpoint belongs to another problem or was changed; use an earlier one"});
  }

  void check_counts() const {
    const OptimiserState& s = state_;
    require(s.generation >= 0, "generation {} is negative", s.generation);
    require(s.logbook.size() == static_cast<std::size_t>(s.generation), "the logbook has {} rows after generation {}",
            s.logbook.size(), s.generation);
    std::int64_t evaluations = 0;
    std::int64_t failed = 0;
    for (std::size_t i = 0; i < s.logbook.size(); ++i) {
      const LogbookRow& row = s.logbook[i];
      require(row.gen == static_cast<int>(i) + 1, "row {} of the logbook is of generation {}", i + 1, row.gen);
      require(row.nevals >= 0 && row.failed >= 0 && row.failed <= row.nevals,
              "generation {} counts {} evaluations and {} failed ones", row.gen, row.nevals, row.failed);
      evaluations += row.nevals;
      failed += row.failed;
    }
    require(evaluations + shape_.starters == s.evaluations ||
                (s.generation == 0 && s.evaluations == 0 && s.failed_evaluations == 0),
            "the logbook counts {} evaluations, the state {}", evaluations + shape_.starters, s.evaluations);
    require(failed <= s.failed_evaluations && s.failed_evaluations - failed <= shape_.starters,
            "the logbook counts {} failed evaluations, the state {}", failed, s.failed_evaluations);
    require(s.hall_of_fame.max_size() == s.settings.hof_size, "the hall of fame has size {} instead of {}",
            s.hall_of_fame.max_size(), s.settings.hof_size);
  }

  void check_pool() const {
    const Population& pool = state_.pool;
    const std::size_t expected = shape_.pool;
    require(pool.size() == expected, "the pool has {} individuals instead of {}", pool.size(), expected);
    require(pool.parameters.rows() == expected && pool.objectives.rows() == expected &&
                pool.generation.size() == expected && pool.failed.size() == expected,
            "the columns of the pool have different lengths");
    require(pool.parameters.columns() == bounds_.size(), "the pool has {} parameters instead of {}",
            pool.parameters.columns(), bounds_.size());
    require(pool.objectives.columns() == n_objectives_, "the pool has {} objectives instead of {}",
            pool.objectives.columns(), n_objectives_);
    require(state_.parents.size() == shape_.parents, "there are {} parents instead of {}", state_.parents.size(),
            shape_.parents);
    for (const std::uint32_t parent : state_.parents)
      require(parent < expected, "parent {} is not in the pool of {}", parent, expected);
  }

  void check_individual(const Individual& individual, const char* place, std::size_t index) const {
    require(individual.values.size() == bounds_.size(), "individual {} of the {} has {} parameters instead of {}",
            index, place, individual.values.size(), bounds_.size());
    const std::ptrdiff_t outside = first_outside(individual.values, bounds_);
    require(outside < 0, "parameter {} of individual {} of the {} is not within its bounds", outside, index, place);
    const std::vector<double>& scores = individual.fitness.values();
    require(scores.size() == n_objectives_, "individual {} of the {} has {} objectives instead of {}", index, place,
            scores.size(), n_objectives_);
    require(std::all_of(scores.begin(), scores.end(), [](double v) { return std::isfinite(v); }),
            "individual {} of the {} has a score that is not finite", index, place);
    require(individual.generation >= 1 && individual.generation <= state_.generation + (shape_.unfinished ? 1 : 0),
            "individual {} of the {} is of generation {}", index, place, individual.generation);
  }

  const OptimiserState& state_;
  std::span<const Bounds> bounds_;
  std::size_t n_objectives_;
  StateShape shape_;
};

}  // namespace

void check_settings(const DEAPSettings& settings) {
  DiagnosticList problems;
  const auto require = [&](bool condition, std::string message, std::string fix) {
    if (!condition) problems.add({.code = "optimiser-settings", .message = std::move(message), .fix = std::move(fix)});
  };
  const auto probability = [](double p) { return p >= 0.0 && p <= 1.0; };
  require(settings.offspring_size >= 1, "offspring_size is 0", "it must be at least 1");
  require(std::isfinite(settings.eta) && settings.eta >= 0.0, fmt::format("eta is {}", settings.eta),
          "it must be a number not below 0; 10 is usual");
  require(probability(settings.mutpb), fmt::format("mutpb is {}", settings.mutpb), "it must lie in [0, 1]");
  require(probability(settings.cxpb), fmt::format("cxpb is {}", settings.cxpb), "it must lie in [0, 1]");
  require(settings.hof_size >= 1, "hof_size is 0", "it must be at least 1");
  require(settings.selector_name == "IBEA" || settings.selector_name == "NSGA2",
          fmt::format("selector_name is '{}'", settings.selector_name), "it must be \"IBEA\" or \"NSGA2\"");
  require(std::isfinite(settings.failed_score), fmt::format("failed_score is {}", settings.failed_score),
          "it must be a finite number");
  problems.throw_if_errors<ConfigError>();
}

std::vector<Bounds> free_bounds(const std::vector<Parameter>& parameters) {
  DiagnosticList problems;
  const auto refuse = [&](std::string message, std::string fix) {
    problems.add({.code = "optimiser-parameters", .message = std::move(message), .fix = std::move(fix)});
  };
  std::vector<Bounds> bounds;
  for (const Parameter& parameter : parameters) {
    const std::string name = fmt::format("parameter '{}'", parameter.name());
    bounds.push_back(parameter.bounds().value_or(Bounds{}));
    const double width = bounds.back().upper - bounds.back().lower;
    if (parameter.frozen()) {
      refuse(name + " is frozen and cannot be varied", "leave it out or unfreeze it");
    } else if (!parameter.bounds()) {
      refuse(name + " has no bounds", "give a lower and an upper bound");
    } else if (width == 0.0) {
      refuse(fmt::format("{} has the one possible value {}", name, bounds.back().lower),
             "freeze it or widen its bounds");
    } else if (!std::isfinite(width)) {
      refuse(fmt::format("{} has bounds [{}, {}]: too far apart", name, bounds.back().lower, bounds.back().upper),
             "give finite bounds");
    }
  }
  if (parameters.empty()) refuse("there is no parameter to vary", "at least one parameter must be free");
  problems.throw_if_errors<ConfigError>();
  return bounds;
}

void check_population(const Table<double>& population, std::span<const Bounds> bounds) {
  const auto refuse = [](std::string message) {
    throw ConfigError(Diagnostic{.code = "optimiser-population", .message = std::move(message)});
  };
  if (population.rows() == 0) refuse("the starting population is empty");
  if (population.columns() != bounds.size()) {
    refuse(fmt::format("the starting population has {} parameters instead of {}", population.columns(), bounds.size()));
  }
  for (std::size_t row = 0; row < population.rows(); ++row) {
    const std::ptrdiff_t outside = first_outside(population.row(row), bounds);
    if (outside < 0) continue;
    const auto i = static_cast<std::size_t>(outside);
    refuse(fmt::format("parameter {} of individual {} of the starting population is {}, outside of its bounds [{}, {}]",
                       i, row, population(row, i), bounds[i].lower, bounds[i].upper));
  }
}

void check_state(const OptimiserState& state, std::span<const Bounds> bounds, std::size_t n_objectives,
                 const StateShape& shape, const std::optional<History>& history) {
  StateChecker(state, bounds, n_objectives, shape).check();
  static_cast<void>(numeric::PythonRandom(state.random));  // throws if its index is impossible
  if (history && history->next_id() != state.evaluations + 1) {
    throw CheckpointError(Diagnostic{.code = "checkpoint-state",
                                     .message = fmt::format("the history ends with individual {}, the state with {}",
                                                            history->next_id() - 1, state.evaluations)});
  }
}

void check_same_settings(const DEAPSettings& saved, const DEAPSettings& own) {
  const auto require = [](bool same, const char* name) {
    if (same) return;
    throw CheckpointError(Diagnostic{.code = "checkpoint-state",
                                     .message = fmt::format("the state was made with another {}", name),
                                     .fix = "resume with the settings of the run that saved it"});
  };
  require(saved.selector_name == own.selector_name, "selector_name");
  require(saved.offspring_size == own.offspring_size, "offspring_size");
  require(saved.hof_size == own.hof_size, "hof_size");
}

}  // namespace cellwright::optimise
