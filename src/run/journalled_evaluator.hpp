#pragma once
/// An evaluator that writes what arrives to the journal, and takes from it what was evaluated before.

#include <functional>
#include <map>
#include <memory>

#include "cellwright/optimise/algorithm.hpp"
#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/run/failure_tally.hpp"
#include "cellwright/run/journal.hpp"

namespace cellwright::run {

/// For the individuals that `algorithm` asks for, a generation at a time.
class JournalledEvaluator final : public optimise::Evaluator {
 public:
  /// @param stop asked now and then; true makes evaluate() throw EvaluationStopped. May be empty.
  JournalledEvaluator(std::shared_ptr<optimise::Evaluator> inner, Journal& journal,
                      const optimise::Algorithm& algorithm, std::function<bool()> stop);

  optimise::ObjectiveTable evaluate(TableView<const double> parameters) override;
  /// Why individuals failed so far.
  const FailureTally& failures() const { return failures_; }

 private:
  optimise::ObjectiveTable evaluate_missing(TableView<const double> rows, std::span<const std::size_t> missing,
                                            std::int64_t first_id);
  std::vector<std::size_t> take_known(TableView<const double> parameters, std::int64_t first_id,
                                      optimise::ObjectiveTable& table) const;
  std::vector<double> expected_costs(std::span<const std::size_t> rows) const;
  void remember_cost(std::int64_t id, double seconds);

  std::shared_ptr<optimise::Evaluator> inner_;
  Journal& journal_;
  const optimise::Algorithm& algorithm_;
  std::function<bool()> stop_;
  FailureTally failures_;
  std::map<std::int64_t, double> costs_;  ///< seconds by id, of the newest individuals
};

}  // namespace cellwright::run
