#include "cellwright/optimise/selection.hpp"
#include "optimise/equal_rows.hpp"
#include "optimise/nan_order.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

namespace cellwright::optimise {
namespace {

enum class Dominance { none, first, second };

Dominance compare(const double* first, const double* second, std::size_t objectives) {
  bool first_better = false;
  bool second_better = false;
  for (std::size_t k = 0; k < objectives; ++k) {
    first_better = first_better || first[k] < second[k];
    second_better = second_better || second[k] < first[k];
    if (first_better && second_better) return Dominance::none;
  }
  return first_better ? Dominance::first : second_better ? Dominance::second : Dominance::none;
}

/// Which distinct rows dominate which, one bit a pair.
class DominanceMatrix {
 public:
  DominanceMatrix(TableView<const double> objectives, const EqualRows& distinct)
      : words_((distinct.groups() + 63) / 64),
        dominated_(distinct.groups() * words_, 0),
        dominators_(distinct.groups(), 0) {
    for (std::uint32_t i = 0; i < distinct.groups(); ++i) {
      const double* row_i = objectives.row(distinct.first_row[i]).data();
      for (std::uint32_t j = i + 1; j < distinct.groups(); ++j) {
        const double* row_j = objectives.row(distinct.first_row[j]).data();
        const Dominance dominance = compare(row_i, row_j, objectives.columns());
        if (dominance == Dominance::first) set(i, j);
        if (dominance == Dominance::second) set(j, i);
      }
    }
  }

  std::vector<std::uint32_t> non_dominated() const {
    std::vector<std::uint32_t> front;
    for (std::uint32_t i = 0; i < dominators_.size(); ++i)
      if (dominators_[i] == 0) front.push_back(i);
    return front;
  }

  /// Rows that no front has reached; some are left over only where NaN makes dominance circular.
  std::vector<std::uint32_t> left_over() const {
    std::vector<std::uint32_t> rows;
    for (std::uint32_t i = 0; i < dominators_.size(); ++i)
      if (dominators_[i] != 0) rows.push_back(i);
    return rows;
  }

  /// Takes `front` away and gives the next one. DEAP visits the rows that one row dominates in the order of its double
  /// loop i < j, which is that of their numbers.
  std::vector<std::uint32_t> next_front(const std::vector<std::uint32_t>& front) {
    std::vector<std::uint32_t> next;
    for (const std::uint32_t i : front) {
      for (std::size_t word = 0; word < words_; ++word) {
        for (std::uint64_t bits = dominated_[i * words_ + word]; bits != 0; bits &= bits - 1) {
          const auto j = static_cast<std::uint32_t>(word * 64 + static_cast<std::size_t>(std::countr_zero(bits)));
          if (--dominators_[j] == 0) next.push_back(j);
        }
      }
    }
    return next;
  }

 private:
  void set(std::uint32_t better, std::uint32_t worse) {
    dominated_[better * words_ + worse / 64] |= std::uint64_t{1} << (worse % 64);
    ++dominators_[worse];
  }

  std::size_t words_;
  std::vector<std::uint64_t> dominated_;   ///< [n, words_]: bit j of row i: i dominates j
  std::vector<std::uint32_t> dominators_;  ///< [n]: how many dominate each
};

}  // namespace

std::vector<Rows> nondominated_fronts(TableView<const double> objectives, std::size_t count) {
  std::vector<Rows> fronts;
  if (count == 0 || objectives.rows() == 0) return fronts;
  const EqualRows distinct = find_equal_rows(objectives);
  std::vector<Rows> members(distinct.groups());
  for (std::uint32_t row = 0; row < objectives.rows(); ++row) members[distinct.group_of[row]].push_back(row);

  DominanceMatrix matrix(objectives, distinct);
  std::vector<std::uint32_t> front = matrix.non_dominated();
  for (std::size_t sorted = 0; sorted < std::min(count, objectives.rows()); front = matrix.next_front(front)) {
    if (front.empty()) front = matrix.left_over();
    Rows& rows = fronts.emplace_back();
    for (const std::uint32_t group : front) rows.insert(rows.end(), members[group].begin(), members[group].end());
    sorted += rows.size();
  }
  return fronts;
}

std::vector<double> crowding_distances(TableView<const double> objectives, const Rows& front) {
  std::vector<double> distances(front.size(), 0.0);
  if (front.empty()) return distances;
  const auto n_objectives = static_cast<double>(objectives.columns());
  std::vector<std::uint32_t> crowd(front.size());  // positions in `front`; each sort starts from the order of the last
  std::iota(crowd.begin(), crowd.end(), 0U);
  for (std::size_t k = 0; k < objectives.columns(); ++k) {
    const auto value = [&](std::uint32_t position) { return objectives(front[position], k); };
    std::stable_sort(crowd.begin(), crowd.end(), [&](auto a, auto b) { return less_nan_last(value(a), value(b)); });
    distances[crowd.front()] = distances[crowd.back()] = std::numeric_limits<double>::infinity();
    const double width = value(crowd.back()) - value(crowd.front());
    if (width == 0.0) continue;
    const double norm = n_objectives * width;
    for (std::size_t i = 1; i + 1 < crowd.size(); ++i)
      distances[crowd[i]] += (value(crowd[i + 1]) - value(crowd[i - 1])) / norm;
  }
  return distances;
}

Rows select_nsga2(TableView<const double> objectives, std::size_t count) {
  Rows chosen;
  const std::vector<Rows> fronts = nondominated_fronts(objectives, count);
  if (fronts.empty()) return chosen;
  for (std::size_t f = 0; f + 1 < fronts.size(); ++f) chosen.insert(chosen.end(), fronts[f].begin(), fronts[f].end());

  const Rows& last = fronts.back();
  const std::vector<double> distances = crowding_distances(objectives, last);
  std::vector<std::uint32_t> order(last.size());
  std::iota(order.begin(), order.end(), 0U);
  std::stable_sort(order.begin(), order.end(),
                   [&](auto a, auto b) { return less_nan_last(-distances[a], -distances[b]); });
  for (std::size_t i = 0; i < order.size() && chosen.size() < count; ++i) chosen.push_back(last[order[i]]);
  return chosen;
}

}  // namespace cellwright::optimise
