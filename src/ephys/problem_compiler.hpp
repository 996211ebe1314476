#pragma once
/// A whole problem of live objects as values of the layers below.

#include <memory>
#include <vector>

#include "cellwright/ephys/evaluators.hpp"
#include "cellwright/evaluate/cell_evaluator.hpp"

namespace cellwright::ephys {

/// A problem that is evaluated a population at a time.
struct CompiledProblem {
  std::shared_ptr<evaluate::CellEvaluator> evaluator;
  std::vector<std::size_t> columns;  ///< [parameters of `evaluator`] the column of the problem's own parameters

  optimise::ObjectiveTable evaluate(TableView<const double> parameters) const;
};

/// Whether all objects are of classes that have values, and all that varies is in the cell.
bool can_compile(const CellEvaluator& evaluator);

/// @throws ConfigError "ephys-feature", and what evaluate::CellEvaluator throws.
CompiledProblem compile_problem(const CellEvaluator& evaluator);

}  // namespace cellwright::ephys
