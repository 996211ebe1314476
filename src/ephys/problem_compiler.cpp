#include "ephys/problem_compiler.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <typeinfo>

#include <fmt/format.h>

#include "cellwright/parallel/executor.hpp"

namespace cellwright::ephys {
namespace {

/// The sweeps of a protocol in order. @returns false if a protocol of an unknown class is among them.
bool collect_sweeps(const Protocol& protocol, std::vector<const SingleSweep*>& sweeps) {
  if (typeid(protocol) == typeid(SweepProtocol) || typeid(protocol) == typeid(StepProtocol)) {
    sweeps.push_back(&dynamic_cast<const SingleSweep&>(protocol));
    return true;
  }
  if (typeid(protocol) != typeid(SequenceProtocol)) return false;
  return std::ranges::all_of(dynamic_cast<const SequenceProtocol&>(protocol).protocols,
                             [&](const auto& part) { return collect_sweeps(*part, sweeps); });
}

bool collect_sweeps(const CellEvaluator& evaluator, std::vector<const SingleSweep*>& sweeps) {
  return std::ranges::all_of(evaluator.fitness_protocols,
                             [&](const auto& entry) { return collect_sweeps(*entry.second, sweeps); });
}

/// All sweeps take the same kind of steps, and no two have a name or a recording in common.
bool fit_together(const std::vector<const SingleSweep*>& sweeps, const NrnSimulator& sim) {
  std::set<std::string> names, recordings;
  for (const SingleSweep* sweep : sweeps) {
    if (sweep->wants_cvode().value_or(sim.cvode_active) != sweeps[0]->wants_cvode().value_or(sim.cvode_active))
      return false;
    if (!names.insert(sweep->name).second) return false;
    for (const auto& recording : sweep->all_recordings()) {
      if (!recording || !recordings.insert(recording->name).second) return false;
    }
  }
  return true;
}

/// The names by which a model knows a parameter: its own, or those of the parameters that it stands for.
/// @returns false if it changes something that is not in the cell.
bool collect_names(const NrnParameter& param, std::vector<std::string>& names) {
  if (dynamic_cast<const MetaParameter*>(&param) != nullptr) return false;
  const auto* list = dynamic_cast<const NrnMetaListEqualParameter*>(&param);
  if (list == nullptr) {
    names.push_back(param.name());
    return true;
  }
  return std::ranges::all_of(list->sub_parameters(), [&](const auto& sub) { return collect_names(*sub, names); });
}

bool is_known_feature(const EFeature& feature) {
  return typeid(feature) == typeid(eFELFeature) &&
         dynamic_cast<const eFELFeature&>(feature).recording_names.size() == 1;
}

std::vector<std::size_t> columns_of(const CellEvaluator& evaluator, const model::CellModel& cell) {
  std::map<std::string, std::size_t> column_of_name;
  for (std::size_t column = 0; column < evaluator.param_names.size(); ++column) {
    const auto param = evaluator.cell_model->param(evaluator.param_names[column]);
    if (param->frozen()) {
      throw ConfigError(
          Diagnostic{.code = "parameter-frozen",
                     .message = fmt::format("parameter '{}' is frozen: an evaluator cannot vary it", param->name()),
                     .fix = "unfreeze it, or leave it out of param_names"});
    }
    std::vector<std::string> names;
    collect_names(*param, names);
    for (const std::string& name : names) column_of_name[name] = column;
  }
  std::vector<std::size_t> columns;
  for (const model::CellParameter* parameter : cell.free_parameters())
    columns.push_back(column_of_name.at(parameter->name));
  return columns;
}

evaluate::eFELFeature feature_value(const EFeature& feature, const std::string& objective,
                                    const std::vector<model::SweepProtocol>& protocols) {
  evaluate::eFELFeature value = dynamic_cast<const eFELFeature&>(feature).snapshot();
  for (const model::SweepProtocol& protocol : protocols) {
    for (const model::CompRecording& recording : protocol.recordings) {
      if (recording.name == value.recording_name) value.protocol_name = protocol.name;
    }
  }
  if (value.protocol_name.empty()) {
    throw ConfigError(Diagnostic{.code = "ephys-feature",
                                 .message = fmt::format("no protocol makes the recording '{}' that feature '{}' needs",
                                                        value.recording_name, value.name)});
  }
  value.name = objective + "/" + value.name;  // features of one name may stand in several objectives
  return value;
}

}  // namespace

bool can_compile(const CellEvaluator& evaluator) {
  std::vector<const SingleSweep*> sweeps;
  if (evaluator.use_params_for_seed || !collect_sweeps(evaluator, sweeps) || sweeps.empty()) return false;
  if (!fit_together(sweeps, *evaluator.sim)) return false;
  std::vector<std::string> names;
  for (const auto& param : evaluator.cell_model->params_by_names(evaluator.param_names)) {
    if (!collect_names(*param, names)) return false;
  }
  return std::ranges::all_of(evaluator.fitness_calculator->objectives, [](const auto& objective) {
    return std::ranges::all_of(objective->features, [](const auto& feature) { return is_known_feature(*feature); });
  });
}

CompiledProblem compile_problem(const CellEvaluator& evaluator) {
  std::vector<const SingleSweep*> sweeps;
  collect_sweeps(evaluator, sweeps);
  std::vector<model::SweepProtocol> protocols;
  for (const SingleSweep* sweep : sweeps) protocols.push_back(sweep->snapshot(evaluator.timeout));
  std::vector<evaluate::eFELFeature> features;
  for (const auto& objective : evaluator.fitness_calculator->objectives) {
    for (const auto& feature : objective->features)
      features.push_back(feature_value(*feature, objective->name + std::to_string(features.size()), protocols));
  }
  const model::CellModel cell = evaluator.cell_model->snapshot(evaluator.param_names, *evaluator.sim);
  const auto simulator = evaluator.sim->simulator(sweeps[0]->wants_cvode());
  CompiledProblem problem;
  problem.columns = columns_of(evaluator, cell);
  problem.objectives = evaluator.fitness_calculator->objectives;
  problem.evaluator = std::make_shared<evaluate::CellEvaluator>(
      *simulator, cell, std::move(protocols), std::move(features),
      parallel::make_executor(static_cast<std::size_t>(std::max(evaluator.threads, 0))));
  return problem;
}

optimise::ObjectiveTable CompiledProblem::evaluate(TableView<const double> parameters) const {
  Table<double> rows(parameters.rows(), columns.size());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k) rows(i, k) = parameters(i, columns[k]);
  }
  optimise::ObjectiveTable table(parameters.rows(), objectives.size());
  const auto individuals = evaluator->evaluate_in_detail(rows.view());
  for (std::size_t i = 0; i < individuals.size(); ++i) {
    std::span<const double> scores = individuals[i].scores;
    for (std::size_t k = 0; k < objectives.size(); ++k) {
      table.values(i, k) = objectives[k]->combine(scores.first(objectives[k]->features.size()));
      scores = scores.subspan(objectives[k]->features.size());
    }
    for (const std::string& error : individuals[i].protocol_errors) {
      if (error.empty() || table.failed[i] != 0) continue;
      table.failed[i] = 1;
      table.reasons[i] = error;
    }
  }
  return table;
}

}  // namespace cellwright::ephys
