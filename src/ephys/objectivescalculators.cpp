#include "cellwright/ephys/objectivescalculators.hpp"

#include <set>

#include <fmt/format.h>

namespace cellwright::ephys {

ObjectivesCalculator::ObjectivesCalculator(ObjectivesCalculatorArguments given) : Record(std::move(given)) {
  std::set<std::string> names;
  for (const auto& objective : objectives) {
    if (!objective)
      throw ConfigError(Diagnostic{.code = "ephys-objective", .message = "one of the objectives is a null pointer"});
    if (!names.insert(objective->name).second)
      throw ConfigError(Diagnostic{.code = "ephys-objective",
                                   .message = fmt::format("two objectives have the name '{}'", objective->name)});
  }
}

std::map<std::string, double> ObjectivesCalculator::calculate_scores(const Responses& responses) const {
  std::map<std::string, double> scores;
  for (const auto& objective : objectives) scores[objective->name] = objective->calculate_score(responses);
  return scores;
}

std::map<std::string, std::optional<double>> ObjectivesCalculator::calculate_values(const Responses& responses) const {
  std::map<std::string, std::optional<double>> values;
  for (const auto& objective : objectives) values[objective->name] = objective->calculate_value(responses);
  return values;
}

std::string ObjectivesCalculator::to_string() const {
  std::string text = "objectives:\n";
  for (const auto& objective : objectives) text += fmt::format("  {}\n", objective->to_string());
  return text;
}

}  // namespace cellwright::ephys
