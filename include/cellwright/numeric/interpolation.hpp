#pragma once
/// Piecewise linear interpolation with the arithmetic of numpy.interp.

#include <span>
#include <vector>

namespace cellwright::numeric {

/// numpy.interp(x, xp, fp), bit for bit: the line through the neighbouring points, slope * (x - xp[j]) + fp[j]; the
/// first or last value outside; exactly fp[j] at xp[j]; NaN for x NaN.
/// @param xp not decreasing (of equal ones the last counts); at least one. @param fp as many.
/// @throws InternalError if xp is empty or of another length than fp.
double interpolate(double x, std::span<const double> xp, std::span<const double> fp);

/// The same for many x; takes O(1) each when they rise slowly, as grids do.
std::vector<double> interpolate(std::span<const double> x, std::span<const double> xp, std::span<const double> fp);

}  // namespace cellwright::numeric
