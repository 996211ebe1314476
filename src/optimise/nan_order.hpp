#pragma once
/// An order of doubles that sorting functions may rely on even where NaN occurs.

#include <cmath>

namespace cellwright::optimise {

/// a < b, with NaN after every number.
inline bool less_nan_last(double a, double b) { return a < b || (std::isnan(b) && !std::isnan(a)); }

}  // namespace cellwright::optimise
