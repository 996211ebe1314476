#pragma once
/// From the free parameters of an individual to the numbers that NEURON writes into the cell.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/model/cell_model.hpp"

namespace cellwright::simulate::neuron {

/// A number that is the same for all individuals, or a free parameter.
struct NumberSource {
  int column = -1;  ///< of the individual; -1: constant
  double constant = 0;
  double of(std::span<const double> individual) const {
    return column < 0 ? constant : individual[static_cast<std::size_t>(column)];
  }
};

/// The number of a parameter.
NumberSource source_of(const model::CellModel& cell, const model::CellParameter& parameter);
/// What a meta parameter gives to an attribute; none if there is no such meta parameter.
std::optional<NumberSource> meta_source(const model::CellModel& cell, const model::MetaTarget& object,
                                        std::string_view attr_name);

/// A parameter that is written into the cell.
struct AssignedParameter {
  const model::CellParameter* parameter = nullptr;
  NumberSource source;
  std::size_t index = 0;  ///< of the parameter in the model that it is or belongs to
};
/// Those of the model in order of assignment: meta parameters left out, those of lists one by one.
std::vector<AssignedParameter> assigned_parameters(const model::CellModel& cell);

/// The numbers in the order in which driver.py takes them: for each assigned parameter and each of its locations one,
/// or, where a scaler depends on the distance, one for each segment.
class ParameterPlan {
 public:
  /// @param distances  um; for each location of a parameter with a distance scaler: those of its segments.
  /// @throws ModelError for a scaler that depends on what is not there.
  ParameterPlan(const model::CellModel& cell, const std::vector<std::vector<double>>& distances);

  /// @param individual  the free parameters.
  /// @throws ConfigError "expression-value" where a scaler has no value.
  void append(std::span<const double> individual, std::vector<double>& numbers) const;

 private:
  struct Assignment {
    NumberSource source, multiplier{.constant = 1}, offset;
    std::optional<text::PythonExpression> distribution;
    std::vector<NumberSource> more;    ///< placeholders of the distribution after distance and value
    std::vector<double> distances_um;  ///< of the distribution
  };
  static Assignment make_assignment(const model::CellModel& cell, const AssignedParameter& assigned);

  std::vector<Assignment> assignments_;
};

}  // namespace cellwright::simulate::neuron
