#include "cellwright/numeric/numpy_argsort.hpp"
#include "cellwright/numeric/statistics.hpp"
#include "cellwright/optimise/cma_strategy.hpp"
#include "optimise/memory_reader.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cellwright::optimise {
namespace {

double length_of(std::span<const double> v) {
  return std::sqrt(std::inner_product(v.begin(), v.end(), v.begin(), 0.0));
}

Table<double> identity(std::size_t n) {
  Table<double> result(n, n);
  for (std::size_t i = 0; i < n; ++i) result(i, i) = 1.0;
  return result;
}

/// Positive and falling with the logarithm of the rank; their sum is 1.
std::vector<double> rank_weights(std::size_t mu) {
  std::vector<double> weights(mu);
  for (std::size_t i = 0; i < mu; ++i)
    weights[i] = std::log(static_cast<double>(mu) + 0.5) - std::log(static_cast<double>(i + 1));
  const double sum = numeric::python_sum(weights);
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// The rows of fitter offspring first; equal ones keep their order.
std::vector<std::uint32_t> ranked(std::span<const double> fitness) {
  std::vector<std::uint32_t> order(fitness.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(), [&](auto a, auto b) { return fitness[a] < fitness[b]; });
  return order;
}

}  // namespace

std::size_t repair_to_unit_box(Table<double>& values) {
  std::size_t repaired = 0;
  for (std::size_t row = 0; row < values.rows(); ++row) {
    const std::span<double> x = values.row(row);
    if (std::none_of(x.begin(), x.end(), [](double v) { return v < -1.0 || v > 1.0; })) continue;
    for (double& v : x) {
      if (v >= 1.0) {
        v = 1.0 - 1e-9;
      } else if (v <= -1.0) {
        v = -1.0 + 1e-9;
      }
    }
    ++repaired;
  }
  return repaired;
}

CMA_SO::CMA_SO(std::vector<double> centroid, double sigma, std::size_t lambda, EigenSolver eigen_solver)
    : eigen_solver_(std::move(eigen_solver)),
      lambda_(lambda),
      mu_(lambda / 2),
      weights_(rank_weights(lambda / 2)),
      centroid_(std::move(centroid)),
      pc_(centroid_.size(), 0.0),
      ps_(centroid_.size(), 0.0),
      diagD_(centroid_.size(), 1.0),
      sigma_(sigma),
      C_(identity(centroid_.size())),
      B_(identity(centroid_.size())) {
  const auto n = static_cast<double>(centroid_.size());
  double squares = 0;
  for (const double weight : weights_) squares += weight * weight;
  mueff_ = 1.0 / squares;
  cc_ = 4.0 / (n + 4.0);
  cs_ = (mueff_ + 2.0) / (n + mueff_ + 3.0);
  ccov1_ = 2.0 / ((n + 1.3) * (n + 1.3) + mueff_);
  ccovmu_ = std::min(1 - ccov1_, 2.0 * (mueff_ - 2.0 + 1.0 / mueff_) / ((n + 2.0) * (n + 2.0) + mueff_));
  damps_ = 1.0 + 2.0 * std::max(0.0, std::sqrt((mueff_ - 1.0) / (n + 1.0)) - 1.0) + cs_;
  chi_n_ = std::sqrt(n) * (1.0 - 1.0 / (4.0 * n) + 1.0 / (21.0 * n * n));
  // Not quite nothing: from 17 parameters on NumPy's sort leaves equal eigenvalues in another order.
  take({diagD_, B_});
}

CmaOffspring CMA_SO::generate(numeric::NumpyRandomState& random) const {
  const std::size_t n = centroid_.size();
  CmaOffspring offspring{.values = Table<double>(lambda_, n), .parent = {}, .outside = 0};
  std::vector<double> deviates(n);
  for (std::size_t row = 0; row < lambda_; ++row) {
    for (std::size_t j = 0; j < n; ++j) deviates[j] = random.standard_normal();
    for (std::size_t i = 0; i < n; ++i) {
      double step = 0;
      for (std::size_t j = 0; j < n; ++j) step += deviates[j] * (B_(i, j) * diagD_[j]);
      offspring.values(row, i) = centroid_[i] + sigma_ * step;
    }
  }
  offspring.outside = repair_to_unit_box(offspring.values);
  return offspring;
}

void CMA_SO::update(const CmaOffspring& offspring, std::span<const double> fitness) {
  const std::size_t n = centroid_.size();
  const std::vector<std::uint32_t> order = ranked(fitness);
  const std::vector<double> old_centroid = centroid_;
  for (std::size_t j = 0; j < n; ++j) {
    centroid_[j] = 0;
    for (std::size_t i = 0; i < mu_; ++i) centroid_[j] += weights_[i] * offspring.values(order[i], j);
  }
  std::vector<double> whitened(n, 0.0);  // D^-1 B^T times the step of the centroid
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) whitened[j] += B_(i, j) * (centroid_[i] - old_centroid[i]);
  for (std::size_t j = 0; j < n; ++j) whitened[j] *= 1.0 / diagD_[j];
  const double step_weight = std::sqrt(cs_ * (2 - cs_) * mueff_) / sigma_;
  for (std::size_t i = 0; i < n; ++i) {
    double step = 0;
    for (std::size_t j = 0; j < n; ++j) step += B_(i, j) * whitened[j];
    ps_[i] = (1 - cs_) * ps_[i] + step_weight * step;
  }
  const double unbiased = length_of(ps_) / std::sqrt(1.0 - std::pow(1.0 - cs_, 2.0 * (update_count_ + 1.0)));
  const bool hsig = unbiased / chi_n_ < 1.4 + 2.0 / (static_cast<double>(n) + 1.0);
  ++update_count_;
  update_covariance(offspring, order, old_centroid, hsig);
  sigma_ *= std::exp((length_of(ps_) / chi_n_ - 1.0) * cs_ / damps_);
  decompose();
}

