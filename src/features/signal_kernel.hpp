#pragma once
/// Searches through long pieces of a signal, as vector code. What is found does not depend on the instruction set.

#include <cstddef>
#include <span>

namespace cellwright::features {

/// Index of the (first) smallest or largest sample of [first, last); `last` for an empty range. NaN never counts, but a
/// NaN at `first` stays: no comparison with it holds.
std::ptrdiff_t min_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last);
std::ptrdiff_t max_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last);

/// Index of the (first) sample of [first, last) that is nearest to `level`; `first` for an empty range.
std::ptrdiff_t nearest_index(std::span<const double> signal, std::ptrdiff_t first, std::ptrdiff_t last, double level);

}  // namespace cellwright::features
