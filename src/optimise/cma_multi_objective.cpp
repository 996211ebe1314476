#include "cellwright/numeric/numpy_argsort.hpp"
#include "cellwright/numeric/statistics.hpp"
#include "cellwright/optimise/cma_strategy.hpp"
#include "cellwright/optimise/hypervolume.hpp"
#include "optimise/memory_reader.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace cellwright::optimise {
namespace {

constexpr double success_threshold = 0.44;

bool dominates(std::span<const double> a, std::span<const double> b) {
  bool better = false;
  for (std::size_t k = 0; k < a.size(); ++k) {
    if (a[k] > b[k]) return false;
    better = better || a[k] < b[k];
  }
  return better;
}

/// The rows that no other dominates, in lexicographic order of their objectives.
std::vector<std::uint32_t> first_front(const Table<double>& objectives) {
  std::vector<std::uint32_t> front;
  for (std::uint32_t i = 0; i < objectives.rows(); ++i) {
    bool dominated = false;
    for (std::uint32_t j = 0; j < objectives.rows() && !dominated; ++j)
      dominated = dominates(objectives.row(j), objectives.row(i));
    if (!dominated) front.push_back(i);
  }
  std::stable_sort(front.begin(), front.end(), [&](auto a, auto b) {
    return std::ranges::lexicographical_compare(objectives.row(a), objectives.row(b));
  });
  return front;
}

/// Hypervolume shares; all 0 where no objective counts.
std::vector<double> hypervolume_shares(TableView<const double> objectives, numeric::NumpyRandomState& random) {
  constexpr double cap = 250.0;
  constexpr double without_improvement = 240.0;
  constexpr std::size_t samples = 1000000;
  const std::size_t n = objectives.rows();
  std::vector<std::vector<double>> columns;
  std::vector<double> largest;
  for (std::size_t k = 0; k < objectives.columns(); ++k) {
    std::vector<double> column(n);
    for (std::size_t i = 0; i < n; ++i) column[i] = objectives(i, k) > cap ? cap : objectives(i, k);
    if (numeric::minimum(column) >= without_improvement) continue;
    largest.push_back(numeric::maximum(column));
    columns.push_back(std::move(column));
  }
  if (columns.empty()) return std::vector<double>(n, 0.0);
  const double unit = numeric::maximum(largest);
  Table<double> points(n, columns.size());
  std::vector<double> bounds;
  for (std::size_t k = 0; k < columns.size(); ++k) {
    const double low = numeric::minimum(columns[k]);
    for (std::size_t i = 0; i < n; ++i) points(i, k) = (columns[k][i] - low) / unit;
    double high = points(0, k);
    for (std::size_t i = 1; i < n; ++i) high = std::max(high, points(i, k));
    bounds.push_back(high + 2.0);
  }
  return hype_indicator_sampled(std::as_const(points).view(), bounds, 5, samples, random);
}

std::vector<std::uint32_t> by_hypervolume(TableView<const double> objectives, numeric::NumpyRandomState& random) {
  std::vector<std::uint32_t> order = numeric::numpy_argsort(hypervolume_shares(objectives, random));
  std::reverse(order.begin(), order.end());
  return order;
}

std::vector<std::uint32_t> by_sum(TableView<const double> objectives) {
  std::vector<double> sums;
  for (std::size_t i = 0; i < objectives.rows(); ++i) sums.push_back(numeric::sum(objectives.row(i)));
  return numeric::numpy_argsort(sums);
}

Table<double> identity(std::size_t n) {
  Table<double> result(n, n);
  for (std::size_t i = 0; i < n; ++i) result(i, i) = 1.0;
  return result;
}

/// A A^T becomes alpha A A^T + beta v v^T, with the inverse of A.
void rank_one_update(Table<double>& inverse, Table<double>& factor, double alpha, double beta,
                     std::span<const double> v) {
  const std::size_t n = v.size();
  std::vector<double> w(n, 0.0);
  std::vector<double> w_inverse(n, 0.0);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) w[i] += inverse(i, j) * v[j];
  // Below this the update is mostly noise. DEAP looks at the largest component, not at the largest magnitude.
  if (!(numeric::maximum(w) > 1e-20)) return;
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j) w_inverse[j] += w[i] * inverse(i, j);
  const double square = std::inner_product(w.begin(), w.end(), w.begin(), 0.0);
  const double a = std::sqrt(alpha);
  const double b = a / square * (std::sqrt(1 + beta / alpha * square) - 1);
  const double inverse_weight = b / (a * a + a * b * square);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      factor(i, j) = a * factor(i, j) + b * (v[i] * w[j]);
      inverse(i, j) = 1.0 / a * inverse(i, j) - inverse_weight * (w[i] * w_inverse[j]);
    }
  }
}

}  // namespace

