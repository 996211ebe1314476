#pragma once
/// BluePyOpt's DEAPOptimisationCMA: CMA evolution strategies for one and for several objectives.

#include "cellwright/optimise/cma_strategy.hpp"
#include "cellwright/optimise/deap_optimisation.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// The sum of the scores in NumPy's order: numpy.sum.
double numpy_sum(std::span<const double> scores);

/// The arguments of BluePyOpt's DEAPOptimisationCMA, with its defaults.
struct CMASettings {
  std::int64_t seed = 1;                                 ///< of Python's and of NumPy's stream; 0 to 2^32 - 1
  std::optional<std::size_t> offspring_size;             ///< lambda >= 2; default: int(4 + 3 ln n)
  std::vector<std::vector<double>> centroids;            ///< starting points as parameter values; none: random ones
  double sigma = 0.4;                                    ///< first step size, in units of half a parameter's range; > 0
  std::size_t hof_size = 10;                             ///< size of the hall of fame, >= 1
  std::string selector_name = "single_objective";        ///< or "multi_objective", or "single_objective_restarts"
  double weight_hv = 0.5;                                ///< multi_objective: weight of the hypervolume, 0 to 1
  FitnessReduce fitness_reduce = &numpy_sum;             ///< the fitness of an individual
  bool use_stagnation_criterion = true;                  ///< stop by Stagnationv2 too
  double failed_score = default_failed_score;            ///< replaces a score that is NaN or infinite
  EigenSolver eigen_solver = &numeric::symmetric_eigen;  ///< of the single-objective strategy
};

/// The strategies as ask and tell. Parameters are scaled to [-1, 1]: value = x * (upper - lower) / 2 + (upper + lower)
/// / 2.
///
/// The draws are those of BluePyOpt 1.14.26, DEAP 1.4.4 and NumPy's legacy stream; values agree with it up to the
/// rounding of the matrix products, which BLAS does in another order on every processor, and up to the free choice of
/// the eigenvectors of multiple eigenvalues. docs/optimisers.md says how far that goes.
///
/// With several objectives the starting points are evaluated first, as generation 0 (BluePyOpt does not count these).
///
/// "single_objective_restarts" is not BluePyOpt's: where the criteria of "single_objective" would end the search, it
/// begins again at a random point with twice the offspring (IPOP-CMA-ES; Auger & Hansen 2005, IEEE CEC:1769). Only
/// MaxNGen and criteria that were added end it.
class CMAAlgorithm : public Algorithm {
 public:
  /// @param max_ngen of the criterion MaxNGen, which is met after generation max_ngen + 1, as in BluePyOpt;
  ///        0 or less: 100 + 50 (n + 3)^2 / sqrt(lambda).
  /// @throws ConfigError "optimiser-parameters", "optimiser-settings", with one diagnostic for each mistake.
  CMAAlgorithm(const std::vector<Parameter>& parameters, std::vector<Objective> objectives, CMASettings settings = {},
               double max_ngen = 0);

  TableView<const double> ask() override;
  const EvaluatedBatch& tell(ObjectiveTable scores) override;
  /// The pool holds the offspring of the last generation; there are no rows of parents.
  const OptimiserState& state() const override { return state_; }
  void restore(OptimiserState state, std::optional<History> history = std::nullopt) override;
  const Population& pool_before_selection() const override { return state_.pool; }
  const History& history() const override { return history_; }
  /// The names of the criteria that are met, with commas; "covariance" if it is no longer positive definite.
  std::string finished() const override;

