#pragma once
/// Checks of settings, parameters and restored states.

#include "cellwright/base/table.hpp"
#include "cellwright/optimise/optimiser_state.hpp"

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

/// @throws CheckpointError "checkpoint-state" at the first contradiction in `state`.
void check_state(const OptimiserState& state, std::span<const Bounds> bounds, std::size_t n_objectives);

}  // namespace cellwright::optimise
