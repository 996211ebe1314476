#pragma once
/// Checks of settings, parameters and restored states.

#include "cellwright/base/table.hpp"
#include "cellwright/optimise/optimiser_state.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cellwright::optimise {

/// @throws ConfigError "optimiser-settings" with one diagnostic for each setting that is impossible.
void check_settings(const DEAPSettings& settings);

/// The bounds of parameters that an optimiser can vary.
/// @throws ConfigError "optimiser-parameters" with one diagnostic for each parameter that it cannot.
std::vector<Bounds> free_bounds(const std::vector<Parameter>& parameters);

/// @throws ConfigError "optimiser-population" if a starting population cannot be used.
void check_population(const Table<double>& population, std::span<const Bounds> bounds);

/// How many rows a state has.
struct StateShape {
  std::size_t pool = 0;       ///< individuals in the pool
  std::size_t parents = 0;    ///< rows of parents
  std::int64_t starters = 0;  ///< evaluations that no generation counts: of starting points or of an unfinished one
  bool unfinished = false;    ///< individuals may be of the generation that is not finished
};

/// @throws CheckpointError "checkpoint-state" at the first contradiction in `state`, or if `history` does not end with
///         it; "random-state".
void check_state(const OptimiserState& state, std::span<const Bounds> bounds, std::size_t n_objectives,
                 const StateShape& shape, const std::optional<History>& history);

/// For algorithms whose settings the state does not replace.
/// @throws CheckpointError "checkpoint-state" if selector, offspring or hall of fame differ.
void check_same_settings(const DEAPSettings& saved, const DEAPSettings& own);

}  // namespace cellwright::optimise
