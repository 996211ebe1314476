#include "cellwright/optimise/algorithm_registry.hpp"

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/deap_optimisation_cma.hpp"
#include "cellwright/optimise/success_history_de.hpp"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

std::unique_ptr<Algorithm> make_cma(const std::vector<Parameter>& parameters, std::vector<Objective> objectives,
                                    const DEAPSettings& settings) {
  CMASettings cma{.seed = settings.seed,
                  .offspring_size = settings.offspring_size,
                  .hof_size = settings.hof_size,
                  .selector_name = settings.selector_name,
                  .failed_score = settings.failed_score};
  return std::make_unique<CMAAlgorithm>(parameters, std::move(objectives), std::move(cma),
                                        std::numeric_limits<double>::infinity());
}

}  // namespace

std::vector<AlgorithmDescription> algorithm_descriptions() {
  return {
      {"ibea", "indicator-based evolution (IBEA), as BluePyOpt's default", "IBEA"},
      {"nsga2", "non-dominated sorting and crowding (NSGA-II)", "NSGA2"},
      {"cmasop", "CMA evolution strategy on the sum of the scores", "single_objective"},
      {"ipop", "CMA evolution strategy on the sum of the scores, with restarts", "single_objective_restarts"},
      {"cmamop", "multi-objective CMA evolution strategy", "multi_objective"},
      {"shade", "differential evolution that learns its steps, on the sum of the scores", "SHADE"},
  };
}

DEAPSettings settings_of_algorithm(const std::string& name, DEAPSettings settings) {
  const std::vector<AlgorithmDescription> all = algorithm_descriptions();
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& entry) { return entry.name == name; });
  if (found == all.end()) {
    std::string names;
    for (const AlgorithmDescription& entry : all) names += (names.empty() ? "'" : ", '") + entry.name + "'";
    throw ConfigError(Diagnostic{
        .code = "run-algorithm", .message = fmt::format("unknown algorithm '{}'", name), .fix = "one of " + names});
  }
  settings.selector_name = found->selector;
  return settings;
}

std::unique_ptr<Algorithm> make_algorithm(const std::string& name, const std::vector<Parameter>& parameters,
                                          std::vector<Objective> objectives, const DEAPSettings& settings) {
  const DEAPSettings own = settings_of_algorithm(name, settings);
  if (own.selector_name.starts_with("single_objective") || own.selector_name == "multi_objective")
    return make_cma(parameters, std::move(objectives), own);
  if (own.selector_name == "SHADE") {
    const SHADESettings shade{.seed = own.seed,
                              .offspring_size = own.offspring_size,
                              .hof_size = own.hof_size,
                              .failed_score = own.failed_score};
    return std::make_unique<SuccessHistoryDE>(parameters, std::move(objectives), shade);
  }
  return std::make_unique<DEAPAlgorithm>(parameters, std::move(objectives), own);
}

}  // namespace cellwright::optimise
