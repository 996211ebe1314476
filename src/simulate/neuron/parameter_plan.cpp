#include "simulate/neuron/parameter_plan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::simulate::neuron {

double ParameterPlan::Source::of(std::span<const double> individual) const {
  return column < 0 ? constant : individual[static_cast<std::size_t>(column)];
}

ParameterPlan::Source ParameterPlan::source_of(const model::CellModel& cell, const model::CellParameter& parameter) {
  if (parameter.frozen()) return {.constant = *parameter.value};
  const auto free = cell.free_parameters();
  return {.column = static_cast<int>(std::ranges::find(free, &parameter) - free.begin())};
}

std::vector<ParameterPlan::Source> ParameterPlan::find_dependencies(const model::CellModel& cell,
                                                                    const model::CellParameter& parameter) {
  std::vector<Source> result;
  for (const std::string& name : parameter.param_dependencies) {
    const auto found = std::ranges::find(cell.parameters, name, &model::CellParameter::name);
    if (found == cell.parameters.end()) {
      throw ModelError(Diagnostic{
          .code = "neuron-model",
          .message = fmt::format("parameter '{}' depends on '{}', which is no parameter", parameter.name, name),
          .span = parameter.span,
          .fix = "give its full name"});
    }
    result.push_back(source_of(cell, *found));
  }
  return result;
}

ParameterPlan::ParameterPlan(const model::CellModel& cell, const std::vector<std::vector<double>>& distances) {
  std::size_t next_distances = 0;
  for (const model::CellParameter& parameter : cell.parameters) {
    Assignment assignment{.source = source_of(cell, parameter),
                          .scaler = parameter.value_scaler,
                          .dependencies = find_dependencies(cell, parameter)};
    const bool by_distance =
        parameter.value_scaler && !std::holds_alternative<model::NrnSegmentLinearScaler>(*parameter.value_scaler);
    const std::size_t times = parameter.kind == model::ParameterKind::global ? 1 : parameter.locations.size();
    for (std::size_t k = 0; k < times; ++k) {
      if (by_distance) assignment.distances_um = distances.at(next_distances++);
      assignments_.push_back(assignment);
    }
  }
}

void ParameterPlan::append(std::span<const double> individual, std::vector<double>& numbers) const {
  for (const Assignment& assignment : assignments_) {
    const double value = assignment.source.of(individual);
    if (!assignment.distances_um) {
      const auto* linear =
          assignment.scaler ? std::get_if<model::NrnSegmentLinearScaler>(&*assignment.scaler) : nullptr;
      numbers.push_back(linear ? linear->multiplier * value + linear->offset : value);
      continue;
    }
    std::vector<double> arguments = {0, value};
    for (const Source& source : assignment.dependencies) arguments.push_back(source.of(individual));
    std::visit(
        [&](const auto& s) {
          if constexpr (requires { s.step_begin_um; })
            arguments.insert(arguments.end(), {s.step_begin_um, s.step_end_um});
          if constexpr (requires { s.distribution; }) {
            for (const double distance : *assignment.distances_um) {
              arguments[0] = distance;
              numbers.push_back(s.distribution.evaluate(arguments));
            }
          }
        },
        *assignment.scaler);
  }
}

}  // namespace cellwright::simulate::neuron
