#pragma once
/// One number that an optimisation minimises.

#include <optional>
#include <string>
#include <utility>

namespace cellwright::optimise {

/// A named score, as BluePyOpt's `bluepyopt.objectives.Objective`. Every objective is minimised.
struct Objective {
  explicit Objective(std::string objective_name, std::optional<double> objective_value = std::nullopt)
      : name(std::move(objective_name)), value(objective_value) {}

  std::string name;
  std::optional<double> value;
};

}  // namespace cellwright::optimise
