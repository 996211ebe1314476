#include "cellwright/optimise/algorithm.hpp"

#include <algorithm>

namespace cellwright::optimise {
namespace {

std::vector<double> batch_sums(const EvaluatedBatch& batch) {
  std::vector<double> sums;
  for (std::size_t i = 0; i < batch.objectives.values.rows(); ++i)
    sums.push_back(sum_left_to_right(batch.objectives.values.row(i)));
  return sums;
}

/// Starting points that no generation counts have statistics of their own.
LogbookRow statistics_of(const OptimiserState& state, const EvaluatedBatch& batch) {
  if (state.generation > 0) return state.logbook.rows().back();
  return summarise(0, state.evaluations, state.failed_evaluations, batch_sums(batch));
}

void run_generation(Algorithm& algorithm, Evaluator& evaluator, const RunOptions& options) {
  const TableView<const double> rows = algorithm.ask();
  ObjectiveTable scores =
      rows.rows() == 0 ? ObjectiveTable(0, evaluator.objectives().size()) : evaluator.evaluate(rows);
  const EvaluatedBatch& evaluated = algorithm.tell(std::move(scores));
  const LogbookRow row = statistics_of(algorithm.state(), evaluated);
  const GenerationReport report{.state = algorithm.state(),
                                .evaluated = evaluated,
                                .row = row,
                                .pool = algorithm.pool_before_selection(),
                                .history = algorithm.history()};
  for (const GenerationObserver& observer : options.observers) observer(report);
}

}  // namespace

RunResult run_algorithm(Algorithm& algorithm, Evaluator& evaluator, const RunOptions& options) {
  const OptimiserState& state = algorithm.state();
  bool stopped = false;
  // As in BluePyOpt the initial population is evaluated in any case.
  while (state.generation < std::max(options.max_ngen, 1) && algorithm.finished().empty()) {
    stopped = options.stop && options.stop();
    if (stopped) break;
    run_generation(algorithm, evaluator, options);
  }
  return {.population = state.pool,
          .hall_of_fame = state.hall_of_fame,
          .logbook = state.logbook,
          .history = algorithm.history(),
          .stopped = stopped,
          .finished = state.generation < options.max_ngen && !stopped ? algorithm.finished() : std::string()};
}

}  // namespace cellwright::optimise
