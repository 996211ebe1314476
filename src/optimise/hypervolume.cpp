#include "cellwright/optimise/hypervolume.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <numeric>

namespace cellwright::optimise {
namespace {

using Points = std::vector<std::vector<double>>;

bool weakly_dominates(const std::vector<double>& a, const std::vector<double>& b) {
  for (std::size_t k = 0; k < a.size(); ++k)
    if (b[k] < a[k]) return false;
  return true;
}

/// Without the points that another one (or an equal earlier one) dominates.
Points nondominated(const Points& points) {
  Points kept;
  for (const std::vector<double>& point : points) {
    const auto dominates_point = [&](const auto& other) { return weakly_dominates(other, point); };
    if (std::any_of(kept.begin(), kept.end(), dominates_point)) continue;
    std::erase_if(kept, [&](const auto& other) { return weakly_dominates(point, other); });
    kept.push_back(point);
  }
  return kept;
}

/// Volumes by exclusive shares: each point's box less what the later points already cover of it.
class ExclusiveVolumes {
 public:
  explicit ExclusiveVolumes(std::span<const double> reference) : reference_(reference) {}

  double volume(Points points) const {
    if (reference_.size() == 2) return area(std::move(points));
    std::sort(points.begin(), points.end(), [](const auto& a, const auto& b) { return a.back() > b.back(); });
    double sum = 0;
    for (std::size_t i = 0; i < points.size(); ++i) sum += exclusive(points, i);
    return sum;
  }

 private:
  double exclusive(const Points& points, std::size_t i) const {
    double box = 1;
    for (std::size_t k = 0; k < reference_.size(); ++k) box *= reference_[k] - points[i][k];
    Points limited;
    for (std::size_t j = i + 1; j < points.size(); ++j) {
      std::vector<double>& point = limited.emplace_back(points[j]);
      for (std::size_t k = 0; k < point.size(); ++k) point[k] = std::max(point[k], points[i][k]);
    }
    return limited.empty() ? box : box - volume(nondominated(limited));
  }

  double area(Points points) const {
    std::sort(points.begin(), points.end());
    double sum = 0;
    double top = reference_[1];
    for (const std::vector<double>& point : points) {
      if (point[1] >= top) continue;
      sum += (reference_[0] - point[0]) * (top - point[1]);
      top = point[1];
    }
    return sum;
  }

  std::span<const double> reference_;
};

/// alpha[i - 1]: the share that each of i points has of the space that exactly these i dominate.
std::vector<double> shares(std::size_t points, int k) {
  std::vector<double> alpha(points, 0.0);
  const auto n = static_cast<double>(points);
  for (int i = 1; i <= k && i <= static_cast<int>(points); ++i) {
    double product = 1.0;
    for (int j = 1; j < i; ++j) product *= (static_cast<double>(k) - j) / (n - j) / i;
    alpha[static_cast<std::size_t>(i - 1)] = product;
  }
  return alpha;
}

/// Cuts the space into slabs along the last objective, then along the one before, and so on.
class HypeSlices {
 public:
  HypeSlices(TableView<const double> points, std::span<const double> bounds, int k)
      : points_(points), bounds_(bounds), k_(k), alpha_(shares(points.rows(), k)), result_(points.rows(), 0.0) {}

  std::vector<double> run() {
    std::vector<std::uint32_t> all(points_.rows());
    std::iota(all.begin(), all.end(), 0U);
    slice(all, points_.columns(), 1.0);
    return result_;
  }

 private:
  void slice(std::vector<std::uint32_t> members, std::size_t dimensions, double extent) {
    const std::size_t k = dimensions - 1;
    std::stable_sort(members.begin(), members.end(), [&](auto a, auto b) { return points_(a, k) < points_(b, k); });
    for (std::size_t i = 1; i <= members.size(); ++i) {
      const double end = i < members.size() ? points_(members[i], k) : bounds_[k];
      const double depth = end - points_(members[i - 1], k);
      if (dimensions == 1) {
        if (static_cast<int>(i) > k_) return;
        for (std::size_t j = 0; j < i; ++j) result_[members[j]] += extent * depth * alpha_[i - 1];
      } else if (depth > 0) {
        slice({members.begin(), members.begin() + static_cast<std::ptrdiff_t>(i)}, k, extent * depth);
      }
    }
  }