  /// Begins a new search; the random streams and the hall of fame go on, as when BluePyOpt's run() is called again.
  void start(double max_ngen);
  /// Replaces the criterion MaxNGen: the search may go on where only that one ended it.
  void set_max_ngen(double max_ngen);
  const CMASettings& settings() const { return settings_; }
  /// Offspring of a generation.
  std::size_t lambda() const { return lambda_; }
  const std::vector<std::unique_ptr<StoppingCriteria>>& stopping_conditions() const { return criteria_; }
  /// @param criterion is asked after each generation too; its memory is part of the state.
  void add_stopping_criterion(std::unique_ptr<StoppingCriteria> criterion);
  /// The strategy, if it is the single-objective one.
  const CMA_SO* single_objective() const { return single_ ? &*single_ : nullptr; }
  const CMA_MO* multi_objective() const { return multi_ ? &*multi_ : nullptr; }

 private:
  struct Pending {
    CmaOffspring offspring;  ///< normalised; of generation 0 the starting points
    EvaluatedBatch batch;    ///< in the space of the parameters
    numeric::NumpyRandomState random;
  };

  std::vector<double> random_point();
  std::vector<double> normalised(std::span<const double> values) const;
  Table<double> in_parameter_space(const Table<double>& normalised) const;
  Table<double> starting_points();
  void add_criteria(double max_ngen);
  bool restarts() const;
  void restart_if_converged();
  void begin_search(std::vector<double> centroid, std::size_t lambda);
  bool starters_wait() const;
  void finish_generation(Pending& pending, std::span<const double> fitness);
  double default_max_ngen() const;
  void collect_finished();
  std::vector<double> setting_numbers() const;
  void restore_memory(const AlgorithmMemory& memory);
  void restore_restart(const AlgorithmMemory& memory);
  void check_criteria(std::span<const double> fitness);
  void save_memory(const numeric::NumpyRandomState& random);

  std::vector<Bounds> bounds_;
  std::vector<Objective> objectives_;
  CMASettings settings_;
  std::size_t lambda_ = 0;
  int restarted_after_ = 0;  ///< the last generation before the last restart; 0: there was none
  std::optional<CMA_SO> single_;
  std::optional<CMA_MO> multi_;
  std::vector<std::int64_t> parent_ids_;  ///< of the multi-objective strategy's parents
  std::vector<std::unique_ptr<StoppingCriteria>> criteria_;  ///< MaxNGen, further own ones, then those that were added
  std::size_t own_criteria_ = 0;
  std::string finished_;
  numeric::NumpyRandomState numpy_random_;
  numeric::PythonRandom::State unused_random_{};  ///< before the draws of the starting points
  OptimiserState state_;
  History history_;
  std::optional<Pending> pending_;
  EvaluatedBatch last_batch_;
};

/// Optimisation with a CMA evolution strategy, as in BluePyOpt.
/// @code
/// DEAPOptimisationCMA optimisation(evaluator, {.seed = 1, .offspring_size = 20, .selector_name = "multi_objective"});
/// auto result = optimisation.run({.max_ngen = 50});
/// @endcode
class DEAPOptimisationCMA : public Optimisation {
 public:
  /// @throws ConfigError as CMAAlgorithm.
  explicit DEAPOptimisationCMA(std::shared_ptr<Evaluator> evaluator, CMASettings settings = {});

  /// Runs until a stopping criterion is met or options.stop() is true. max_ngen is that of MaxNGen: as in BluePyOpt the
  /// run ends after generation max_ngen + 1 unless another criterion ends it before; 0 gives BluePyOpt's default.
  /// offspring_size and parent_population are not used.
  /// With continue_run it goes on from the present state. (BluePyOpt repeats the last generation's number and keeps the
  /// old max_ngen.)
  RunResult run(const RunOptions& options = {.max_ngen = 0});

  CMAAlgorithm& algorithm() { return algorithm_; }
  const OptimiserState& state() const { return algorithm_.state(); }
  /// Makes run() with continue_run go on from `state`. @throws CheckpointError as CMAAlgorithm::restore.
  void restore(OptimiserState state, std::optional<History> history = std::nullopt) {
    algorithm_.restore(std::move(state), std::move(history));
  }

 private:
  CMAAlgorithm algorithm_;
};

}  // namespace cellwright::optimise