std::vector<std::uint32_t> cma_mo_order(TableView<const double> objectives, double weight_hv,
                                        numeric::NumpyRandomState& random) {
  if (weight_hv == 0.0) return by_sum(objectives);
  const std::vector<std::uint32_t> volume_order = by_hypervolume(objectives, random);
  if (weight_hv == 1.0) return volume_order;
  const std::vector<std::uint32_t> sum_order = by_sum(objectives);
  std::vector<double> volume_rank(objectives.rows());
  std::vector<double> scores(objectives.rows());
  for (std::size_t rank = 0; rank < volume_order.size(); ++rank)
    volume_rank[volume_order[rank]] = static_cast<double>(rank);
  for (std::size_t rank = 0; rank < sum_order.size(); ++rank) {
    const std::uint32_t i = sum_order[rank];
    scores[i] = weight_hv * volume_rank[i] + (1.0 - weight_hv) * static_cast<double>(rank);
  }
  return numeric::numpy_argsort(scores);
}

CMA_MO::CMA_MO(Table<double> starters, double sigma, std::size_t lambda, double weight_hv)
    : lambda_(lambda), mu_(lambda / 2), weight_hv_(weight_hv), parents_(std::move(starters)) {
  const auto n = static_cast<double>(parents_.columns());
  d_ = 1.0 + n / 2.0;
  ptarg_ = 1.0 / (5.0 + 0.5);
  cp_ = ptarg_ / (2.0 + ptarg_);
  cc_ = 2.0 / (n + 2.0);
  ccov_ = 2.0 / (n * n + 6.0);
  const std::size_t dimensions = parents_.columns();
  searches_.assign(parents_.rows(), Search{.sigma = sigma,
                                           .psucc = ptarg_,
                                           .pc = std::vector<double>(dimensions, 0.0),
                                           .A = identity(dimensions),
                                           .inverse_A = identity(dimensions)});
}

CmaOffspring CMA_MO::generate(numeric::NumpyRandomState& random) const {
  const std::size_t n = parents_.columns();
  Table<double> deviates(lambda_, n);
  for (double& deviate : deviates.values()) deviate = random.standard_normal();
  const std::vector<std::uint32_t> front = first_front(parent_objectives_);
  CmaOffspring offspring{.values = Table<double>(lambda_, n), .parent = {}, .outside = 0};
  for (std::size_t row = 0; row < lambda_; ++row) {
    const std::uint32_t parent = front[static_cast<std::size_t>(random.randint(front.size()))];
    const Search& search = searches_[parent];
    for (std::size_t i = 0; i < n; ++i) {
      double step = 0;
      for (std::size_t j = 0; j < n; ++j) step += search.A(i, j) * deviates(row, j);
      offspring.values(row, i) = parents_(parent, i) + search.sigma * step;
    }
    offspring.parent.push_back(parent);
  }
  offspring.outside = repair_to_unit_box(offspring.values);
  return offspring;
}

void CMA_MO::learn_success(double& psucc, double& sigma, bool success) const {
  psucc = (1.0 - cp_) * psucc + (success ? cp_ : 0.0);
  sigma *= std::exp((psucc - ptarg_) / (d_ * (1.0 - ptarg_)));
}

CMA_MO::Search CMA_MO::improved(const Search& parent, std::span<const double> from, std::span<const double> to) const {
  Search search = parent;
  learn_success(search.psucc, search.sigma, true);
  if (search.psucc < success_threshold) {
    for (std::size_t i = 0; i < from.size(); ++i)
      search.pc[i] = (1.0 - cc_) * search.pc[i] + std::sqrt(cc_ * (2.0 - cc_)) * (to[i] - from[i]) / parent.sigma;
    rank_one_update(search.inverse_A, search.A, 1 - ccov_, ccov_, search.pc);
  } else {
    for (double& p : search.pc) p *= 1.0 - cc_;
    rank_one_update(search.inverse_A, search.A, 1 - ccov_ + cc_ * (2.0 - cc_), ccov_, search.pc);
  }
  return search;
}

