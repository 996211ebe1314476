#include "journalled_evaluator.hpp"

#include <algorithm>

namespace cellwright::run {

using optimise::ObjectiveTable;

JournalledEvaluator::JournalledEvaluator(std::shared_ptr<optimise::Evaluator> inner, Journal& journal,
                                         const optimise::Algorithm& algorithm, std::function<bool()> stop)
    : Evaluator(inner->parameters(), inner->objectives()),
      inner_(std::move(inner)),
      journal_(journal),
      algorithm_(algorithm),
      stop_(std::move(stop)) {}

/// Fills in what the journal knows. @returns the other rows.
std::vector<std::size_t> JournalledEvaluator::take_known(TableView<const double> parameters, std::int64_t first_id,
                                                         ObjectiveTable& table) const {
  std::vector<std::size_t> missing;
  for (std::size_t row = 0; row < parameters.rows(); ++row) {
    const JournalEntry* entry = journal_.find(first_id + static_cast<std::int64_t>(row), parameters.row(row));
    if (entry == nullptr || entry->scores.size() != objectives().size()) {
      missing.push_back(row);
      continue;
    }
    std::ranges::copy(entry->scores, table.values.row(row).begin());
    table.failed[row] = entry->failed ? 1 : 0;
    table.reasons[row] = entry->reason;
  }
  return missing;
}

/// What a child costs is what its parents cost: the mean of those that are known.
std::vector<double> JournalledEvaluator::expected_costs(std::span<const std::size_t> rows) const {
  const std::span<const optimise::Parentage> parents = algorithm_.parents_of_asked();
  std::vector<double> costs;
  for (const std::size_t row : rows) {
    double sum = 0, known = 0;
    for (const std::int64_t id : row < parents.size() ? parents[row] : optimise::Parentage{}) {
      const auto found = costs_.find(id);
      if (found == costs_.end()) continue;
      sum += found->second;
      ++known;
    }
    costs.push_back(known > 0 ? sum / known : 0);
  }
  return costs;
}

void JournalledEvaluator::remember_cost(std::int64_t id, double seconds) {
  constexpr std::size_t enough = 200'000;
  costs_[id] = seconds;
  if (costs_.size() > enough) costs_.erase(costs_.begin());
}

/// @param rows the parameters of the rows `missing` of the batch.
ObjectiveTable JournalledEvaluator::evaluate_missing(TableView<const double> rows, std::span<const std::size_t> missing,
                                                     std::int64_t first_id) {
  const auto arrived = [&](std::span<const std::size_t> finished, const ObjectiveTable& scores, double seconds) {
    for (const std::size_t i : finished) {
      const std::int64_t id = first_id + static_cast<std::int64_t>(missing[i]);
      journal_.add(id, rows.row(i), scores.values.row(i), scores.failed[i] != 0, scores.reasons[i]);
      remember_cost(id, seconds);
    }
    journal_.flush();
  };
  return inner_->evaluate_batch(rows, {.expected_costs = expected_costs(missing), .arrived = arrived, .stop = stop_});
}

ObjectiveTable JournalledEvaluator::evaluate(TableView<const double> parameters) {
  const std::int64_t first_id = algorithm_.state().evaluations + 1;
  ObjectiveTable table(parameters.rows(), objectives().size());
  const std::vector<std::size_t> missing = take_known(parameters, first_id, table);
  if (!missing.empty()) {
    Table<double> rows(missing.size(), parameters.columns());
    for (std::size_t i = 0; i < missing.size(); ++i) std::ranges::copy(parameters.row(missing[i]), rows.row(i).begin());
    ObjectiveTable scores = evaluate_missing(std::as_const(rows).view(), missing, first_id);
    for (std::size_t i = 0; i < missing.size(); ++i) {
      std::ranges::copy(std::as_const(scores.values).row(i), table.values.row(missing[i]).begin());
      table.failed[missing[i]] = scores.failed[i];
      table.reasons[missing[i]] = std::move(scores.reasons[i]);
    }
  }
  for (const std::string& reason : table.reasons) failures_.add(reason);
  return table;
}

}  // namespace cellwright::run
