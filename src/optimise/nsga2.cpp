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

/// Values with the places that they came from, as one array: sorting it touches nothing else.
struct Keyed {
  double value = 0.0;
  std::uint32_t rank = 0;   ///< decides between equal values
  std::uint32_t place = 0;  ///< where the value came from
};

void sort_keyed(std::vector<Keyed>& keys) {
  std::sort(keys.begin(), keys.end(), [](const Keyed& a, const Keyed& b) {
    if (a.value < b.value) return true;
    if (b.value < a.value) return false;
    if (std::isnan(a.value) != std::isnan(b.value)) return std::isnan(b.value);
    return a.rank < b.rank;
  });
}

/// Which distinct rows dominate which, one bit a pair.
class DominanceMatrix {
 public:
  DominanceMatrix(TableView<const double> objectives, const EqualRows& distinct)
      : words_((distinct.groups() + 63) / 64),
        dominated_(distinct.groups() * words_, 0),
        dominators_(distinct.groups(), 0) {
    const double* values = objectives.data();
    if (std::any_of(values, values + objectives.rows() * objectives.columns(),
                    [](double v) { return std::isnan(v); })) {
      compare_pairs(objectives, distinct);
    } else {
      intersect(objectives, distinct);
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
  /// NaN is neither better nor worse than anything.
  void compare_pairs(TableView<const double> objectives, const EqualRows& distinct) {
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

  /// Row i dominates those that are no better in the first objective, nor in the second, and so on; of different rows
  /// no further condition is needed.
  void intersect(TableView<const double> objectives, const EqualRows& distinct) {
    const std::size_t n = distinct.groups();
    std::fill(dominated_.begin(), dominated_.end(), ~std::uint64_t{0});
    std::vector<Keyed> keys(n);
    std::vector<std::uint64_t> not_better(words_);
    for (std::size_t k = 0; k < objectives.columns(); ++k) {
      for (std::uint32_t i = 0; i < n; ++i) keys[i] = {objectives(distinct.first_row[i], k), i, i};
      sort_keyed(keys);
      std::fill(not_better.begin(), not_better.end(), 0);
      for (std::size_t end = n; end > 0;) {  // from the worst value up
        std::size_t begin = end;
        for (; begin > 0 && keys[begin - 1].value == keys[end - 1].value; --begin)
          not_better[keys[begin - 1].place / 64] |= std::uint64_t{1} << (keys[begin - 1].place % 64);
        for (std::size_t i = begin; i < end; ++i) {
          std::uint64_t* bits = dominated_.data() + keys[i].place * words_;
          for (std::size_t word = 0; word < words_; ++word) bits[word] &= not_better[word];
        }
        end = begin;
      }
    }
    for (std::size_t i = 0; i < n; ++i) {
      std::uint64_t* bits = dominated_.data() + i * words_;
      bits[i / 64] &= ~(std::uint64_t{1} << (i % 64));
      for (std::size_t word = 0; word < words_; ++word)
        for (std::uint64_t rest = bits[word]; rest != 0; rest &= rest - 1)
          ++dominators_[word * 64 + static_cast<std::size_t>(std::countr_zero(rest))];
    }
  }

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
  std::vector<Keyed> crowd(front.size());  // each sort starts from the order of the last
  for (std::uint32_t i = 0; i < crowd.size(); ++i) crowd[i].place = i;
  for (std::size_t k = 0; k < objectives.columns(); ++k) {
    for (std::uint32_t i = 0; i < crowd.size(); ++i) {
      crowd[i].value = objectives(front[crowd[i].place], k);
      crowd[i].rank = i;
    }
    sort_keyed(crowd);
    distances[crowd.front().place] = distances[crowd.back().place] = std::numeric_limits<double>::infinity();
    const double width = crowd.back().value - crowd.front().value;
    if (width == 0.0) continue;
    const double norm = n_objectives * width;
    for (std::size_t i = 1; i + 1 < crowd.size(); ++i)
      distances[crowd[i].place] += (crowd[i + 1].value - crowd[i - 1].value) / norm;
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
