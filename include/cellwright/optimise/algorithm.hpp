#pragma once
/// What every optimiser has in common: ask for individuals, tell their scores, save and restore.

#include "cellwright/optimise/optimiser_state.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// One generation is `auto rows = ask(); tell(scores of rows);`.
class Algorithm {
 public:
  Algorithm() = default;
  Algorithm(const Algorithm&) = default;
  Algorithm(Algorithm&&) = default;
  Algorithm& operator=(const Algorithm&) = default;
  Algorithm& operator=(Algorithm&&) = default;
  virtual ~Algorithm() = default;

  /// The individuals that must be evaluated next, [n, n_parameters] within their bounds; n may be 0.
  /// Asking again before tell() gives the same rows. The view is valid until tell() or restore().
  virtual TableView<const double> ask() = 0;

  /// The parents of the rows of the last ask(), in their order; empty where there are none, after tell(), and where the
  /// algorithm breeds from no single individuals.
  virtual std::span<const Parentage> parents_of_asked() const { return {}; }

  /// Takes the scores of the rows of ask(). The result is valid until the next tell(). It finishes a generation, but
  /// for algorithms that evaluate their starting points apart: then the batch is of generation 0, and
  /// state().generation stays 0.
  /// @throws ConfigError "optimiser-order" without ask(), "evaluator-shape" if the table does not fit (the rows of
  ///         ask() can then be told again).
  virtual const EvaluatedBatch& tell(ObjectiveTable scores) = 0;

  /// The state after the last tell(), whatever was asked since.
  virtual const OptimiserState& state() const = 0;
  /// Goes on from `state`, bit for bit as if it had never stopped.
  /// @param history its pedigree; where none is given, it begins with the next individual.
  /// @throws CheckpointError "checkpoint-state" if the state does not fit this problem or contradicts itself.
  virtual void restore(OptimiserState state, std::optional<History> history = std::nullopt) = 0;

  /// The individuals of the last finished generation before selection; empty before it and after restore().
  virtual const Population& pool_before_selection() const = 0;
  virtual const History& history() const = 0;
  /// Why no further generation makes sense (the name of a stopping criterion); "" as long as one does.
  virtual std::string finished() const { return {}; }
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
  bool stopped = false;    ///< RunOptions::stop ended it before max_ngen
  std::string finished{};  ///< the stopping criterion that ended it before max_ngen; "" if none did
};

/// Generations from the present state of `algorithm` until its generation `options.max_ngen` (at least one), until its
/// own stopping criteria or until options.stop() is true. Of the options only max_ngen, observers and stop are used.
/// Where starting points are evaluated apart, observers see them as a generation 0 that is not in the logbook.
RunResult run_algorithm(Algorithm& algorithm, Evaluator& evaluator, const RunOptions& options);

}  // namespace cellwright::optimise
