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

bool is_known(const EFeatureObjective& objective) {
  const std::type_info& type = typeid(objective);
  if (type != typeid(SingletonObjective) && type != typeid(SingletonWeightObjective) && type != typeid(MaxObjective) &&
      type != typeid(WeightedSumObjective))
    return false;
  return std::ranges::all_of(objective.features,
                             [](const auto& feature) { return typeid(*feature) == typeid(eFELFeature); });
}

/// The name of a feature among the values: features of one name may stand in several objectives.
std::string feature_name(const EFeatureObjective& objective, std::size_t index) {
  return fmt::format("{}/{}/{}", objective.name, index, objective.features[index]->name);
}

/// The parameters of a cell that have scalers, sub-parameters included.
std::vector<const NrnScaledParameter*> scaled_parameters(const CellModel& cell) {
  std::vector<const NrnScaledParameter*> result;
  const auto add = [&](const NrnParameter& param) {
    const auto* scaled = dynamic_cast<const NrnScaledParameter*>(&param);
    if (scaled != nullptr && scaled->value_scaler) result.push_back(scaled);
  };
  for (const auto& param : cell.params()) {
    add(*param);
    const auto* list = dynamic_cast<const NrnMetaListEqualParameter*>(param.get());
    if (list == nullptr) continue;
    for (const auto& sub : list->sub_parameters()) add(*sub);
  }
  return result;
}

/// All places in the values of a problem that the object of a MetaParameter stands for and where its attribute can
/// vary.
std::vector<model::MetaTarget> targets_of(const MetaParameter& meta, const CellEvaluator& evaluator,
                                          const std::vector<const SingleSweep*>& sweeps) {
  std::vector<model::MetaTarget> targets;
  for (const NrnScaledParameter* scaled : scaled_parameters(*evaluator.cell_model)) {
    if (scaled->value_scaler == meta.obj() && scaled->value_scaler->can_vary(meta.attr_name()))
      targets.emplace_back(model::ScalerTarget{scaled->name()});
  }
  for (const SingleSweep* sweep : sweeps) {
    const auto stimuli = sweep->all_stimuli();
    for (std::size_t i = 0; i < stimuli.size(); ++i) {
      if (stimuli[i] == meta.obj()) targets.emplace_back(model::StimulusTarget{sweep->name, i});
    }
  }
  const std::vector<std::string> known = evaluate::feature_attribute_names();
  if (std::ranges::count(known, meta.attr_name()) == 0) return targets;
  for (const auto& objective : evaluator.fitness_calculator->objectives) {
    for (std::size_t i = 0; i < objective->features.size(); ++i) {
      if (objective->features[i] == meta.obj()) targets.emplace_back(model::FeatureTarget{feature_name(*objective, i)});
    }
  }
  return targets;
}

/// The target of a MetaParameter if it has exactly one.
std::optional<model::MetaTarget> target_of(const MetaParameter& meta, const CellEvaluator& evaluator,
                                           const std::vector<const SingleSweep*>& sweeps) {
  const std::vector<model::MetaTarget> targets = targets_of(meta, evaluator, sweeps);
  return targets.size() == 1 ? std::optional(targets[0]) : std::nullopt;
}

/// Whether a model can vary the parameter; `written` collects what MetaParameters write to.
bool can_vary(const NrnParameter& param, const CellEvaluator& evaluator, const std::vector<const SingleSweep*>& sweeps,
              std::set<std::pair<const DictMixin*, std::string>>& written) {
  if (const auto* list = dynamic_cast<const NrnMetaListEqualParameter*>(&param)) {
    return std::ranges::none_of(list->sub_parameters(), [](const auto& sub) {
      return dynamic_cast<const MetaParameter*>(sub.get()) || dynamic_cast<const NrnMetaListEqualParameter*>(sub.get());
    });
  }
  const auto* meta = dynamic_cast<const MetaParameter*>(&param);
  if (meta == nullptr) return true;
  if (!written.emplace(meta->obj().get(), meta->attr_name()).second) return false;
  return target_of(*meta, evaluator, sweeps).has_value();
}

evaluate::eFELFeature feature_value(const EFeatureObjective& objective, std::size_t index,
                                    const std::vector<model::SweepProtocol>& protocols) {
  const eFELFeature& feature = dynamic_cast<const eFELFeature&>(*objective.features[index]);
  evaluate::eFELFeature value = feature.snapshot();
  for (const auto& [label, wanted] : feature.recording_names) {
    const auto makes_it = [&](const model::SweepProtocol& protocol) {
      return std::ranges::count(protocol.recordings, wanted, &model::CompRecording::name) > 0;
    };
    const auto protocol = std::ranges::find_if(protocols, makes_it);
    if (protocol == protocols.end()) {
      throw ConfigError(Diagnostic{
          .code = "ephys-feature",
          .message = fmt::format("no protocol makes the recording '{}' that feature '{}' needs", wanted, value.name)});
    }
    if (label.empty()) value.protocol_name = protocol->name;
  }
  value.name = feature_name(objective, index);
  return value;
}

/// The features of all objectives, and the objectives made of them.
struct Targets {
  std::vector<evaluate::eFELFeature> features;
  std::vector<evaluate::EFeatureObjective> objectives;
};

Targets targets_as_values(const CellEvaluator& evaluator, const std::vector<model::SweepProtocol>& protocols) {
  Targets targets;
  for (const auto& objective : evaluator.fitness_calculator->objectives) {
    targets.objectives.push_back(objective->snapshot(targets.features.size()));
    for (std::size_t i = 0; i < objective->features.size(); ++i)
      targets.features.push_back(feature_value(*objective, i, protocols));
  }
  return targets;
}

