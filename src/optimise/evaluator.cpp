#include "cellwright/optimise/evaluator.hpp"

#include "cellwright/base/error.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <numeric>
#include <set>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

ConfigError config_error(std::string code, std::string message, std::string fix = "") {
  return ConfigError(Diagnostic{.code = std::move(code), .message = std::move(message), .fix = std::move(fix)});
}

void check_names(const std::vector<Parameter>& parameters, const std::vector<Objective>& objectives) {
  std::set<std::string> names;
  for (const Parameter& parameter : parameters) {
    if (!names.insert(parameter.name()).second)
      throw config_error("evaluator-parameters", fmt::format("two parameters have the name '{}'", parameter.name()));
  }
  names.clear();
  for (const Objective& objective : objectives) {
    if (!names.insert(objective.name).second)
      throw config_error("evaluator-objectives", fmt::format("two objectives have the name '{}'", objective.name));
  }
  if (objectives.empty()) throw config_error("evaluator-objectives", "there is no objective", "give at least one");
}

std::vector<Objective> named_objectives(const std::vector<std::string>& names) {
  std::vector<Objective> objectives;
  for (const std::string& name : names) objectives.emplace_back(name);
  return objectives;
}

/// The parts that individual and batch functions share.
class FunctionEvaluator : public Evaluator {
 public:
  FunctionEvaluator(std::vector<Parameter> parameters, const std::vector<std::string>& objective_names,
                    double failed_score)
      : Evaluator(std::move(parameters), named_objectives(objective_names)), failed_score_(failed_score) {}

 protected:
  double failed_score_;
};

class IndividualFunctionEvaluator : public FunctionEvaluator {
 public:
  IndividualFunctionEvaluator(std::vector<Parameter> parameters, const std::vector<std::string>& objective_names,
                              IndividualFunction function, double failed_score)
      : FunctionEvaluator(std::move(parameters), objective_names, failed_score), function_(std::move(function)) {}

  ObjectiveTable evaluate(TableView<const double> rows) override {
    ObjectiveTable table(rows.rows(), objectives().size());
    for (std::size_t row = 0; row < rows.rows(); ++row) evaluate_row(rows.row(row), table, row);
    replace_non_finite(table, objectives(), failed_score_);
    return table;
  }

 private:
  void evaluate_row(std::span<const double> values, ObjectiveTable& table, std::size_t row) {
    std::vector<double> scores;
    try {
      scores = function_(values);
    } catch (const std::exception& error) {
      return table.fail(row, error.what(), failed_score_);
    }
    if (scores.size() != objectives().size()) {
      throw config_error("evaluator-shape", fmt::format("the function gave {} scores for {} objectives", scores.size(),
                                                        objectives().size()));
    }
    std::copy(scores.begin(), scores.end(), table.values.row(row).begin());
  }

  IndividualFunction function_;
};

class BatchFunctionEvaluator : public FunctionEvaluator {
 public:
  BatchFunctionEvaluator(std::vector<Parameter> parameters, const std::vector<std::string>& objective_names,
                         BatchFunction function, double failed_score)
      : FunctionEvaluator(std::move(parameters), objective_names, failed_score), function_(std::move(function)) {}

  ObjectiveTable evaluate(TableView<const double> rows) override {
    ObjectiveTable table(rows.rows(), objectives().size());
    try {
      table.values = function_(rows);
    } catch (const std::exception& error) {
      for (std::size_t row = 0; row < rows.rows(); ++row) table.fail(row, error.what(), failed_score_);
    }
    const Table<double>& values = table.values;
    if (values.rows() != rows.rows() || values.columns() != objectives().size()) {
      throw config_error("evaluator-shape",
                         fmt::format("the function gave {} x {} scores for {} individuals and {} objectives",
                                     values.rows(), values.columns(), rows.rows(), objectives().size()));
    }
    replace_non_finite(table, objectives(), failed_score_);
    return table;
  }

 private:
  BatchFunction function_;
};

}  // namespace

ObjectiveTable::ObjectiveTable(std::size_t individuals, std::size_t objectives)
    : values(individuals, objectives), failed(individuals, 0), reasons(individuals) {}

