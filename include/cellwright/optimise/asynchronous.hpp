#pragma once
/// Steady-state evolution: an offspring is bred whenever a slot is free, for evaluations of uneven length.

#include "cellwright/optimise/optimiser_state.hpp"
#include "cellwright/optimise/variation.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// An individual that is to be evaluated.
struct AsynchronousTask {
  std::int64_t id = 0;  ///< number of the individual, in the order of asking, from 1
  std::vector<double> values;
  Parentage parents{};
};

/// Scores of one individual that have arrived.
struct AsynchronousResult {
  std::int64_t id = 0;
  std::vector<double> scores;
  bool failed = false;
  std::string reason{};
};

/// (N + 1) evolution: the first N individuals are random; each later one is bred by crossover and mutation from two
/// tournament winners of those that are scored already. Whoever is scored enters the population of N, and the worst by
/// IBEA's fitness (or the last of NSGA2) leaves it. From N = 100 on newcomers do so together, 2 % of N at a time:
/// ranking compares all pairs of the population, and once for each of them would cost more than their evaluation. They
/// become parents then, too.
///
/// Everything follows from the seed and the order of the calls of ask() and tell(): the same order gives the same run.
/// A "generation" is N scored individuals; the logbook has a row for each.
class AsynchronousAlgorithm {
 public:
  /// @param settings as DEAPAlgorithm; offspring_size is N.
  /// @throws ConfigError "optimiser-parameters" or "optimiser-settings".
  AsynchronousAlgorithm(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                        DEAPSettings settings = {});

  /// The next individual. It may be called any number of times before results come; while fewer than two individuals
  /// are scored, it gives random ones.
  AsynchronousTask ask();
  /// Takes the scores of an individual that was asked for, in any order.
  /// @throws ConfigError "optimiser-order" if `result.id` does not wait for scores, "evaluator-shape" if the number of
  ///         scores is wrong.
  void tell(const AsynchronousResult& result);

  /// The individuals that were asked for and wait for their scores, in the order of asking.
  std::vector<AsynchronousTask> waiting() const;
  /// The state after the last call. `pool` holds the population, then those that have not entered it yet; who waits for
  /// scores is part of `memory`. It is put together here: for the number of scored individuals ask evaluations().
  const OptimiserState& state() const;
  std::int64_t evaluations() const { return state_.evaluations; }
  /// Goes on from `state`. Evaluate waiting() again: their results are lost.
  /// @throws CheckpointError "checkpoint-state" if the state does not fit this problem or these settings.
  void restore(OptimiserState state);
  const History& history() const { return history_; }

 private:
  std::vector<double> breed(numeric::PythonRandom& random, Parentage& parents) const;
  std::uint32_t tournament(numeric::PythonRandom& random) const;
  void enter(const AsynchronousTask& task, const AsynchronousResult& result);
  void rank();
  void finish_generation();
  void save_waiting() const;

  std::vector<Bounds> bounds_;
  std::vector<Objective> objectives_;
  mutable OptimiserState state_;  ///< `pool` and "waiting" are up to date unless changed_
  mutable bool changed_ = true;
  Population ranked_, newcomers_;
  std::vector<double> fitness_;  ///< of ranked_, smaller is better
  std::map<std::int64_t, AsynchronousTask> waiting_;
  std::int64_t failed_in_row_ = 0;
  History history_;
};

/// The ids of those who wait for their scores in a state of an AsynchronousAlgorithm, ascending.
std::vector<std::int64_t> waiting_ids(const OptimiserState& state, std::size_t parameters);

/// Evaluates some individuals at the same time.
class EvaluationSlots {
 public:
  virtual ~EvaluationSlots() = default;
  /// How many individuals it can hold.
  virtual std::size_t slots() const = 0;
  /// Begins to evaluate. Called only while a slot is free.
  virtual void start(const AsynchronousTask& task) = 0;
  /// The next one that is finished. Called only while one is being evaluated. An exception ends the run, with the
  /// state after the last tell().
  virtual AsynchronousResult wait() = 0;
};

/// One thread a slot. `function` is called from all of them at the same time; an exception fails its individual.
std::unique_ptr<EvaluationSlots> make_thread_slots(IndividualFunction function, std::size_t slots);

struct AsynchronousOptions {
  std::int64_t max_evaluations = 100;  ///< scored individuals in all, those before restore() counted
  /// The ids in the order in which their scores are to be told. With it a run repeats the one whose order it is, given
  /// the same number of slots, whatever comes first in fact. It may be shorter than the run; then the fact decides.
  std::vector<std::int64_t> schedule{};
  std::function<void(const AsynchronousResult&)> told{};  ///< after each tell(), before the observer: what was told
  std::function<void(const OptimiserState&)> observer{};  ///< after each tell()
  std::function<bool()> stop{};                           ///< asked after each tell()
};

/// Keeps all slots busy until max_evaluations individuals are scored. @returns the order in which scores were told: the
/// schedule that repeats the run.
/// @throws ConfigError "optimiser-schedule" if the schedule names an individual that cannot be next.
std::vector<std::int64_t> run_asynchronously(AsynchronousAlgorithm& algorithm, EvaluationSlots& slots,
                                             const AsynchronousOptions& options);

}  // namespace cellwright::optimise
