#pragma once
/// Hypervolume: the space that points dominate, and what each of them adds to it. All objectives are minimised.

#include "cellwright/base/table.hpp"
#include "cellwright/numeric/numpy_random_state.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// Volume dominated by `points` [n, n_objectives] below `reference` [n_objectives], exactly. Points that do not lie
/// below the reference in every objective add nothing. Time grows as n^2 log n for two and exponentially with more
/// objectives. @see While, Bradstreet & Barone (2012), IEEE Trans. Evol. Comput. 16:86 (WFG).
double hypervolume(TableView<const double> points, std::span<const double> reference);

/// Share of each point in the hypervolume, in expectation when k points are removed at random (HypE; Bader & Zitzler
/// 2011, Evol. Comput. 19:45), exactly. Exponential in the number of objectives.
/// @param bounds [n_objectives] the reference point. @param k 1 to n, or negative for n.
/// @see bluepyopt.deapext.hype.hypeIndicatorExact
std::vector<double> hype_indicator_exact(TableView<const double> points, std::span<const double> bounds, int k);

/// The same from `samples` uniform points between the smallest point and `bounds`, drawn row by row.
/// @see bluepyopt.deapext.hype.hypeIndicatorSampled
std::vector<double> hype_indicator_sampled(TableView<const double> points, std::span<const double> bounds, int k,
                                           std::size_t samples, numeric::NumpyRandomState& random);

}  // namespace cellwright::optimise
