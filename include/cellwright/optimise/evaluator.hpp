#pragma once
/// The problem: what is varied, what is minimised, and the function between them.

#include "cellwright/base/table.hpp"
#include "cellwright/optimise/objective.hpp"
#include "cellwright/optimise/parameter.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace cellwright::optimise {

/// The score of an objective that could not be computed, as in BluePyOpt.
inline constexpr double default_failed_score = 250.0;

/// The scores of a batch of individuals.
struct ObjectiveTable {
  ObjectiveTable() = default;
  /// All zero, nothing failed.
  ObjectiveTable(std::size_t individuals, std::size_t objectives);

  Table<double> values;              ///< [n_individuals, n_objectives]
  std::vector<std::uint8_t> failed;  ///< [n_individuals], 1 where the evaluation of the individual failed
  std::vector<std::string> reasons;  ///< [n_individuals], why it failed; "" where it did not

  /// Marks `row` as failed and gives `score` to each of its objectives.
  void fail(std::size_t row, std::string reason, double score = default_failed_score);
};

/// Gives `failed_score` to every score that is NaN or infinite and marks its row as failed.
/// The reason names the first such objective where the row has no reason yet.
void replace_non_finite(ObjectiveTable& table, const std::vector<Objective>& objectives, double failed_score);

/// What the caller of Evaluator::evaluate_batch() tells and wants to hear. All may be empty.
struct BatchHooks {
  /// [n_individuals], what each evaluation is expected to cost, in any unit; it changes the order of work only.
  std::vector<double> expected_costs{};
  /// Rows of the result that are final, as soon as they are, each row once; `seconds` is what each of them took. Called
  /// in the thread that called evaluate_batch().
  std::function<void(std::span<const std::size_t> rows, const ObjectiveTable& scores, double seconds)> arrived{};
  /// Asked now and then; true ends the batch.
  std::function<bool()> stop{};
};

/// Indices 0 .. count - 1 in the order in which to begin, costliest first, equal ones in rising order.
/// @param expected_costs [count]; any other size: not known.
std::vector<std::size_t> costliest_first(std::size_t count, const std::vector<double>& expected_costs);

/// Thrown by Evaluator::evaluate_batch() when BatchHooks::stop ended it. What arrived before has been reported.
struct EvaluationStopped {};

/// Maps parameter values to objective values, a whole population at a time.
class Evaluator {
 public:
  /// @throws ConfigError "evaluator-parameters" / "evaluator-objectives" if two parameters or objectives share a name,
  ///         "evaluator-objectives" if there is no objective.
  Evaluator(std::vector<Parameter> parameters, std::vector<Objective> objectives);
  virtual ~Evaluator() = default;
  Evaluator(const Evaluator&) = delete;
  Evaluator& operator=(const Evaluator&) = delete;

  /// The parameters that vary, in the order of the columns of `evaluate`.
  const std::vector<Parameter>& parameters() const { return parameters_; }
  /// The objectives, in the order of the columns of the result.
  const std::vector<Objective>& objectives() const { return objectives_; }

  /// The one entry: evaluates every row of `parameters` [n_individuals, n_parameters].
  /// The result has as many rows and one column per objective, and must not depend on how individuals are batched.
  /// A failed individual is data (ObjectiveTable::failed); an exception means that no evaluation is possible at all
  /// and ends an optimisation.
  virtual ObjectiveTable evaluate(TableView<const double> parameters) = 0;

  /// The same for a caller that wants to hear of individuals as they arrive, and to stop in between. This one evaluates
  /// the whole batch, then reports it.
  /// @throws EvaluationStopped
  virtual ObjectiveTable evaluate_batch(TableView<const double> parameters, const BatchHooks& hooks);

  /// One individual: values in the order of parameters() -> scores in the order of objectives().
  /// @throws ConfigError "evaluator-parameters" if the number of values is wrong.
  std::vector<double> evaluate_with_lists(std::span<const double> values);
  /// One individual: parameter name -> value gives objective name -> score.
  /// @throws ConfigError "evaluator-parameters" if a name is missing or unknown.
  std::map<std::string, double> evaluate_with_dicts(const std::map<std::string, double>& values);

 private:
  std::vector<Parameter> parameters_;
  std::vector<Objective> objectives_;
};

/// Scores of one individual: n_parameters values -> n_objectives scores.
using IndividualFunction = std::function<std::vector<double>(std::span<const double> values)>;
/// Scores of a batch: [n_individuals, n_parameters] -> [n_individuals, n_objectives].
using BatchFunction = std::function<Table<double>(TableView<const double> parameters)>;

/// A problem of one's own:
/// @code
/// auto evaluator = make_evaluator({Parameter("x", -1, 1)}, {"f"}, [](std::span<const double> v) {
///   return std::vector{v[0] * v[0]};
/// });
/// @endcode
/// An exception (std::exception), NaN or an infinite score fails that individual only. A result of the wrong length
/// is a mistake in the program: @throws ConfigError "evaluator-shape" from evaluate().
std::shared_ptr<Evaluator> make_evaluator(std::vector<Parameter> parameters, std::vector<std::string> objective_names,
                                          IndividualFunction function, double failed_score = default_failed_score);

/// As make_evaluator, for a function that takes the whole batch. An exception fails every individual of the batch.
std::shared_ptr<Evaluator> make_batch_evaluator(std::vector<Parameter> parameters,
                                                std::vector<std::string> objective_names, BatchFunction function,
                                                double failed_score = default_failed_score);

}  // namespace cellwright::optimise
