#pragma once
/// From a problem to the objects that simulate and score it.

#include <cstddef>
#include <memory>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace cellwright::run {

/// The simulator that the problem asks for.
std::unique_ptr<simulate::Simulator> make_simulator(const SimulatorSettings& settings);

/// Builds the cell (morphology, mechanisms, names) and everything that scores it.
/// @param threads 0: all hardware threads.
/// @throws ModelError, MorphologyError, NmodlError, ToolchainError for what cannot be built;
///   ConfigError "run-no-features" if the problem has no features.
std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem, std::size_t threads);

}  // namespace cellwright::run
