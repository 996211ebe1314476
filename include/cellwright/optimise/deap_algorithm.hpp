#pragma once
/// The evolutionary algorithm of BluePyOpt's DEAP extension as ask and tell, without an evaluator and without a loop.

#include "cellwright/optimise/algorithm.hpp"
#include "cellwright/optimise/variation.hpp"

#include <optional>
#include <vector>

namespace cellwright::optimise {

/// One generation is `auto rows = ask(); tell(scores of rows);`. Generation 1 is the initial population.
/// With the same seed and the same scores, every value equals that of BluePyOpt 1.14.26 with DEAP 1.4.4 on
/// CPython 3.11.
class DEAPAlgorithm : public Algorithm {
 public:
  /// @param parameters what varies: free, with finite bounds, lower < upper.
  /// @throws ConfigError "optimiser-parameters" or "optimiser-settings", with one diagnostic for each mistake.
  DEAPAlgorithm(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                DEAPSettings settings = {});

  /// The individuals that must be evaluated next, [n, n_parameters]; n may be 0 if mutpb and cxpb are below 1.
  /// Asking again before tell() gives the same rows. The view is valid until tell(), start() or restore().
  TableView<const double> ask() override;

  /// Takes the scores of the rows of ask() and finishes the generation. The result is valid until the next tell().
  /// @throws ConfigError "optimiser-order" without ask(), "evaluator-shape" if the table does not fit (the rows of
  ///         ask() can then be told again).
  const EvaluatedBatch& tell(ObjectiveTable scores) override;

  std::span<const Parentage> parents_of_asked() const override {
    return pending_ ? std::span<const Parentage>(pending_->batch.parents) : std::span<const Parentage>();
  }

  /// Begins a new evolution: the random stream and the hall of fame go on, everything else starts from nothing, as when
  /// `run` is called again on BluePyOpt's object.
  /// @param offspring_size N from now on.
  void start(std::size_t offspring_size);
  /// As start(), from given individuals [N, n_parameters] instead of random ones; no draws are made for them.
  /// @throws ConfigError "optimiser-population" if there are none, or a value is not within its bounds.
  void start(const Table<double>& population);

  /// The state after the last finished generation, whatever was asked since.
  const OptimiserState& state() const override { return state_; }
  /// Goes on from `state`. @param history its pedigree; where none is given, it begins with the next individual.
  /// @throws CheckpointError "checkpoint-state" if the state does not fit this problem or contradicts itself.
  void restore(OptimiserState state, std::optional<History> history = std::nullopt) override;

  /// The pool of the last finished generation in the order before selection: parents, then offspring. At generation 1
  /// the initial population; empty before it and after restore().
  const Population& pool_before_selection() const override { return pool_before_selection_; }
  const History& history() const override { return history_; }
  const std::vector<Bounds>& bounds() const { return bounds_; }
  const std::vector<Objective>& objectives() const { return objectives_; }

 private:
  /// Offspring that wait for their scores.
  struct Pending {
    Population offspring;          ///< [N]; rows that did not change have the scores of their parent
    Rows changed;                  ///< rows of `offspring` to evaluate
    EvaluatedBatch batch;          ///< the same rows as a table, with their parents
    numeric::PythonRandom random;  ///< after breeding
  };

  void breed_initial(Pending& pending);
  void breed_offspring(Pending& pending) const;
  void gather_changed(Pending& pending) const;
  void take_scores(Pending& pending, ObjectiveTable scores) const;
  void finish_generation(Pending& pending);
  void select_parents(numeric::PythonRandom& random);

  std::vector<Bounds> bounds_;
  std::vector<Objective> objectives_;
  OptimiserState state_;
  History history_;
  std::optional<Table<double>> given_population_;
  std::optional<Pending> pending_;
  EvaluatedBatch last_batch_;
  Population pool_before_selection_;
};

}  // namespace cellwright::optimise
