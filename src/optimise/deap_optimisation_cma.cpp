#include "cellwright/optimise/deap_optimisation_cma.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/statistics.hpp"
#include "optimise/memory_reader.hpp"
#include "optimise/numpy_stream_memory.hpp"
#include "optimise/score_check.hpp"
#include "optimise/state_check.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <limits>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

constexpr const char* covariance_lost = "covariance";
constexpr const char* restarting = "single_objective_restarts";
constexpr std::int64_t largest_seed = std::numeric_limits<std::uint32_t>::max();

void check_cma_settings(const CMASettings& settings, std::span<const Bounds> bounds) {
  DiagnosticList problems;
  const auto require = [&](bool condition, std::string message, std::string fix) {
    if (!condition) problems.add({.code = "optimiser-settings", .message = std::move(message), .fix = std::move(fix)});
  };
  require(settings.seed >= 0 && settings.seed <= largest_seed, fmt::format("seed is {}", settings.seed),
          "NumPy's generator takes 0 to 4294967295");
  require(settings.offspring_size.value_or(2) >= 2,
          fmt::format("offspring_size is {}", settings.offspring_size.value_or(0)),
          "a CMA evolution strategy needs at least 2");
  require(std::isfinite(settings.sigma) && settings.sigma > 0, fmt::format("sigma is {}", settings.sigma),
          "it must be above 0; 0.4 is usual");
  require(settings.hof_size >= 1, "hof_size is 0", "it must be at least 1");
  require(settings.selector_name == "single_objective" || settings.selector_name == "multi_objective" ||
              settings.selector_name == restarting,
          fmt::format("selector_name is '{}'", settings.selector_name),
          R"(it must be "single_objective", "multi_objective" or "single_objective_restarts")");
  require(settings.weight_hv >= 0 && settings.weight_hv <= 1, fmt::format("weight_hv is {}", settings.weight_hv),
          "it must lie in [0, 1]");
  require(settings.fitness_reduce != nullptr, "there is no fitness_reduce", "numpy_sum is usual");
  require(static_cast<bool>(settings.eigen_solver), "there is no eigen_solver", "numeric::symmetric_eigen is usual");
  require(std::isfinite(settings.failed_score), fmt::format("failed_score is {}", settings.failed_score),
          "it must be a finite number");
  for (std::size_t i = 0; i < settings.centroids.size(); ++i) {
    const std::vector<double>& centroid = settings.centroids[i];
    require(centroid.size() == bounds.size(),
            fmt::format("centroid {} has {} values for {} parameters", i, centroid.size(), bounds.size()), "");
    for (std::size_t k = 0; k < std::min(centroid.size(), bounds.size()); ++k) {
      require(centroid[k] >= bounds[k].lower && centroid[k] <= bounds[k].upper,
              fmt::format("value {} of centroid {} is {}, outside of its bounds [{}, {}]", k, i, centroid[k],
                          bounds[k].lower, bounds[k].upper),
              "");
    }
  }
  problems.throw_if_errors<ConfigError>();
}

CMASettings checked(CMASettings settings, std::span<const Bounds> bounds) {
  check_cma_settings(settings, bounds);
  return settings;
}

double radius(const Bounds& bounds) { return (bounds.upper - bounds.lower) / 2.0; }
double middle(const Bounds& bounds) { return (bounds.upper + bounds.lower) / 2.0; }

}  // namespace

double numpy_sum(std::span<const double> scores) { return numeric::sum(scores); }

CMAAlgorithm::CMAAlgorithm(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                           CMASettings settings, double max_ngen)
    : bounds_(free_bounds(parameters)),
      objectives_(std::move(objectives)),
      settings_(checked(std::move(settings), bounds_)),
      numpy_random_(static_cast<std::uint32_t>(settings_.seed)) {
  unused_random_ = numeric::PythonRandom(settings_.seed).state();
  state_.hall_of_fame = HallOfFame(settings_.hof_size, settings_.fitness_reduce);
  start(max_ngen);
}

