#pragma once
/// From a problem to the objects that simulate and score it.

#include <cstddef>
#include <memory>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/evaluate/crew.hpp"
#include "cellwright/run/problem.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace cellwright::run {

/// The simulator that the problem asks for.
/// @param sample_ms  of the variable step: see simulate::NativeSettings.
std::unique_ptr<simulate::Simulator> make_simulator(const SimulatorSettings& settings, double sample_ms = 0);

/// At what interval a variable step is sampled for the features: that of the finest grid to which eFEL resamples. What
/// lies between its points is never looked at.
double feature_sample_ms(const Problem& problem);

/// Builds the cell (morphology, mechanisms, names) and everything that scores it.
/// @param threads 0: all hardware threads.
/// @throws ModelError, MorphologyError, NmodlError, ToolchainError for what cannot be built;
///   ConfigError "run-no-features" if the problem has no features.
std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem, std::size_t threads);
/// The same with an executor of one's own.
std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem,
                                                             std::shared_ptr<parallel::Executor> executor);

/// A crew of this process: its evaluator must rest on a shared executor (parallel::make_shared_executor), so that the
/// next chunk begins while threads are free at the end of one.
std::unique_ptr<evaluate::Crew> make_cell_crew(const std::shared_ptr<evaluate::CellEvaluator>& evaluator,
                                               numeric::NumericMode mode);

}  // namespace cellwright::run
