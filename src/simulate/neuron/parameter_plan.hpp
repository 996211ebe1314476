#pragma once
/// From the free parameters of an individual to the numbers that NEURON writes into the cell.

#include <optional>
#include <span>
#include <vector>

#include "cellwright/model/cell_model.hpp"

namespace cellwright::simulate::neuron {

/// The numbers in the order in which driver.py takes them: for each parameter and each of its locations one, or, where
/// a scaler depends on the distance, one for each segment.
class ParameterPlan {
 public:
  /// @param distances  um; for each location of a parameter with a distance scaler: those of its segments.
  ParameterPlan(const model::CellModel& cell, const std::vector<std::vector<double>>& distances);

  /// @param individual  the free parameters.
  /// @throws ConfigError "expression-value" where a scaler has no value.
  void append(std::span<const double> individual, std::vector<double>& numbers) const;

 private:
  struct Source {
    int column = -1;  ///< of the individual; -1: constant
    double constant = 0;
    double of(std::span<const double> individual) const;
  };
  struct Assignment {
    Source source;
    std::optional<model::ParameterScaler> scaler;
    std::vector<Source> dependencies;
    std::optional<std::vector<double>> distances_um;  ///< nothing: one number
  };
  static std::vector<Source> find_dependencies(const model::CellModel& cell, const model::CellParameter& parameter);
  static Source source_of(const model::CellModel& cell, const model::CellParameter& parameter);

  std::vector<Assignment> assignments_;
};

}  // namespace cellwright::simulate::neuron
