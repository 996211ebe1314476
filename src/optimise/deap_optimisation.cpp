#include "cellwright/optimise/deap_optimisation.hpp"

#include "cellwright/base/error.hpp"

namespace cellwright::optimise {
namespace {

std::shared_ptr<Evaluator> required(std::shared_ptr<Evaluator> evaluator) {
  if (evaluator) return evaluator;
  throw ConfigError(Diagnostic{.code = "optimiser-evaluator", .message = "the optimisation has no evaluator"});
}

}  // namespace

Optimisation::Optimisation(std::shared_ptr<Evaluator> evaluator) : evaluator_(required(std::move(evaluator))) {}

DEAPOptimisation::DEAPOptimisation(std::shared_ptr<Evaluator> evaluator, DEAPSettings settings)
    : Optimisation(std::move(evaluator)),
      algorithm_(this->evaluator().parameters(), this->evaluator().objectives(), std::move(settings)),
      offspring_size_(algorithm_.state().settings.offspring_size) {}

RunResult DEAPOptimisation::run(const RunOptions& options) {
  if (!options.continue_run) begin(options);
  return run_algorithm(algorithm_, evaluator(), options);
}

void DEAPOptimisation::begin(const RunOptions& options) {
  if (options.parent_population) {
    algorithm_.start(*options.parent_population);
    offspring_size_ = options.parent_population->rows();
  } else {
    algorithm_.start(options.offspring_size.value_or(offspring_size_));
  }
}

void DEAPOptimisation::restore(OptimiserState state, std::optional<History> history) {
  algorithm_.restore(std::move(state), std::move(history));
  offspring_size_ = this->state().settings.offspring_size;
}

}  // namespace cellwright::optimise
