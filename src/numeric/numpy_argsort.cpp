#include "cellwright/numeric/numpy_argsort.hpp"

#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace cellwright::numeric {
namespace {

class Sorter {
 public:
  Sorter(std::span<const double> values, std::vector<std::uint32_t>& order) : values_(values), order_(order) {}

  /// Sorts the places begin..end, both included. The larger part waits on the stack of calls no deeper than it must:
  /// the smaller one is sorted by recursion.
  void sort(std::ptrdiff_t begin, std::ptrdiff_t end) {
    constexpr std::ptrdiff_t small = 15;
    while (end - begin > small) {
      const std::ptrdiff_t middle = partition(begin, end);
      if (middle - begin < end - middle) {
        sort(begin, middle - 1);
        begin = middle + 1;
      } else {
        sort(middle + 1, end);
        end = middle - 1;
      }
    }
    insert(begin, end);
  }

 private:
  std::uint32_t& at(std::ptrdiff_t i) { return order_[static_cast<std::size_t>(i)]; }
  double value(std::ptrdiff_t i) { return values_[at(i)]; }
  static bool less(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }
  void swap_if_less(std::ptrdiff_t a, std::ptrdiff_t b) {
    if (less(value(a), value(b))) std::swap(at(a), at(b));
  }

  /// Around the median of the first, the middle and the last value. @returns its place.
  std::ptrdiff_t partition(std::ptrdiff_t begin, std::ptrdiff_t end) {
    const std::ptrdiff_t middle = begin + (end - begin) / 2;
    swap_if_less(middle, begin);
    swap_if_less(end, middle);
    swap_if_less(middle, begin);
    const double pivot = value(middle);
    std::ptrdiff_t i = begin;
    std::ptrdiff_t j = end - 1;
    std::swap(at(middle), at(j));
    for (;;) {
      do ++i;
      while (less(value(i), pivot));
      do --j;
      while (less(pivot, value(j)));
      if (i >= j) break;
      std::swap(at(i), at(j));
    }
    std::swap(at(i), at(end - 1));
    return i;
  }

  void insert(std::ptrdiff_t begin, std::ptrdiff_t end) {
    for (std::ptrdiff_t i = begin + 1; i <= end; ++i) {
      const std::uint32_t moved = at(i);
      std::ptrdiff_t j = i;
      for (; j > begin && less(values_[moved], value(j - 1)); --j) at(j) = at(j - 1);
      at(j) = moved;
    }
  }

  std::span<const double> values_;
  std::vector<std::uint32_t>& order_;
};

}  // namespace

std::vector<std::uint32_t> numpy_argsort(std::span<const double> values) {
  std::vector<std::uint32_t> order(values.size());
  std::iota(order.begin(), order.end(), 0U);
  Sorter(values, order).sort(0, static_cast<std::ptrdiff_t>(values.size()) - 1);
  return order;
}

}  // namespace cellwright::numeric