void CMA_SO::update_covariance(const CmaOffspring& offspring, std::span<const std::uint32_t> order,
                               std::span<const double> old_centroid, bool hsig) {
  const std::size_t n = centroid_.size();
  const double path_weight = (hsig ? 1.0 : 0.0) * std::sqrt(cc_ * (2 - cc_) * mueff_) / sigma_;
  for (std::size_t j = 0; j < n; ++j) pc_[j] = (1 - cc_) * pc_[j] + path_weight * (centroid_[j] - old_centroid[j]);
  const double keep = 1 - ccov1_ - ccovmu_ + (hsig ? 0.0 : 1.0) * ccov1_ * cc_ * (2 - cc_);
  Table<double> steps(mu_, n);
  for (std::size_t r = 0; r < mu_; ++r)
    for (std::size_t j = 0; j < n; ++j) steps(r, j) = offspring.values(order[r], j) - old_centroid[j];
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      double rank_mu = 0;
      for (std::size_t r = 0; r < mu_; ++r) rank_mu += weights_[r] * steps(r, i) * steps(r, j);
      C_(i, j) = keep * C_(i, j) + ccov1_ * (pc_[i] * pc_[j]) + ccovmu_ * rank_mu / (sigma_ * sigma_);
    }
  }
}

void CMA_SO::decompose() { take(eigen_solver_(C_)); }

void CMA_SO::take(const numeric::SymmetricEigen& eigen) {
  const std::size_t n = centroid_.size();
  const std::vector<std::uint32_t> order = numeric::numpy_argsort(eigen.values);
  cond_ = eigen.values[order.back()] / eigen.values[order.front()];
  for (std::size_t j = 0; j < n; ++j) {
    diagD_[j] = std::sqrt(eigen.values[order[j]]);
    for (std::size_t i = 0; i < n; ++i) B_(i, j) = eigen.vectors(i, order[j]);
  }
}

bool CMA_SO::degenerate() const {
  const auto usable = [](double d) { return std::isfinite(d) && d > 0; };
  return !std::isfinite(sigma_) || !std::all_of(diagD_.begin(), diagD_.end(), usable);
}

StoppingParameters CMA_SO::stopping_parameters() const {
  return {.gen = 0,
          .fitness = {},
          .centroid = centroid_,
          .pc = pc_,
          .diagD = diagD_,
          .C = &C_,
          .B = &B_,
          .sigma = sigma_,
          .cond = cond_};
}

void CMA_SO::save(AlgorithmMemory& memory) const {
  memory["centroid"] = centroid_;
  memory["sigma"] = {sigma_};
  memory["pc"] = pc_;
  memory["ps"] = ps_;
  memory["C"] = C_.values();
  memory["B"] = B_.values();
  memory["diagD"] = diagD_;
  memory["cond"] = {cond_};
  memory["update_count"] = {static_cast<double>(update_count_)};
}

void CMA_SO::restore(const AlgorithmMemory& memory) {
  const std::size_t n = centroid_.size();
  centroid_ = remembered(memory, "centroid", n);
  sigma_ = remembered_number(memory, "sigma");
  pc_ = remembered(memory, "pc", n);
  ps_ = remembered(memory, "ps", n);
  C_ = remembered_table(memory, "C", n, n);
  B_ = remembered_table(memory, "B", n, n);
  diagD_ = remembered(memory, "diagD", n);
  cond_ = remembered_number(memory, "cond");
  update_count_ = static_cast<int>(remembered_number(memory, "update_count"));
}

}  // namespace cellwright::optimise