void CMAAlgorithm::start(double max_ngen) {
  OptimiserState fresh;
  // A search that evaluated nothing leaves the stream as it found it.
  fresh.random = state_.evaluations == 0 ? unused_random_ : state_.random;
  unused_random_ = fresh.random;
  fresh.hall_of_fame = std::move(state_.hall_of_fame);
  state_ = std::move(fresh);
  history_ = History();
  pending_.reset();
  finished_.clear();
  parent_ids_.clear();
  single_.reset();
  multi_.reset();
  const auto n = static_cast<double>(bounds_.size());
  lambda_ = settings_.offspring_size.value_or(static_cast<std::size_t>(4 + 3 * std::log(n)));
  restarted_after_ = 0;
  // BluePyOpt makes an individual here only to learn how many parameters there are.
  if (!settings_.offspring_size) static_cast<void>(random_point());
  Table<double> starters = starting_points();
  if (settings_.selector_name != "multi_objective") {
    const std::span<const double> centroid = std::as_const(starters).row(0);
    single_.emplace(std::vector<double>(centroid.begin(), centroid.end()), settings_.sigma, lambda_,
                    settings_.eigen_solver);
  } else {
    multi_.emplace(std::move(starters), settings_.sigma, lambda_, settings_.weight_hv);
  }
  state_.settings = {.seed = settings_.seed,
                     .offspring_size = lambda_,
                     .hof_size = settings_.hof_size,
                     .selector_name = settings_.selector_name,
                     .failed_score = settings_.failed_score};
  add_criteria(max_ngen > 0 ? max_ngen : default_max_ngen());
}

std::vector<double> CMAAlgorithm::random_point() {
  numeric::PythonRandom random(state_.random);
  std::vector<double> point(bounds_.size());
  for (double& value : point) value = random.uniform(-1.0, 1.0);
  state_.random = random.state();
  return point;
}

std::vector<double> CMAAlgorithm::normalised(std::span<const double> values) const {
  std::vector<double> result(values.size());
  for (std::size_t k = 0; k < values.size(); ++k) result[k] = (values[k] - middle(bounds_[k])) / radius(bounds_[k]);
  return result;
}

Table<double> CMAAlgorithm::in_parameter_space(const Table<double>& normalised) const {
  Table<double> result(normalised.rows(), normalised.columns());
  for (std::size_t row = 0; row < result.rows(); ++row) {
    for (std::size_t k = 0; k < bounds_.size(); ++k) {
      const double value = normalised(row, k) * radius(bounds_[k]) + middle(bounds_[k]);
      // Only rounding can leave the bounds: normalised values lie within [-1, 1].
      result(row, k) = std::min(std::max(value, bounds_[k].lower), bounds_[k].upper);
    }
  }
  return result;
}

Table<double> CMAAlgorithm::starting_points() {
  const std::size_t count = settings_.selector_name == "multi_objective" ? lambda_ : 1;
  Table<double> points(count, bounds_.size());
  for (std::size_t row = 0; row < count; ++row) {
    const std::size_t centroids = settings_.centroids.size();
    const std::vector<double> point =
        centroids == 0 ? random_point() : normalised(settings_.centroids[row % centroids]);
    std::ranges::copy(point, points.row(row).begin());
  }
  return points;
}

void CMAAlgorithm::add_criteria(double max_ngen) {
  criteria_.clear();
  const std::size_t n = bounds_.size();
  criteria_.push_back(std::make_unique<MaxNGen>(max_ngen));
  if (single_) {
    criteria_.push_back(std::make_unique<TolHistFun>(lambda_, n));
    criteria_.push_back(std::make_unique<EqualFunVals>(lambda_, n));
    criteria_.push_back(std::make_unique<NoEffectAxis>(n));
    criteria_.push_back(std::make_unique<TolUpSigma>(settings_.sigma));
    criteria_.push_back(std::make_unique<TolX>());
    criteria_.push_back(std::make_unique<ConditionCov>());
    criteria_.push_back(std::make_unique<NoEffectCoor>());
  }
  if (settings_.use_stagnation_criterion) criteria_.push_back(std::make_unique<Stagnationv2>(lambda_, n));
  own_criteria_ = criteria_.size();
}

