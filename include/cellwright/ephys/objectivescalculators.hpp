#pragma once
/// All objectives of a problem, as `bluepyopt.ephys.objectivescalculators`.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/objectives.hpp"

namespace cellwright::ephys {

struct ObjectivesCalculatorArguments {
  std::vector<std::shared_ptr<EFeatureObjective>> objectives;
  static void fields(auto& self, auto&& visit) { visit("objectives", self.objectives); }
};

/// Objectives in order. Each must have a name of its own.
class ObjectivesCalculator : public Record<ObjectivesCalculator, DictMixin, ObjectivesCalculatorArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.objectivescalculators.ObjectivesCalculator";
  /// @throws ConfigError "ephys-objective" for a null pointer or two objectives of one name.
  explicit ObjectivesCalculator(ObjectivesCalculatorArguments arguments = {});
  /// The score of each objective by its name.
  std::map<std::string, double> calculate_scores(const Responses& responses) const;
  /// The value of each objective by its name; none for one that cannot be computed.
  /// @throws ConfigError "ephys-objective" for an objective of several features.
  std::map<std::string, std::optional<double>> calculate_values(const Responses& responses) const;
  std::string to_string() const;
};

}  // namespace cellwright::ephys