std::vector<std::uint32_t> CMA_MO::update(const CmaOffspring& offspring, const Table<double>& objectives,
                                          numeric::NumpyRandomState& random) {
  Table<double> all(lambda_ + parents_.rows(), objectives.columns());
  std::ranges::copy(objectives.values(), all.values().begin());
  std::ranges::copy(parent_objectives_.values(), all.row(lambda_).begin());
  const std::vector<std::uint32_t> order = cma_mo_order(std::as_const(all).view(), weight_hv_, random);

  const std::vector<Search> before = searches_;
  std::vector<Search> chosen_searches(mu_);
  for (std::size_t rank = 0; rank < order.size(); ++rank) {
    if (order[rank] >= lambda_) continue;
    const std::uint32_t parent = offspring.parent[order[rank]];
    const bool chosen = rank < mu_;
    if (chosen)
      chosen_searches[rank] = improved(before[parent], parents_.row(parent), offspring.values.row(order[rank]));
    learn_success(searches_[parent].psucc, searches_[parent].sigma, chosen);
  }
  Table<double> next_parents(mu_, parents_.columns());
  Table<double> next_objectives(mu_, objectives.columns());
  for (std::size_t rank = 0; rank < mu_; ++rank) {
    const std::uint32_t member = order[rank];
    const bool is_offspring = member < lambda_;
    if (!is_offspring) chosen_searches[rank] = searches_[member - lambda_];
    std::ranges::copy(is_offspring ? offspring.values.row(member) : std::as_const(parents_).row(member - lambda_),
                      next_parents.row(rank).begin());
    std::ranges::copy(std::as_const(all).row(member), next_objectives.row(rank).begin());
  }
  parents_ = std::move(next_parents);
  parent_objectives_ = std::move(next_objectives);
  searches_ = std::move(chosen_searches);
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(mu_)};
}

void CMA_MO::save(AlgorithmMemory& memory) const {
  memory["parents"] = parents_.values();
  memory["parent_objectives"] = parent_objectives_.values();
  for (const char* name : {"sigma", "psucc", "pc", "A", "inverse_A"}) memory[name].clear();
  const auto append = [&](const char* name, const std::vector<double>& values) {
    memory[name].insert(memory[name].end(), values.begin(), values.end());
  };
  for (const Search& search : searches_) {
    append("sigma", {search.sigma});
    append("psucc", {search.psucc});
    append("pc", search.pc);
    append("A", search.A.values());
    append("inverse_A", search.inverse_A.values());
  }
}

void CMA_MO::restore(const AlgorithmMemory& memory, std::size_t n_objectives) {
  const std::size_t n = parents_.columns();
  const auto saved = memory.find("sigma");
  const std::size_t k = saved == memory.end() ? 0 : saved->second.size();
  const std::size_t expected = k == lambda_ ? lambda_ : mu_;  // before the first selection all starters are parents
  parents_ = remembered_table(memory, "parents", expected, n);
  parent_objectives_ = remembered_table(memory, "parent_objectives", expected, n_objectives);
  const std::vector<double>& sigma = remembered(memory, "sigma", expected);
  const std::vector<double>& psucc = remembered(memory, "psucc", expected);
  const Table<double> pc = remembered_table(memory, "pc", expected, n);
  const Table<double> factors = remembered_table(memory, "A", expected * n, n);
  const Table<double> inverses = remembered_table(memory, "inverse_A", expected * n, n);
  searches_.assign(expected, Search{});
  for (std::size_t i = 0; i < expected; ++i) {
    Search& search = searches_[i];
    search.sigma = sigma[i];
    search.psucc = psucc[i];
    search.pc.assign(pc.row(i).begin(), pc.row(i).end());
    search.A = search.inverse_A = Table<double>(n, n);
    for (std::size_t r = 0; r < n; ++r) {
      std::ranges::copy(factors.row(i * n + r), search.A.row(r).begin());
      std::ranges::copy(inverses.row(i * n + r), search.inverse_A.row(r).begin());
    }
  }
}

}  // namespace cellwright::optimise
