#pragma once
/// Least-squares fit of one exponential within bounds.

#include <array>
#include <optional>
#include <span>

namespace cellwright::features {

/// y(t) = constant + factor * exp(-t / tau).
struct Exponential {
  double tau;
  double constant;
  double factor;
};

/// Fits from `start`, with tau > 0 and the factor on one side of 0 only.
///
/// This is the trust-region reflective method of Branch, Coleman and Li (1999) with the parameters and the tests for
/// convergence of scipy.optimize.curve_fit, which eFEL calls: forward differences, tolerances 1e-8, at most 300
/// evaluations. Following it step by step matters, because for traces that are no exponentials the answer is where the
/// iteration stops.
/// @param factor_sign +1 for factor >= 0, -1 for factor <= 0.
/// @returns nothing when y is empty or not finite at the start, or the iteration does not converge.
std::optional<Exponential> fit_exponential(std::span<const double> t, std::span<const double> y,
                                           const Exponential& start, int factor_sign);

}  // namespace cellwright::features
