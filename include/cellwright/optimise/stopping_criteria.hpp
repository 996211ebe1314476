#pragma once
/// When to stop: the criteria of `bluepyopt.deapext.stoppingCriteria`, with its names, arguments and thresholds.
///
/// They are those of the CMA-ES (Hansen 2009, GECCO workshop, "Benchmarking a BI-population CMA-ES", 4.2) with
/// BluePyOpt's readings of them, which these classes follow even where they differ from the paper.

#include "cellwright/base/table.hpp"

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// What a criterion may look at after a generation. Those of the population need `gen` and `fitness` only.
struct StoppingParameters {
  int gen = 0;                       ///< the finished generation, counted from 1
  std::span<const double> fitness;   ///< reduced (summed) scores of the generation's individuals, in any order
  std::span<const double> centroid;  ///< [n] mean of the search distribution, in the normalised space
  std::span<const double> pc;        ///< [n] evolution path of the covariance
  std::span<const double> diagD;     ///< [n] square roots of the eigenvalues of C, ascending
  const Table<double>* C = nullptr;  ///< [n, n] covariance without sigma^2
  const Table<double>* B = nullptr;  ///< [n, n] eigenvectors of C, one a column
  double sigma = 0.0;                ///< step size
  double cond = 1.0;                 ///< largest over smallest eigenvalue of C
};

/// Base class: never stops. One of one's own overrides check() and sets criteria_met.
class StoppingCriteria {
 public:
  virtual ~StoppingCriteria() = default;
  /// For messages; unique among the criteria of one optimiser.
  virtual std::string name() const { return "None"; }
  /// Called once after each generation; sets criteria_met.
  virtual void check(const StoppingParameters& /*parameters*/) {}
  /// Forgets that the criterion was met.
  void reset() { criteria_met = false; }
  /// What the criterion remembers of former generations, for a checkpoint.
  virtual std::vector<double> memory() const { return {}; }
  /// @throws CheckpointError "checkpoint-state" if `memory` cannot be one.
  virtual void restore(std::span<const double> memory);

  bool criteria_met = false;
};

/// gen > max_ngen.
class MaxNGen : public StoppingCriteria {
 public:
  explicit MaxNGen(double max_ngen) : max_ngen_(max_ngen) {}
  std::string name() const override { return "Max ngen"; }
  void check(const StoppingParameters& parameters) override;

 private:
  double max_ngen_;
};

/// The medians of the best and of the median fitness of the last 20 generations are not below those of 20 generations
/// k = ceil(0.2 gen + 120 + 30 problem_size / lambda) generations ago; more than k generations passed.
class Stagnation : public StoppingCriteria {
 public:
  /// @param lambda individuals a generation. @param problem_size parameters.
  Stagnation(std::size_t lambda, std::size_t problem_size) : lambda_(lambda), problem_size_(problem_size) {}
  std::string name() const override { return "Stagnation"; }
  void check(const StoppingParameters& parameters) override;
  std::vector<double> memory() const override;
  void restore(std::span<const double> memory) override;

 private:
  std::size_t lambda_, problem_size_;
  std::vector<double> best_, median_;  ///< of all generations
};

/// More than k generations passed (k as in Stagnation), the median of the best fitness of the last 20 generations times
/// (1 + threshold) exceeds that of 120 to 100 generations ago, and the standard deviation of the last 20 is below
/// std_threshold times the last best fitness.
class Stagnationv2 : public StoppingCriteria {
 public:
  Stagnationv2(std::size_t lambda, std::size_t problem_size, double threshold = 0.01, double std_threshold = 0.02)
      : lambda_(lambda), problem_size_(problem_size), threshold_(threshold), std_threshold_(std_threshold) {}
  std::string name() const override { return "Stagnationv2"; }
  void check(const StoppingParameters& parameters) override;
  std::vector<double> memory() const override;
  void restore(std::span<const double> memory) override;

 private:
  std::size_t lambda_, problem_size_;
  double threshold_, std_threshold_;
  std::size_t generations_ = 0;  ///< recorded
  std::vector<double> best_;     ///< of the last 120 of them
};

/// The best fitnesses of the last 10 + ceil(30 problem_size / lambda) generations lie within 1e-12.
class TolHistFun : public StoppingCriteria {
 public:
  TolHistFun(std::size_t lambda, std::size_t problem_size);
  std::string name() const override { return "TolHistFun"; }
  void check(const StoppingParameters& parameters) override;
  std::vector<double> memory() const override { return mins_; }
  void restore(std::span<const double> memory) override;

 private:
  std::size_t length_;
  std::vector<double> mins_;  ///< at most length_, newest last
};

/// After more than problem_size generations: in more than a third of the last problem_size ones the best fitness equals
/// (to 1e-6) the ceil(0.1 + lambda / 4)-th one counted from the worst.
class EqualFunVals : public StoppingCriteria {
 public:
  EqualFunVals(std::size_t lambda, std::size_t problem_size);
  std::string name() const override { return "EqualFunVals"; }
  void check(const StoppingParameters& parameters) override;
  std::vector<double> memory() const override { return equal_; }
  void restore(std::span<const double> memory) override;

 private:
  std::size_t problem_size_, k_;
  std::vector<double> equal_;  ///< 0 or 1, of at most the last problem_size generations
};

/// All of pc and of sqrt(diag(C)) are below 1e-12. (Any negative pc is.)
class TolX : public StoppingCriteria {
 public:
  std::string name() const override { return "TolX"; }
  void check(const StoppingParameters& parameters) override;
};

/// sigma / sigma0 > 1e20 times the largest eigenvalue.
class TolUpSigma : public StoppingCriteria {
 public:
  explicit TolUpSigma(double sigma0) : sigma0_(sigma0) {}
  std::string name() const override { return "TolUpSigma"; }
  void check(const StoppingParameters& parameters) override;

 private:
  double sigma0_;
};

/// The condition number of C exceeds 1e14.
class ConditionCov : public StoppingCriteria {
 public:
  std::string name() const override { return "ConditionCov"; }
  void check(const StoppingParameters& parameters) override;
};

/// With k = gen mod problem_size: adding 0.1 sigma diagD[-k] B[-k] (row -k, as BluePyOpt) does not change the centroid.
class NoEffectAxis : public StoppingCriteria {
 public:
  explicit NoEffectAxis(std::size_t problem_size) : problem_size_(problem_size) {}
  std::string name() const override { return "NoEffectAxis"; }
  void check(const StoppingParameters& parameters) override;

 private:
  std::size_t problem_size_;
};

/// Adding 0.2 sigma C_ii does not change some coordinate i of the centroid.
class NoEffectCoor : public StoppingCriteria {
 public:
  std::string name() const override { return "NoEffectCoor"; }
  void check(const StoppingParameters& parameters) override;
};

}  // namespace cellwright::optimise
