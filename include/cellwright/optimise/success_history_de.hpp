#pragma once
/// Differential evolution that learns its step sizes from its successes (SHADE), on the sum of the scores.

#include "cellwright/optimise/algorithm.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace cellwright::optimise {

/// The arguments of SuccessHistoryDE.
struct SHADESettings {
  std::int64_t seed = 1;            ///< of Python's random stream
  std::size_t offspring_size = 30;  ///< N: individuals of the population and of each generation; >= 4
  std::size_t hof_size = 10;        ///< size of the hall of fame, >= 1
  double best_share = 0.11;         ///< trials are drawn towards one of this share of the best, at least 2; (0, 1]
  std::size_t memory_size = 6;      ///< remembered pairs of step size and crossover rate, >= 1
  double archive_size = 2.0;        ///< replaced individuals that are kept, in units of N; >= 0
  double failed_score = default_failed_score;  ///< replaces a score that is NaN or infinite
};

/// Each individual x gets one trial a generation: x + F (a better one - x) + F (one - another one, or an archived one),
/// of whose values a share CR is taken. The better of the two stays. F and CR are drawn around values that led to
/// improvements lately, weighted by these improvements. A value beyond a bound is set between the bound and x.
///
/// The population never loses its best individual, generations are whole batches, and equal seeds give equal runs.
/// @see Tanabe & Fukunaga (2013), IEEE CEC:71 (SHADE); (2014), IEEE CEC:1658 (archive, memory and share of L-SHADE;
/// without its shrinking population, which would need to know the end of the run). docs/optimisers.md compares it.
class SuccessHistoryDE : public Algorithm {
 public:
  /// @throws ConfigError "optimiser-parameters" or "optimiser-settings", with one diagnostic for each mistake.
  SuccessHistoryDE(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                   SHADESettings settings = {});

  TableView<const double> ask() override;
  const EvaluatedBatch& tell(ObjectiveTable scores) override;
  /// The pool holds the N survivors; there are no rows of parents.
  const OptimiserState& state() const override { return state_; }
  void restore(OptimiserState state, std::optional<History> history = std::nullopt) override;
  const Population& pool_before_selection() const override { return trials_; }
  const History& history() const override { return history_; }

 private:
  struct Pending {
    EvaluatedBatch batch;
    std::vector<double> step_sizes, crossover_rates;  ///< [N] of the trials
    numeric::PythonRandom random;
  };

  void draw_initial(Pending& pending) const;
  void draw_trials(Pending& pending) const;
  void draw_rates(Pending& pending) const;
  void draw_trial(Pending& pending, std::uint32_t row, const std::vector<std::uint32_t>& best_first) const;
  void select(const Pending& pending, const Population& trials);
  void learn(const Pending& pending, const std::vector<double>& gains);
  void archive(std::span<const double> values, numeric::PythonRandom& random);
  void save_memory();
  std::vector<double> setting_numbers() const;

  std::vector<Bounds> bounds_;
  std::vector<Objective> objectives_;
  SHADESettings settings_;
  OptimiserState state_;
  std::vector<double> remembered_steps_, remembered_rates_;  ///< [memory_size]
  std::size_t next_memory_ = 0;
  std::vector<std::vector<double>> archive_;
  History history_;
  std::optional<Pending> pending_;
  EvaluatedBatch last_batch_;
  Population trials_;
};

}  // namespace cellwright::optimise