  TableView<const double> points_;
  std::span<const double> bounds_;
  int k_;
  std::vector<double> alpha_, result_;
};

/// Counts how often each point dominates a sample together with how many others: sums of shares then need no order of
/// the samples.
class SampleCounter {
 public:
  explicit SampleCounter(TableView<const double> points)
      : points_(points),
        samples_(points.columns() * block),
        dominates_(points.rows() * block),
        dominators_(block),
        counts_(points.rows(), points.rows()) {}

  Table<std::uint64_t> count(std::span<const double> low, std::span<const double> high, std::size_t samples,
                             numeric::NumpyRandomState& random) {
    for (std::size_t done = 0; done < samples; done += block) {
      const std::size_t n = std::min(block, samples - done);
      for (std::size_t s = 0; s < n; ++s)
        for (std::size_t d = 0; d < low.size(); ++d) samples_[d * block + s] = random.uniform(low[d], high[d]);
      count_block(n);
    }
    return std::move(counts_);
  }

 private:
  static constexpr std::size_t block = 512;

  void count_block(std::size_t n) {
    std::fill(dominators_.begin(), dominators_.end(), std::uint32_t{0});
    for (std::size_t i = 0; i < points_.rows(); ++i) {
      std::uint32_t* dominates = dominates_.data() + i * block;
      std::fill(dominates, dominates + block, 1U);
      for (std::size_t d = 0; d < points_.columns(); ++d) {
        const double limit = points_(i, d);
        const double* sample = samples_.data() + d * block;
        for (std::size_t s = 0; s < block; ++s) dominates[s] &= static_cast<std::uint32_t>(limit <= sample[s]);
      }
      for (std::size_t s = 0; s < block; ++s) dominators_[s] += dominates[s];
    }
    for (std::size_t i = 0; i < points_.rows(); ++i)
      for (std::size_t s = 0; s < n; ++s)
        if (dominates_[i * block + s] != 0) ++counts_(i, dominators_[s] - 1);
  }

  TableView<const double> points_;
  std::vector<double> samples_;            ///< [n_objectives, block]
  std::vector<std::uint32_t> dominates_;   ///< [n_points, block], 0 or 1
  std::vector<std::uint32_t> dominators_;  ///< [block]
  Table<std::uint64_t> counts_;            ///< [n_points, n_points]
};

}  // namespace

double hypervolume(TableView<const double> points, std::span<const double> reference) {
  Points below;
  for (std::size_t row = 0; row < points.rows(); ++row) {
    const std::span<const double> point = points.row(row);
    if (std::equal(point.begin(), point.end(), reference.begin(), [](double p, double r) { return p < r; }))
      below.emplace_back(point.begin(), point.end());
  }
  if (below.empty()) return 0.0;
  if (reference.size() == 1) return reference[0] - (*std::min_element(below.begin(), below.end()))[0];
  return ExclusiveVolumes(reference).volume(nondominated(below));
}

std::vector<double> hype_indicator_exact(TableView<const double> points, std::span<const double> bounds, int k) {
  if (points.rows() == 0) return {};
  return HypeSlices(points, bounds, k < 0 ? static_cast<int>(points.rows()) : k).run();
}

std::vector<double> hype_indicator_sampled(TableView<const double> points, std::span<const double> bounds, int k,
                                           std::size_t samples, numeric::NumpyRandomState& random) {
  const std::size_t n = points.rows();
  const std::size_t dimensions = points.columns();
  std::vector<double> low(dimensions);
  double box = 1.0;
  for (std::size_t d = 0; d < dimensions; ++d) {
    low[d] = points(0, d);
    for (std::size_t i = 1; i < n; ++i) low[d] = std::min(low[d], points(i, d));
    box *= bounds[d] - low[d];
  }
  const Table<std::uint64_t> counts = SampleCounter(points).count(low, bounds, samples, random);
  const std::vector<double> alpha = shares(n, k);
  std::vector<double> result(n, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t c = 0; c < n; ++c) result[i] += static_cast<double>(counts(i, c)) * alpha[c];
    result[i] = result[i] * box / static_cast<double>(samples);
  }
  return result;
}

}  // namespace cellwright::optimise
