#pragma once
/// Optimisations as in BluePyOpt: an evaluator, settings and run().

#include "cellwright/optimise/deap_algorithm.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <vector>

namespace cellwright::optimise {

/// Base of optimisations: holds the evaluator.
class Optimisation {
 public:
  /// @throws ConfigError "optimiser-evaluator" if there is none.
  explicit Optimisation(std::shared_ptr<Evaluator> evaluator);
  virtual ~Optimisation() = default;
  Evaluator& evaluator() const { return *evaluator_; }

 private:
  std::shared_ptr<Evaluator> evaluator_;
};

/// What an observer sees when a generation is finished.
struct GenerationReport {
  const OptimiserState& state;      ///< restoring it goes on with the next generation
  const EvaluatedBatch& evaluated;  ///< what this generation evaluated
  const LogbookRow& row;            ///< its statistics
  const Population& pool;           ///< parents, then offspring (at generation 1 all individuals), before selection
  const History& history;
};
/// Called after each finished generation, the first one included. An exception ends the run.
using GenerationObserver = std::function<void(const GenerationReport&)>;

/// The arguments of run().
struct RunOptions {
  int max_ngen = 10;                               ///< generations in all; the initial population is generation 1
  std::optional<std::size_t> offspring_size;       ///< N of this run; default: that of the settings
  bool continue_run = false;                       ///< go on from the present (or restored) state up to max_ngen
  std::optional<Table<double>> parent_population;  ///< [N, n_parameters] instead of random individuals; sets N
  std::vector<GenerationObserver> observers;       ///< for log lines, checkpoints, progress
  std::function<bool()> stop;  ///< asked before each generation; true ends the run with a valid state
};

/// What run() gives: copies, as after the last finished generation.
struct RunResult {
  Population population;  ///< the last pool (parents and offspring; with IBEA sorted, best first)
  HallOfFame hall_of_fame;
  Logbook logbook;
  History history;
  bool stopped = false;  ///< RunOptions::stop ended it before max_ngen
};

/// BluePyOpt's DEAPOptimisation: (N + N) evolution with SBX crossover, polynomial mutation and IBEA or NSGA2 selection.
/// @code
/// DEAPOptimisation optimisation(evaluator, {.seed = 1, .offspring_size = 100});
/// auto result = optimisation.run({.max_ngen = 50});
/// auto best = result.hall_of_fame[0];
/// @endcode
/// The random stream starts in the constructor: a second run() draws on and gives another result, as in BluePyOpt.
class DEAPOptimisation : public Optimisation {
 public:
  /// @throws ConfigError as DEAPAlgorithm.
  explicit DEAPOptimisation(std::shared_ptr<Evaluator> evaluator, DEAPSettings settings = {});

  /// Runs to the end of generation max_ngen (at least the initial population is evaluated) or until stop() is true.
  RunResult run(const RunOptions& options = {});

  /// The core, for a loop of one's own.
  DEAPAlgorithm& algorithm() { return algorithm_; }
  const OptimiserState& state() const { return algorithm_.state(); }
  /// Makes run() with continue_run go on from `state`. @throws CheckpointError as DEAPAlgorithm::restore.
  void restore(OptimiserState state, std::optional<History> history = std::nullopt);

 private:
  void begin(const RunOptions& options);
  void run_generation(const RunOptions& options);

  DEAPAlgorithm algorithm_;
  std::size_t offspring_size_;
};

/// Another name of DEAPOptimisation, as in BluePyOpt: the selector of the settings still applies.
class IBEADEAPOptimisation : public DEAPOptimisation {
 public:
  using DEAPOptimisation::DEAPOptimisation;
};

}  // namespace cellwright::optimise