void CMAAlgorithm::set_max_ngen(double max_ngen) {
  criteria_.front() = std::make_unique<MaxNGen>(max_ngen > 0 ? max_ngen : default_max_ngen());
  if (state_.generation > 0) criteria_.front()->check({.gen = state_.generation});
  collect_finished();
}

double CMAAlgorithm::default_max_ngen() const {
  const auto n = static_cast<double>(bounds_.size());
  return 100 + 50 * (n + 3) * (n + 3) / std::sqrt(static_cast<double>(lambda_));
}

void CMAAlgorithm::add_stopping_criterion(std::unique_ptr<StoppingCriteria> criterion) {
  criteria_.push_back(std::move(criterion));
}

bool CMAAlgorithm::starters_wait() const { return multi_ && multi_->parent_objectives().rows() == 0; }

TableView<const double> CMAAlgorithm::ask() {
  if (!pending_) {
    Pending pending{.offspring = {}, .batch = {}, .random = numpy_random_};
    EvaluatedBatch& batch = pending.batch;
    if (starters_wait()) {
      pending.offspring.values = multi_->parents();
    } else {
      pending.offspring = multi_ ? multi_->generate(pending.random) : single_->generate(pending.random);
      batch.generation = state_.generation + 1;
    }
    batch.first_id = state_.evaluations + 1;
    batch.parameters = in_parameter_space(pending.offspring.values);
    batch.parents.assign(batch.parameters.rows(), Parentage{0, 0});
    for (std::size_t i = 0; i < pending.offspring.parent.size(); ++i)
      batch.parents[i][0] = parent_ids_[pending.offspring.parent[i]];
    pending_ = std::move(pending);
  }
  return std::as_const(pending_->batch.parameters).view();
}

const EvaluatedBatch& CMAAlgorithm::tell(ObjectiveTable scores) {
  if (!pending_) refuse_unasked_scores();
  check_score_shape(scores, pending_->batch.parameters.rows(), objectives_.size());
  Pending pending = std::move(*pending_);
  pending_.reset();
  EvaluatedBatch& batch = pending.batch;
  batch.objectives = std::move(scores);
  replace_non_finite(batch.objectives, objectives_, settings_.failed_score);
  for (const Parentage& parents : batch.parents) history_.append(parents);
  state_.evaluations += static_cast<std::int64_t>(batch.parents.size());
  state_.failed_evaluations += count_failed(batch.objectives);
  if (batch.generation == 0) {
    multi_->set_parent_objectives(batch.objectives.values);
    for (std::size_t i = 0; i < batch.parents.size(); ++i)
      parent_ids_.push_back(batch.first_id + static_cast<std::int64_t>(i));
  } else {
    std::vector<double> fitness;
    fitness.reserve(batch.parents.size());
    for (std::size_t i = 0; i < batch.parents.size(); ++i)
      fitness.push_back(settings_.fitness_reduce(std::as_const(batch.objectives.values).row(i)));
    finish_generation(pending, fitness);
  }
  numpy_random_ = pending.random;
  save_memory(numpy_random_);
  last_batch_ = std::move(pending.batch);
  return last_batch_;
}