model::CellParameter& find_parameter(model::CellModel& cell, const std::string& name) {
  for (model::CellParameter& parameter : cell.parameters) {
    if (parameter.name == name) return parameter;
    const auto sub = std::ranges::find(parameter.sub_parameters, name, &model::CellParameter::name);
    if (sub != parameter.sub_parameters.end()) return *sub;
  }
  throw InternalError("parameter '" + name + "' was not added to the model");
}

/// Makes one of a scaler's own parameters vary in the model.
void vary_scaler(const CellModel& live, const std::string& owner, const std::string& attribute,
                 model::CellModel& cell) {
  for (const NrnScaledParameter* scaled : scaled_parameters(live)) {
    const auto* scaler = dynamic_cast<const DistanceScaler*>(scaled->value_scaler.get());
    if (scaled->name() != owner || scaler == nullptr || !scaler->DistanceScaler::can_vary(attribute)) continue;
    model::CellParameter& parameter = find_parameter(cell, owner);
    parameter.dist_param_names.push_back(attribute);
    std::vector<std::string> placeholders = scaled->param_dependencies();
    placeholders.insert(placeholders.end(), parameter.dist_param_names.begin(), parameter.dist_param_names.end());
    parameter.value_scaler = scaler->snapshot(placeholders);
  }
}

/// Adds the free MetaParameters, in order, to a model that has the others.
void add_meta_parameters(const CellEvaluator& evaluator, const std::vector<const SingleSweep*>& sweeps,
                         model::CellModel& cell) {
  for (const auto& param : evaluator.cell_model->params_by_names(evaluator.param_names)) {
    const auto* meta = dynamic_cast<const MetaParameter*>(param.get());
    if (meta == nullptr) continue;
    const model::MetaTarget target = *target_of(*meta, evaluator, sweeps);
    if (const auto* scaler = std::get_if<model::ScalerTarget>(&target))
      vary_scaler(*evaluator.cell_model, scaler->parameter, meta->attr_name(), cell);
    cell.parameters.push_back(meta->snapshot(target));
  }
}

std::vector<std::size_t> columns_of(const CellEvaluator& evaluator, const model::CellModel& cell) {
  std::vector<std::size_t> columns;
  for (const model::CellParameter* parameter : cell.free_parameters())
    columns.push_back(std::ranges::find(evaluator.param_names, parameter->name) - evaluator.param_names.begin());
  return columns;
}

/// Some value of each free parameter, so that all MetaParameters have written to their objects.
ParamValues probe_values(const CellEvaluator& evaluator) {
  ParamValues values;
  for (const auto& param : evaluator.cell_model->params_by_names(evaluator.param_names)) {
    if (param->frozen()) {
      throw ConfigError(
          Diagnostic{.code = "parameter-frozen",
                     .message = fmt::format("parameter '{}' is frozen: an evaluator cannot vary it", param->name()),
                     .fix = "unfreeze it, or leave it out of param_names"});
    }
    values[param->name()] = param->probe_value();
  }
  return values;
}

}  // namespace

bool can_compile(const CellEvaluator& evaluator) {
  std::vector<const SingleSweep*> sweeps;
  if (!collect_sweeps(evaluator, sweeps) || sweeps.empty() || !fit_together(sweeps, *evaluator.sim)) return false;
  std::set<std::pair<const DictMixin*, std::string>> written;
  for (const auto& param : evaluator.cell_model->params_by_names(evaluator.param_names)) {
    if (!can_vary(*param, evaluator, sweeps, written)) return false;
  }
  return std::ranges::all_of(evaluator.fitness_calculator->objectives,
                             [](const auto& objective) { return is_known(*objective); });
}

CompiledProblem compile_problem(const CellEvaluator& evaluator) {
  std::vector<const SingleSweep*> sweeps;
  collect_sweeps(evaluator, sweeps);
  const FrozenParameters probe(*evaluator.cell_model, probe_values(evaluator));
  std::vector<model::SweepProtocol> protocols;
  for (const SingleSweep* sweep : sweeps) protocols.push_back(sweep->snapshot(evaluator.timeout));
  Targets targets = targets_as_values(evaluator, protocols);
  model::CellModel cell = evaluator.cell_model->snapshot(evaluator.param_names, *evaluator.sim);
  add_meta_parameters(evaluator, sweeps, cell);
  CompiledProblem problem;
  problem.columns = columns_of(evaluator, cell);
  const std::size_t n_features = targets.features.size();
  problem.evaluator = std::make_shared<evaluate::CellEvaluator>(
      *evaluator.sim->simulator(sweeps[0]->wants_cvode()), cell, std::move(protocols), std::move(targets.features),
      parallel::make_executor(static_cast<std::size_t>(std::max(evaluator.threads, 0))),
      evaluate::EvaluatorOptions{
          .objectives = evaluate::ObjectivesCalculator(std::move(targets.objectives), n_features),
          .use_params_for_seed = evaluator.use_params_for_seed});
  return problem;
}

optimise::ObjectiveTable CompiledProblem::evaluate(TableView<const double> parameters) const {
  Table<double> rows(parameters.rows(), columns.size());
  for (std::size_t i = 0; i < rows.rows(); ++i) {
    for (std::size_t k = 0; k < columns.size(); ++k) rows(i, k) = parameters(i, columns[k]);
  }
  return evaluator->evaluate(rows.view());
}

}  // namespace cellwright::ephys
