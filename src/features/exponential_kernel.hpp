#pragma once
/// The inner loops of the exponential fit: residuals of y = constant + factor * exp(-t / tau), and the triangle of
/// their linearisation. Vector code; its bits do not depend on the instruction set.

#include <array>
#include <cstddef>
#include <span>

namespace cellwright::features {

/// tau, constant, factor.
using FitPoint = std::array<double, 3>;

/// The last two evaluations' arrays: one value per sample.
struct FitResiduals {
  double* exponentials;  ///< exp(-t / tau)
  double* residuals;     ///< constant + factor * exponential - y
};

/// Fills `out` for the point `x`.
/// @returns half the sum of the squared residuals.
double fit_residuals(std::span<const double> t, std::span<const double> y, const FitPoint& x, const FitResiduals& out);

/// Upper triangle R of [J f] = Q R, where the columns of J are (f(x + step_k) - f(x)) / step_k.
using FitTriangle = std::array<std::array<double, 4>, 4>;

/// @param at what fit_residuals gave for x. @param moved x plus the step of each parameter, one at a time.
FitTriangle fit_triangle(std::span<const double> t, std::span<const double> y, const FitPoint& x, const FitPoint& moved,
                         const FitResiduals& at);

}  // namespace cellwright::features