void CMAAlgorithm::finish_generation(Pending& pending, std::span<const double> fitness) {
  const EvaluatedBatch& batch = pending.batch;
  Population& pool = state_.pool;
  pool = Population(batch.parents.size(), bounds_.size(), objectives_.size());
  pool.parameters = batch.parameters;
  pool.objectives = batch.objectives.values;
  pool.failed = batch.objectives.failed;
  for (std::size_t i = 0; i < pool.size(); ++i) {
    pool.id[i] = batch.first_id + static_cast<std::int64_t>(i);
    pool.generation[i] = batch.generation;
  }
  state_.generation = batch.generation;
  state_.hall_of_fame.update(pool);
  state_.logbook.append(
      summarise(batch.generation, static_cast<std::int64_t>(pool.size()), count_failed(batch.objectives), fitness));
  if (single_) {
    single_->update(pending.offspring, fitness);
  } else {
    const std::vector<std::uint32_t> chosen = multi_->update(pending.offspring, pool.objectives, pending.random);
    std::vector<std::int64_t> ids;
    for (const std::uint32_t member : chosen)
      ids.push_back(member < pool.size() ? pool.id[member] : parent_ids_[member - pool.size()]);
    parent_ids_ = std::move(ids);
  }
  check_criteria(fitness);
  if (restarts()) restart_if_converged();
}

bool CMAAlgorithm::restarts() const { return settings_.selector_name == restarting; }

void CMAAlgorithm::restart_if_converged() {
  const auto met = [](const std::unique_ptr<StoppingCriteria>& criterion) { return criterion->criteria_met; };
  const auto added = criteria_.begin() + static_cast<std::ptrdiff_t>(own_criteria_);
  if (finished_.empty() || met(criteria_.front()) || std::any_of(added, criteria_.end(), met)) return;
  restarted_after_ = state_.generation;
  finished_.clear();
  begin_search(random_point(), 2 * lambda_);
}

void CMAAlgorithm::begin_search(std::vector<double> centroid, std::size_t lambda) {
  lambda_ = lambda;
  single_.emplace(std::move(centroid), settings_.sigma, lambda_, settings_.eigen_solver);
  std::vector<std::unique_ptr<StoppingCriteria>> before = std::move(criteria_);
  const auto added = before.begin() + static_cast<std::ptrdiff_t>(own_criteria_);
  add_criteria(default_max_ngen());
  criteria_.front() = std::move(before.front());
  std::move(added, before.end(), std::back_inserter(criteria_));
}

void CMAAlgorithm::check_criteria(std::span<const double> fitness) {
  if (single_ && single_->degenerate()) {
    finished_ = covariance_lost;
    return;
  }
  StoppingParameters parameters = single_ ? single_->stopping_parameters() : StoppingParameters{};
  parameters.fitness = fitness;
  for (std::size_t i = 0; i < criteria_.size(); ++i) {
    const bool of_this_search = i > 0 && i < own_criteria_;
    parameters.gen = state_.generation - (of_this_search ? restarted_after_ : 0);
    criteria_[i]->check(parameters);
  }
  collect_finished();
}

void CMAAlgorithm::collect_finished() {
  if (finished_ == covariance_lost) return;
  finished_.clear();
  for (const std::unique_ptr<StoppingCriteria>& criterion : criteria_)
    if (criterion->criteria_met) finished_ += (finished_.empty() ? "" : ", ") + criterion->name();
}

std::string CMAAlgorithm::finished() const { return finished_; }

void CMAAlgorithm::save_memory(const numeric::NumpyRandomState& random) {
  AlgorithmMemory& memory = state_.memory;
  // What is no longer finite ends the search; it is not kept, as a file could not hold it.
  if (finished_ == covariance_lost) {
    memory = {{"finished", {1.0}}};
    return;
  }
  memory.clear();
  memory["numpy_random"] = stream_numbers(random);
  memory["settings"] = setting_numbers();
  if (restarts()) memory["restart"] = {static_cast<double>(lambda_), static_cast<double>(restarted_after_)};
  if (single_) single_->save(memory);
  if (multi_) multi_->save(memory);
  memory["parent_ids"].assign(parent_ids_.begin(), parent_ids_.end());
  for (const std::unique_ptr<StoppingCriteria>& criterion : criteria_) {
    std::vector<double> values = criterion->memory();
    values.insert(values.begin(), criterion->criteria_met ? 1.0 : 0.0);
    memory["criterion " + criterion->name()] = std::move(values);
  }
}

