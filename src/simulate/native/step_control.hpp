#pragma once
/// How the error of a step tells the length of the next one.

#include <algorithm>
#include <cmath>

namespace cellwright::simulate::native {

/// Part of the step that the error would allow.
inline constexpr double safety = 0.8;

/// So many times the length of a step of some order would have had an error of 1. @param error  of the step, in units
/// of the error allowed
inline double allowed_part(double error, int order) { return std::pow(std::max(error, 1e-10), -1.0 / (order + 1)); }

}  // namespace cellwright::simulate::native
