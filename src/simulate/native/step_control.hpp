#pragma once
/// How the error of a step tells the length of the next one.

#include <algorithm>
#include <cmath>

namespace cellwright::simulate::native {

/// Part of the step that the error would allow.
inline constexpr double safety = 0.8;
/// The same of a formula of highest order, which goes on for long: where spikes follow each other evenly, errors of all
/// of them add up.
inline constexpr double lasting_safety = 0.75;

/// So many times the length of a step of some order would have had an error of 1. @param error  of the step, in units
/// of the error allowed
inline double allowed_part(double error, int order) { return std::pow(std::max(error, 1e-10), -1.0 / (order + 1)); }

/// The same of the next step, if errors go on changing as they did from `error_before`, that of the step before: a
/// spike that begins is seen some steps earlier. Gustafsson, ACM Trans. Math. Softw. 20 (1994).
inline double allowed_part(double error, double error_before, int order) {
  constexpr double least = 1e-3;  // what is smaller is smaller by chance
  const double now = std::max(error, least), before = std::max(error_before, least);
  return std::pow(before / (now * now), 1.0 / (order + 1));
}

}  // namespace cellwright::simulate::native