void CMAAlgorithm::restore(OptimiserState state, std::optional<History> history) {
  check_same_settings(state.settings, state_.settings);
  const auto starters = static_cast<std::int64_t>(multi_ ? lambda_ : 0);
  // After restarts the pool has as many individuals as the last search had offspring.
  const std::size_t pool = restarts() && state.evaluations > 0 ? state.pool.size() : lambda_;
  check_state(state, bounds_, objectives_.size(), {.pool = pool, .parents = 0, .starters = starters}, history);
  const AlgorithmMemory& memory = state.memory;
  finished_ = memory.contains("finished") ? covariance_lost : "";
  if (finished_.empty() && state.evaluations > 0) restore_memory(memory);
  history_ = history ? std::move(*history) : History(state.evaluations + 1);
  state_ = std::move(state);
  state_.hall_of_fame = HallOfFame(settings_.hof_size, state_.hall_of_fame.individuals(), settings_.fitness_reduce);
  pending_.reset();
}

void CMAAlgorithm::restore_memory(const AlgorithmMemory& memory) {
  const std::vector<double> settings = setting_numbers();
  if (remembered(memory, "settings", settings.size()) != settings) {
    throw CheckpointError(
        Diagnostic{.code = "checkpoint-state",
                   .message = "the state was made with another sigma, weight_hv or use_stagnation_criterion",
                   .fix = "resume with the settings of the run that saved it"});
  }
  numpy_random_ = stream_of(remembered(memory, "numpy_random", stream_length));
  if (restarts()) restore_restart(memory);
  if (single_) single_->restore(memory);
  if (multi_) {
    multi_->restore(memory, objectives_.size());
    const std::vector<double>& ids = remembered(memory, "parent_ids", multi_->parents().rows());
    parent_ids_.assign(ids.begin(), ids.end());
  }
  for (const std::unique_ptr<StoppingCriteria>& criterion : criteria_) {
    const auto found = memory.find("criterion " + criterion->name());
    if (found == memory.end() || found->second.empty()) continue;
    criterion->restore(std::span(found->second).subspan(1));
    criterion->criteria_met = found->second[0] != 0;
  }
  collect_finished();
}

void CMAAlgorithm::restore_restart(const AlgorithmMemory& memory) {
  const std::vector<double>& numbers = remembered(memory, "restart", 2);
  auto lambda = static_cast<double>(state_.settings.offspring_size);
  while (lambda < numbers[0]) lambda *= 2;
  if (lambda != numbers[0]) {
    throw CheckpointError(Diagnostic{.code = "checkpoint-state",
                                     .message = fmt::format("a search with restarts cannot come from {} to {} offspring",
                                                            state_.settings.offspring_size, numbers[0])});
  }
  restarted_after_ = static_cast<int>(numbers[1]);
  begin_search(std::vector<double>(bounds_.size(), 0.0), static_cast<std::size_t>(lambda));
}

std::vector<double> CMAAlgorithm::setting_numbers() const {
  return {settings_.sigma, settings_.weight_hv, settings_.use_stagnation_criterion ? 1.0 : 0.0};
}

DEAPOptimisationCMA::DEAPOptimisationCMA(std::shared_ptr<Evaluator> evaluator, CMASettings settings)
    : Optimisation(std::move(evaluator)),
      algorithm_(this->evaluator().parameters(), this->evaluator().objectives(), std::move(settings)) {}

RunResult DEAPOptimisationCMA::run(const RunOptions& options) {
  RunOptions until_met = options;
  until_met.max_ngen = std::numeric_limits<int>::max();
  if (options.continue_run) {
    algorithm_.set_max_ngen(options.max_ngen);
  } else {
    algorithm_.start(options.max_ngen);
  }
  return run_algorithm(algorithm_, evaluator(), until_met);
}

}  // namespace cellwright::optimise
