#pragma once
/// What `cellwright evaluate` says about individuals.

#include <string>
#include <vector>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/run/params_file.hpp"

namespace cellwright::run {

/// Everything about a batch that was evaluated.
struct EvaluationReport {
  ParameterSets parameters;
  std::vector<evaluate::IndividualEvaluation> individuals;  ///< [n_sets]
  evaluate::EvaluationSeconds seconds;                      ///< of the whole batch
};

/// Evaluates every set of values as one batch.
/// @param profile  also measures where variable steps spend their time, which makes them slower by a few per cent.
EvaluationReport evaluate_parameters(evaluate::CellEvaluator& evaluator, ParameterSets parameters,
                                     bool profile = false);

/// The JSON document of docs/reference (cell-file.md, 3): one object, or a list if the parameters were a list. The
/// seconds are those of the batch divided by the number of individuals.
std::string format_evaluation(const EvaluationReport& report, const evaluate::CellEvaluator& evaluator);

}  // namespace cellwright::run
