#include "cellwright/run/cell_evaluator.hpp"

#include <fmt/format.h>

#include "cellwright/simulate/native_simulator.hpp"

namespace cellwright::run {

std::unique_ptr<simulate::Simulator> make_simulator(const SimulatorSettings& settings) {
  return std::make_unique<simulate::NativeSimulator>(
      simulate::NativeSettings{.dt_ms = settings.dt_ms, .numeric = settings.numeric, .toolchain = {}});
}

std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem, std::size_t threads) {
  if (problem.features.empty()) {
    throw ConfigError(Diagnostic{.code = "run-no-features",
                                 .message = "the cell file has no features: there is nothing to score",
                                 .span = {.file = problem.file.string()},
                                 .fix = "add 'features': protocol -> location -> feature -> [mean, std]"});
  }
  return std::make_shared<evaluate::CellEvaluator>(*make_simulator(problem.simulator), problem.cell, problem.protocols,
                                                   problem.features, parallel::make_executor(threads));
}

}  // namespace cellwright::run
