#pragma once
/// The two CMA evolution strategies of BluePyOpt's DEAP extension, in the normalised space [-1, 1]^n.

#include "cellwright/base/table.hpp"
#include "cellwright/numeric/numpy_random_state.hpp"
#include "cellwright/numeric/symmetric_eigen.hpp"
#include "cellwright/optimise/optimiser_state.hpp"
#include "cellwright/optimise/stopping_criteria.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// Eigenvalues (ascending) and vectors of a symmetric matrix.
using EigenSolver = std::function<numeric::SymmetricEigen(const Table<double>&)>;

/// A generation that waits for its scores.
struct CmaOffspring {
  Table<double> values;               ///< [lambda, n], within the bounds
  std::vector<std::uint32_t> parent;  ///< [lambda], index of each one's parent; empty if it has none
  std::size_t outside = 0;            ///< how many lay outside of the bounds and were repaired
};

/// Where any value of a row of `values` lies outside of [-1, 1], each of its values >= 1 becomes 1 - 1e-9 and each one
/// <= -1 becomes -1 + 1e-9. @returns how many rows that were. @see bluepyopt.deapext.utils.bound
std::size_t repair_to_unit_box(Table<double>& values);

/// Covariance matrix adaptation for one objective (Hansen & Ostermeier 2001, Evol. Comput. 9:159), as
/// bluepyopt.deapext.CMA_SO on deap.cma.Strategy.
class CMA_SO {
 public:
  /// @param centroid [n] where the search begins. @param sigma its first step size. @param lambda offspring, >= 2.
  CMA_SO(std::vector<double> centroid, double sigma, std::size_t lambda, EigenSolver eigen_solver);

  /// lambda x n normal deviates, row by row, and the repair.
  CmaOffspring generate(numeric::NumpyRandomState& random) const;
  /// @param fitness [lambda] of the rows of `offspring`, smaller is better.
  void update(const CmaOffspring& offspring, std::span<const double> fitness);
  /// The values that stopping criteria look at, without gen and fitness. Valid until the next update().
  StoppingParameters stopping_parameters() const;
  /// The covariance matrix is no longer positive definite or finite: there is nothing left to draw from.
  bool degenerate() const;

  void save(AlgorithmMemory& memory) const;
  /// @throws CheckpointError "checkpoint-state" if something is missing or has another size.
  void restore(const AlgorithmMemory& memory);

  const std::vector<double>& centroid() const { return centroid_; }
  double sigma() const { return sigma_; }
  const Table<double>& covariance() const { return C_; }

 private:
  void decompose();
  void take(const numeric::SymmetricEigen& eigen);
  void update_covariance(const CmaOffspring& offspring, std::span<const std::uint32_t> order,
                         std::span<const double> old_centroid, bool hsig);

  EigenSolver eigen_solver_;
  std::size_t lambda_, mu_;
  std::vector<double> weights_;
  double mueff_, cc_, cs_, ccov1_, ccovmu_, damps_, chi_n_;
  std::vector<double> centroid_, pc_, ps_, diagD_;
  double sigma_, cond_ = 1.0;
  Table<double> C_, B_;
  int update_count_ = 0;
};

/// Multi-objective covariance matrix adaptation (Voss, Hansen & Igel 2010, GECCO:487), as bluepyopt.deapext.CMA_MO on
/// deap.cma.StrategyMultiObjective: each parent has a step size and a Cholesky factor of its own.
class CMA_MO {
 public:
  /// @param starters [lambda, n] first parents. @param lambda offspring, >= 2; mu = lambda / 2 parents are kept.
  /// @param weight_hv 0 to 1: weight of the rank by hypervolume; the rest is that of the rank by summed scores.
  CMA_MO(Table<double> starters, double sigma, std::size_t lambda, double weight_hv);

  const Table<double>& parents() const { return parents_; }
  const Table<double>& parent_objectives() const { return parent_objectives_; }
  void set_parent_objectives(Table<double> objectives) { parent_objectives_ = std::move(objectives); }
  /// lambda x n normal deviates; then for each offspring one draw of a parent from the first non-dominated front.
  CmaOffspring generate(numeric::NumpyRandomState& random) const;
  /// Selects the next mu parents. @param objectives [lambda, n_objectives] of the rows of `offspring`.
  /// @returns the chosen: up to lambda - 1 an offspring, from there on a parent of before.
  std::vector<std::uint32_t> update(const CmaOffspring& offspring, const Table<double>& objectives,
                                    numeric::NumpyRandomState& random);

  void save(AlgorithmMemory& memory) const;
  /// @throws CheckpointError "checkpoint-state" if something is missing or has another size.
  void restore(const AlgorithmMemory& memory, std::size_t n_objectives);

 private:
  /// The search distribution of one parent.
  struct Search {
    double sigma = 0.0;
    double psucc = 0.0;
    std::vector<double> pc;
    Table<double> A;          ///< Cholesky factor of the covariance
    Table<double> inverse_A;  ///< its inverse
  };

  void learn_success(double& psucc, double& sigma, bool success) const;
  Search improved(const Search& parent, std::span<const double> from, std::span<const double> to) const;

  std::size_t lambda_, mu_;
  double weight_hv_;
  double d_, ptarg_, cp_, cc_, ccov_;
  Table<double> parents_, parent_objectives_;
  std::vector<Search> searches_;
};

/// The order in which CMA_MO prefers rows of `objectives` [n, n_objectives].
/// Hypervolume shares are HypE's (k = 5, 1,000,000 samples) after capping at 250 and leaving out every objective whose
/// best value is 240 or more. @param random draws only if weight_hv > 0.
std::vector<std::uint32_t> cma_mo_order(TableView<const double> objectives, double weight_hv,
                                        numeric::NumpyRandomState& random);

}  // namespace cellwright::optimise
