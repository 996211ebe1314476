#include "cellwright/run/cell_evaluator.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/nmodl/toolchain.hpp"
#include "cellwright/simulate/native_simulator.hpp"
#include "cellwright/simulate/neuron_simulator.hpp"

namespace cellwright::run {

std::unique_ptr<simulate::Simulator> make_simulator(const SimulatorSettings& settings, double sample_ms) {
  if (settings.engine == "neuron") {
    return std::make_unique<simulate::NeuronSimulator>(
        simulate::NeuronSettings{.variable_step = settings.step == "variable", .dt_ms = settings.dt_ms});
  }
  return std::make_unique<simulate::NativeSimulator>(simulate::NativeSettings{
      .dt_ms = settings.dt_ms,
      .numeric = settings.numeric,
      .toolchain = {},
      .step = settings.step == "variable" ? simulate::StepKind::variable : simulate::StepKind::fixed,
      .atol = settings.atol,
      .sample_ms = sample_ms});
}

double feature_sample_ms(const Problem& problem) {
  double result = features::Settings{}.interp_step;
  for (std::size_t k = 0; k < problem.features.size(); ++k) {
    const double step = problem.features[k].settings.interp_step;
    result = k == 0 ? step : std::min(result, step);
  }
  return result;
}

std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem, std::size_t threads) {
  return make_cell_evaluator(problem, parallel::make_executor(threads));
}

std::shared_ptr<evaluate::CellEvaluator> make_cell_evaluator(const Problem& problem,
                                                             std::shared_ptr<parallel::Executor> executor) {
  if (problem.features.empty()) {
    throw ConfigError(Diagnostic{.code = "run-no-features",
                                 .message = "the cell file has no features: there is nothing to score",
                                 .span = {.file = problem.file.string()},
                                 .fix = "add 'features': protocol -> location -> feature -> [mean, std]"});
  }
  return std::make_shared<evaluate::CellEvaluator>(
      *make_simulator(problem.simulator, feature_sample_ms(problem)), problem.cell, problem.protocols, problem.features,
      std::move(executor), evaluate::EvaluatorOptions{problem.objectives, problem.evaluation.use_params_for_seed});
}

std::unique_ptr<evaluate::Crew> make_cell_crew(const std::shared_ptr<evaluate::CellEvaluator>& evaluator,
                                               numeric::NumericMode mode) {
  const auto lanes = static_cast<std::size_t>(nmodl::lanes_of(mode));
  const std::size_t protocols = std::max<std::size_t>(evaluator->protocols().size(), 1);
  const std::size_t threads = evaluator->executor().workers();
  evaluate::Place place{.rows_at_once = lanes * ((threads + protocols - 1) / protocols), .lanes = lanes};
  // Asynchronous runs send packs of individuals one by one: as many at once as fill the threads, and one more.
  const std::size_t at_once = (threads + protocols - 1) / protocols + 1;
  return evaluate::make_local_crew(std::vector<std::shared_ptr<optimise::Evaluator>>(at_once, evaluator),
                                   std::move(place));
}

}  // namespace cellwright::run
