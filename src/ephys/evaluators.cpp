#include "cellwright/ephys/evaluators.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

#include "cellwright/evaluate/seed.hpp"
#include "ephys/problem_compiler.hpp"

namespace cellwright::ephys {
namespace {

template <class Object>
Object& given(const std::shared_ptr<Object>& object, const DictMixin& owner, const char* argument) {
  if (!object) throw_missing_argument(owner, "", argument);
  return *object;
}

std::vector<optimise::Parameter> parameters_of(const CellEvaluator& evaluator) {
  std::vector<optimise::Parameter> result;
  const CellModel& cell = given(evaluator.cell_model, evaluator, "cell_model");
  for (const auto& param : cell.params_by_names(evaluator.param_names)) result.push_back(param->parameter());
  return result;
}

std::vector<optimise::Objective> objectives_of(const CellEvaluator& evaluator) {
  std::vector<optimise::Objective> result;
  for (const auto& objective : given(evaluator.fitness_calculator, evaluator, "fitness_calculator").objectives)
    result.emplace_back(objective->name);
  return result;
}

}  // namespace

/// The problem as values, and the text of the objects that it was made from.
struct CellEvaluator::Compiled {
  std::string source;
  CompiledProblem problem;
};

CellEvaluator::CellEvaluator(CellEvaluatorArguments arguments)
    : Record(std::move(arguments)), optimise::Evaluator(parameters_of(*this), objectives_of(*this)) {
  given(sim, *this, "sim");
  for (const auto& [name, protocol] : fitness_protocols) given(protocol, *this, "protocol in its fitness_protocols");
}

CellEvaluator::~CellEvaluator() = default;

ParamValues CellEvaluator::param_dict(std::span<const double> param_array) const {
  if (param_array.size() != param_names.size()) {
    throw ConfigError(Diagnostic{
        .code = "evaluator-parameters",
        .message = fmt::format("{} values were given for {} parameters", param_array.size(), param_names.size())});
  }
  ParamValues values;
  for (std::size_t i = 0; i < param_names.size(); ++i) values[param_names[i]] = param_array[i];
  return values;
}

std::map<std::string, double> CellEvaluator::objective_dict(std::span<const double> objective_array) const {
  if (objective_array.size() != objectives().size()) {
    throw ConfigError(Diagnostic{.code = "evaluator-objectives",
                                 .message = fmt::format("{} numbers were given for {} objectives",
                                                        objective_array.size(), objectives().size())});
  }
  std::map<std::string, double> dict;
  for (std::size_t k = 0; k < objective_array.size(); ++k) dict[objectives()[k].name] = objective_array[k];
  return dict;
}

std::vector<double> CellEvaluator::objective_list(const std::map<std::string, double>& objective_dict) const {
  std::vector<double> list;
  for (const optimise::Objective& objective : objectives()) {
    const auto found = objective_dict.find(objective.name);
    if (found == objective_dict.end()) {
      throw ConfigError(Diagnostic{.code = "evaluator-objectives",
                                   .message = fmt::format("objective '{}' has no number", objective.name)});
    }
    list.push_back(found->second);
  }
  return list;
}

std::uint32_t CellEvaluator::seed_from_param_dict(const ParamValues& param_dict) {
  return evaluate::seed_from_param_dict(param_dict);
}

Responses CellEvaluator::run_protocol(const Protocol& protocol, const ParamValues& param_values) const {
  NrnSimulator simulator = *sim;
  if (use_params_for_seed) simulator.random123_globalindex = seed_from_param_dict(param_values);
  return protocol.run(*cell_model, param_values, simulator, timeout);
}

Responses CellEvaluator::run_protocols(std::span<const std::shared_ptr<Protocol>> protocols,
                                       const ParamValues& param_values) const {
  Responses responses;
  for (const auto& protocol : protocols) {
    for (auto& [name, response] : run_protocol(*protocol, param_values)) responses[name] = std::move(response);
  }
  return responses;
}

std::map<std::string, double> CellEvaluator::evaluate_with_dicts(const ParamValues& param_values,
                                                                 const std::string& target) const {
  if (target != "scores" && target != "values") {
    throw ConfigError(Diagnostic{.code = "evaluator-target",
                                 .message = fmt::format("there is no target '{}'", target),
                                 .fix = "use \"scores\" or \"values\""});
  }
  std::vector<std::shared_ptr<Protocol>> protocols;
  for (const auto& [name, protocol] : fitness_protocols) protocols.push_back(protocol);
  const Responses responses = run_protocols(protocols, param_values);
  if (target == "scores") return fitness_calculator->calculate_scores(responses);
  std::map<std::string, double> values;
  for (const auto& [name, value] : fitness_calculator->calculate_values(responses))
    values[name] = value.value_or(std::numeric_limits<double>::quiet_NaN());
  return values;
}

std::vector<double> CellEvaluator::evaluate_with_lists(std::span<const double> param_list,
                                                       const std::string& target) const {
  return objective_list(evaluate_with_dicts(param_dict(param_list), target));
}

optimise::ObjectiveTable CellEvaluator::evaluate(TableView<const double> parameters) {
  optimise::ObjectiveTable table =
      can_compile(*this) ? compiled().problem.evaluate(parameters) : evaluate_one_by_one(parameters);
  optimise::replace_non_finite(table, objectives(), optimise::default_failed_score);
  return table;
}

CellEvaluator::Compiled& CellEvaluator::compiled() {
  std::string source = to_json(*this, text::JsonStyle::compact);
  if (!compiled_ || compiled_->source != source)
    compiled_ = std::make_unique<Compiled>(Compiled{std::move(source), compile_problem(*this)});
  return *compiled_;
}

optimise::ObjectiveTable CellEvaluator::evaluate_one_by_one(TableView<const double> parameters) const {
  optimise::ObjectiveTable table(parameters.rows(), objectives().size());
  for (std::size_t row = 0; row < parameters.rows(); ++row) evaluate_row(parameters.row(row), table, row);
  return table;
}

void CellEvaluator::evaluate_row(std::span<const double> values, optimise::ObjectiveTable& table,
                                 std::size_t row) const {
  std::vector<std::shared_ptr<Protocol>> protocols;
  for (const auto& [name, protocol] : fitness_protocols) protocols.push_back(protocol);
  try {
    const Responses responses = run_protocols(protocols, param_dict(values));
    const std::vector<double> scores = objective_list(fitness_calculator->calculate_scores(responses));
    std::ranges::copy(scores, table.values.row(row).begin());
    for (const auto& [name, response] : responses) {
      if (response || table.failed[row] != 0) continue;
      table.failed[row] = 1;
      table.reasons[row] = fmt::format("recording '{}' has no response", name);
    }
  } catch (const SimulationError& error) {
    table.fail(row, error.what());
  }
}

std::string CellEvaluator::to_string() const {
  std::string text =
      fmt::format("cell evaluator:\n  cell model:\n    {}\n  fitness protocols:\n", cell_model->to_string());
  for (const auto& [name, protocol] : fitness_protocols) text += fmt::format("    {}\n", protocol->to_string());
  return text + fmt::format("  fitness calculator:\n    {}\n", fitness_calculator->to_string());
}

}  // namespace cellwright::ephys
