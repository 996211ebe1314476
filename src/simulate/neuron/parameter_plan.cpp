#include "simulate/neuron/parameter_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::simulate::neuron {
namespace {

/// The number of another parameter, sub-parameters included.
NumberSource find_dependency(const model::CellModel& cell, const model::CellParameter& parameter,
                             const std::string& name) {
  for (const AssignedParameter& other : assigned_parameters(cell)) {
    if (other.parameter->name == name) return other.source;
  }
  const auto found = std::ranges::find(cell.parameters, name, &model::CellParameter::name);
  if (found != cell.parameters.end()) return source_of(cell, *found);
  throw ModelError(
      Diagnostic{.code = "neuron-model",
                 .message = fmt::format("parameter '{}' depends on '{}', which is no parameter", parameter.name, name),
                 .span = parameter.span,
                 .fix = "give its full name"});
}

NumberSource find_dist_param(const model::CellModel& cell, const model::CellParameter& parameter,
                             const std::string& name) {
  if (const auto source = meta_source(cell, model::ScalerTarget{parameter.name}, name)) return *source;
  throw ModelError(Diagnostic{
      .code = "neuron-model",
      .message = fmt::format("parameter '{}': nothing sets '{}' of its distribution", parameter.name, name),
      .span = parameter.span,
      .fix = fmt::format("add a parameter of type meta with object '{}' and attr_name '{}'", parameter.name, name)});
}

}  // namespace

NumberSource source_of(const model::CellModel& cell, const model::CellParameter& parameter) {
  if (parameter.frozen()) return {.constant = *parameter.value};
  return {.column = cell.column_of(parameter)};
}

std::optional<NumberSource> meta_source(const model::CellModel& cell, const model::MetaTarget& object,
                                        std::string_view attr_name) {
  const model::CellParameter* meta = cell.meta_parameter(object, attr_name);
  if (meta == nullptr) return std::nullopt;
  return source_of(cell, *meta);
}

std::vector<AssignedParameter> assigned_parameters(const model::CellModel& cell) {
  std::vector<AssignedParameter> result;
  for (std::size_t k = 0; k < cell.parameters.size(); ++k) {
    const model::CellParameter& parameter = cell.parameters[k];
    const NumberSource source = source_of(cell, parameter);
    if (parameter.kind == model::ParameterKind::meta) continue;
    if (parameter.kind != model::ParameterKind::meta_list_equal) result.push_back({&parameter, source, k});
    for (const model::CellParameter& sub : parameter.sub_parameters) result.push_back({&sub, source, k});
  }
  return result;
}

ParameterPlan::Assignment ParameterPlan::make_assignment(const model::CellModel& cell,
                                                         const AssignedParameter& assigned) {
  const model::CellParameter& parameter = *assigned.parameter;
  const model::ScalerTarget target{parameter.name};
  const auto set_by = [&](std::string_view attribute, double otherwise) {
    return meta_source(cell, target, attribute).value_or(NumberSource{.constant = otherwise});
  };
  Assignment result{.source = assigned.source};
  const model::ParameterScaler scaler = parameter.value_scaler.value_or(model::NrnSegmentLinearScaler{});
  std::visit(
      [&](const auto& s) {
        if constexpr (requires { s.multiplier; }) {
          result.multiplier = set_by("multiplier", s.multiplier);
          result.offset = set_by("offset", s.offset);
        }
        if constexpr (requires { s.distribution; }) {
          result.distribution = s.distribution;
          for (const std::string& name : parameter.param_dependencies)
            result.more.push_back(find_dependency(cell, parameter, name));
          for (const std::string& name : parameter.dist_param_names)
            result.more.push_back(find_dist_param(cell, parameter, name));
        }
        if constexpr (requires { s.step_begin_um; }) {
          result.more.push_back(set_by("step_begin", s.step_begin_um));
          result.more.push_back(set_by("step_end", s.step_end_um));
        }
      },
      scaler);
  return result;
}

ParameterPlan::ParameterPlan(const model::CellModel& cell, const std::vector<std::vector<double>>& distances) {
  std::size_t next_distances = 0;
  for (const AssignedParameter& assigned : assigned_parameters(cell)) {
    Assignment assignment = make_assignment(cell, assigned);
    const bool is_global = assigned.parameter->kind == model::ParameterKind::global;
    for (std::size_t k = 0; k < (is_global ? 1 : assigned.parameter->locations.size()); ++k) {
      if (assignment.distribution) assignment.distances_um = distances.at(next_distances++);
      assignments_.push_back(assignment);
    }
  }
}

void ParameterPlan::append(std::span<const double> individual, std::vector<double>& numbers) const {
  for (const Assignment& assignment : assignments_) {
    const double value = assignment.source.of(individual);
    if (!assignment.distribution) {
      numbers.push_back(assignment.multiplier.of(individual) * value + assignment.offset.of(individual));
      continue;
    }
    std::vector<double> arguments = {0, value};
    for (const NumberSource& source : assignment.more) arguments.push_back(source.of(individual));
    for (const double distance : assignment.distances_um) {
      arguments[0] = distance;
      numbers.push_back(assignment.distribution->evaluate(arguments));
    }
  }
}

}  // namespace cellwright::simulate::neuron