void ObjectiveTable::fail(std::size_t row, std::string reason, double score) {
  for (double& value : values.row(row)) value = score;
  failed[row] = 1;
  reasons[row] = std::move(reason);
}

void replace_non_finite(ObjectiveTable& table, const std::vector<Objective>& objectives, double failed_score) {
  for (std::size_t row = 0; row < table.values.rows(); ++row) {
    for (std::size_t k = 0; k < table.values.columns(); ++k) {
      double& value = table.values(row, k);
      if (std::isfinite(value)) continue;
      table.failed[row] = 1;
      if (table.reasons[row].empty())
        table.reasons[row] =
            fmt::format("objective '{}' is {}", objectives[k].name, std::isnan(value) ? "NaN" : "infinite");
      value = failed_score;
    }
  }
}

std::vector<std::size_t> costliest_first(std::size_t count, const std::vector<double>& expected_costs) {
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  if (expected_costs.size() == count) {
    std::ranges::stable_sort(order,
                             [&](std::size_t a, std::size_t b) { return expected_costs[a] > expected_costs[b]; });
  }
  return order;
}

Evaluator::Evaluator(std::vector<Parameter> parameters, std::vector<Objective> objectives)
    : parameters_(std::move(parameters)), objectives_(std::move(objectives)) {
  check_names(parameters_, objectives_);
}

ObjectiveTable Evaluator::evaluate_batch(TableView<const double> rows, const BatchHooks& hooks) {
  if (hooks.stop && hooks.stop()) throw EvaluationStopped();
  const auto start = std::chrono::steady_clock::now();
  ObjectiveTable table = evaluate(rows);
  if (hooks.arrived && rows.rows() > 0) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    std::vector<std::size_t> all(rows.rows());
    std::iota(all.begin(), all.end(), std::size_t{0});
    hooks.arrived(all, table, seconds.count() / static_cast<double>(rows.rows()));
  }
  return table;
}

std::vector<double> Evaluator::evaluate_with_lists(std::span<const double> values) {
  if (values.size() != parameters_.size()) {
    throw config_error("evaluator-parameters",
                       fmt::format("{} values were given for {} parameters", values.size(), parameters_.size()));
  }
  const ObjectiveTable table = evaluate({values.data(), 1, values.size()});
  const std::span<const double> scores = table.values.row(0);
  return {scores.begin(), scores.end()};
}

std::map<std::string, double> Evaluator::evaluate_with_dicts(const std::map<std::string, double>& values) {
  std::vector<std::string> names;
  std::vector<double> list;
  for (const Parameter& parameter : parameters_) {
    const auto found = values.find(parameter.name());
    if (found == values.end())
      throw config_error("evaluator-parameters", fmt::format("parameter '{}' has no value", parameter.name()));
    names.push_back(parameter.name());
    list.push_back(found->second);
  }
  for (const auto& [name, value] : values) {
    if (std::find(names.begin(), names.end(), name) != names.end()) continue;
    const std::string near = nearest_name(name, names);
    throw config_error("evaluator-parameters", fmt::format("there is no parameter '{}'", name),
                       near.empty() ? "" : fmt::format("did you mean '{}'?", near));
  }
  const std::vector<double> scores = evaluate_with_lists(list);
  std::map<std::string, double> result;
  for (std::size_t k = 0; k < scores.size(); ++k) result[objectives_[k].name] = scores[k];
  return result;
}

std::shared_ptr<Evaluator> make_evaluator(std::vector<Parameter> parameters, std::vector<std::string> objective_names,
                                          IndividualFunction function, double failed_score) {
  return std::make_shared<IndividualFunctionEvaluator>(std::move(parameters), objective_names, std::move(function),
                                                       failed_score);
}

std::shared_ptr<Evaluator> make_batch_evaluator(std::vector<Parameter> parameters,
                                                std::vector<std::string> objective_names, BatchFunction function,
                                                double failed_score) {
  return std::make_shared<BatchFunctionEvaluator>(std::move(parameters), objective_names, std::move(function),
                                                  failed_score);
}

}  // namespace cellwright::optimise
