#pragma once
/// What every algorithm asks of the scores it is told.

#include "cellwright/optimise/evaluator.hpp"

#include <cstddef>

namespace cellwright::optimise {

/// @throws ConfigError "optimiser-order": scores came without ask().
[[noreturn]] void refuse_unasked_scores();

/// @throws ConfigError "evaluator-shape" unless `scores` has `individuals` rows and `objectives` columns.
void check_score_shape(const ObjectiveTable& scores, std::size_t individuals, std::size_t objectives);

/// How many rows failed.
std::int64_t count_failed(const ObjectiveTable& scores);

}  // namespace cellwright::optimise
