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

  DEAPAlgorithm algorithm_;
  std::size_t offspring_size_;
};

/// Another name of DEAPOptimisation, as in BluePyOpt: the selector of the settings still applies.
class IBEADEAPOptimisation : public DEAPOptimisation {
 public:
  using DEAPOptimisation::DEAPOptimisation;
};

}  // namespace cellwright::optimise
