#pragma once
/// A population over the places of a crew.

#include <cstdint>
#include <functional>
#include <memory>
#include <vector>

#include "cellwright/evaluate/crew.hpp"
#include "cellwright/optimise/evaluator.hpp"

namespace cellwright::evaluate {

/// How well the places of a crew were used.
struct CrewStatistics {
  std::size_t places = 1;
  double idle_share = 0;       ///< of the time of all places in the last batch, 0 to 1
  double slowest_seconds = 0;  ///< of the slowest individual so far, as the mean of its chunk
};

/// Deals a batch in chunks: the individuals that are expected to cost most come first, a place that has finished gets
/// the next chunk. The result does not depend on who evaluated what.
class CrewEvaluator final : public optimise::Evaluator {
 public:
  /// @param problem gives parameters and objectives; it is not asked to evaluate.
  CrewEvaluator(const optimise::Evaluator& problem, std::unique_ptr<Crew> crew);

  optimise::ObjectiveTable evaluate(TableView<const double> parameters) override;
  /// `hooks.stop` deals no further chunks, and waits for those that are out. @throws what Crew::wait and the evaluators
  /// throw.
  optimise::ObjectiveTable evaluate_batch(TableView<const double> parameters,
                                          const optimise::BatchHooks& hooks) override;

  const CrewStatistics& statistics() const { return statistics_; }
  Crew& crew() { return *crew_; }

 private:
  class Deal;

  std::unique_ptr<Crew> crew_;
  std::vector<double> seconds_per_row_;  ///< [n_places], of the last chunk; 0: none yet
  std::int64_t last_number_ = 0;         ///< of a chunk: those of a batch that was given up are not taken for new ones
  CrewStatistics statistics_;
};

}  // namespace cellwright::evaluate
