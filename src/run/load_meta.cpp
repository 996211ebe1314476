/// What parameters of type meta write to.

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "loader_context.hpp"

namespace cellwright::run {
namespace {

using text::JsonValue;

model::CellParameter* find_meta(Problem& problem, const std::string& name) {
  const auto found = std::ranges::find(problem.cell.parameters, name, &model::CellParameter::name);
  return found == problem.cell.parameters.end() ? nullptr : &*found;
}

std::vector<std::string> parameter_names(const Problem& problem) {
  std::vector<std::string> names;
  for (const model::CellParameter& parameter : problem.cell.parameters) {
    const bool is_meta =
        parameter.kind == model::ParameterKind::meta || parameter.kind == model::ParameterKind::meta_list_equal;
    if (!is_meta) names.push_back(parameter.name);
    for (const model::CellParameter& sub : parameter.sub_parameters) names.push_back(sub.name);
  }
  return names;
}

/// "protocol.index" where there is such a stimulus.
std::optional<model::StimulusTarget> find_stimulus(const std::string& text, const Problem& problem) {
  for (const model::SweepProtocol& protocol : problem.protocols) {
    if (!text.starts_with(protocol.name + ".")) continue;
    const char* const begin = text.data() + protocol.name.size() + 1;
    std::size_t index = 0;
    const auto [end, code] = std::from_chars(begin, text.data() + text.size(), index);
    const bool is_number = code == std::errc() && end == text.data() + text.size();
    if (is_number && index < protocol.stimuli.size()) return model::StimulusTarget{protocol.name, index};
  }
  return std::nullopt;
}

model::Stimulus& stimulus_of(const model::StimulusTarget& target, Problem& problem) {
  return std::ranges::find(problem.protocols, target.protocol, &model::SweepProtocol::name)->stimuli[target.stimulus];
}

bool check_attribute(const JsonValue& object, const std::string& name, const std::vector<std::string>& known,
                     LoaderContext& context) {
  if (std::ranges::count(known, name) > 0) return true;
  context.problems.add(object.diagnostic("config-meta",
                                         fmt::format("'{}' has no attribute '{}'", object.as_string(), name),
                                         suggest(name, known, "a meta parameter may set one of")));
  return false;
}

/// A free parameter writes with each individual, so only the last frozen value of an attribute counts.
bool writes_last(const Problem& problem, const model::CellParameter& parameter) {
  return parameter.frozen() && problem.cell.meta_parameter(*parameter.object, parameter.attr_name) == &parameter;
}

/// Values that would make a feature senseless.
void check_feature_value(const MetaObject& meta, const model::CellParameter& parameter, LoaderContext& context) {
  const bool positive = parameter.attr_name == "exp_std" || parameter.attr_name == "interp_step";
  const double lowest = parameter.value ? *parameter.value : parameter.bounds ? (*parameter.bounds)[0] : 1.0;
  if (!positive || lowest > 0) return;
  context.problems.add(meta.object->diagnostic(
      "config-range",
      fmt::format("{} must be above 0, but '{}' may be {}", parameter.attr_name, parameter.name, lowest)));
}

}  // namespace

void resolve_meta_parameters(Problem& problem, LoaderContext& context) {
  const std::vector<std::string> names = parameter_names(problem);
  std::vector<MetaObject> pending;
  for (const MetaObject& meta : context.meta_objects) {
    model::CellParameter* parameter = find_meta(problem, meta.parameter);
    if (parameter == nullptr) continue;
    const std::string& text = meta.object->as_string();
    if (std::ranges::count(names, text) > 0) {
      parameter->object = model::ScalerTarget{text};
    } else if (const auto target = find_stimulus(text, problem)) {
      if (check_attribute(*meta.object, parameter->attr_name, attribute_names(stimulus_of(*target, problem)), context))
        parameter->object = *target;
    } else {
      pending.push_back(meta);
    }
  }
  context.meta_objects = std::move(pending);
  for (const model::CellParameter& parameter : problem.cell.parameters) {
    const auto* target = parameter.object ? std::get_if<model::StimulusTarget>(&*parameter.object) : nullptr;
    if (target != nullptr && writes_last(problem, parameter))
      set_attribute(stimulus_of(*target, problem), parameter.attr_name, *parameter.value);
  }
}

void resolve_feature_parameters(Problem& problem, LoaderContext& context) {
  std::vector<std::string> known = parameter_names(problem);
  for (const model::SweepProtocol& protocol : problem.protocols) {
    for (std::size_t k = 0; k < protocol.stimuli.size(); ++k) known.push_back(fmt::format("{}.{}", protocol.name, k));
  }
  for (const evaluate::eFELFeature& feature : problem.features) known.push_back(feature.name);
  for (const MetaObject& meta : context.meta_objects) {
    model::CellParameter* parameter = find_meta(problem, meta.parameter);
    const std::string& text = meta.object->as_string();
    if (std::ranges::count(problem.features, text, &evaluate::eFELFeature::name) == 0) {
      const std::string nearest = nearest_name(text, known);
      context.problems.add(meta.object->diagnostic(
          "config-meta", fmt::format("there is no '{}' to set", text),
          nearest.empty()
              ? "name a parameter, a stimulus (protocol.index, from 0) or a feature (protocol.location.feature)"
              : fmt::format("did you mean '{}'?", nearest)));
      continue;
    }
    if (!check_attribute(*meta.object, parameter->attr_name, evaluate::feature_attribute_names(), context)) continue;
    check_feature_value(meta, *parameter, context);
    parameter->object = model::FeatureTarget{text};
  }
  for (const model::CellParameter& parameter : problem.cell.parameters) {
    const auto* target = parameter.object ? std::get_if<model::FeatureTarget>(&*parameter.object) : nullptr;
    if (target == nullptr || !writes_last(problem, parameter)) continue;
    const auto feature = std::ranges::find(problem.features, target->feature, &evaluate::eFELFeature::name);
    set_attribute(*feature, parameter.attr_name, *parameter.value);
  }
}

}  // namespace cellwright::run
