#include "cellwright/ephys/objectives.hpp"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

ConfigError objective_error(const std::string& name, const std::string& message) {
  return ConfigError(Diagnostic{.code = "ephys-objective", .message = fmt::format("objective '{}' {}", name, message)});
}

std::vector<std::size_t> indices(std::size_t first, std::size_t count) {
  std::vector<std::size_t> result(count);
  std::iota(result.begin(), result.end(), first);
  return result;
}

}  // namespace

EFeatureObjective::EFeatureObjective(std::string objective_name, std::vector<std::shared_ptr<EFeature>> its_features)
    : name(std::move(objective_name)), features(std::move(its_features)) {
  if (std::ranges::count(features, nullptr) > 0)
    throw objective_error(name, "has a null pointer in the place of a feature");
}

std::vector<double> EFeatureObjective::calculate_feature_scores(const Responses& responses) const {
  std::vector<double> scores;
  for (const auto& feature : features) scores.push_back(feature->calculate_score(responses));
  return scores;
}

std::vector<std::optional<double>> EFeatureObjective::calculate_feature_values(const Responses& responses) const {
  std::vector<std::optional<double>> values;
  for (const auto& feature : features) values.push_back(feature->calculate_feature(responses));
  return values;
}

double EFeatureObjective::calculate_score(const Responses& responses) const {
  const evaluate::ObjectivesCalculator calculator({snapshot(0)}, features.size());
  return calculator.calculate_scores(calculate_feature_scores(responses))[0];
}

std::optional<double> EFeatureObjective::calculate_value(const Responses& /*responses*/) const {
  throw objective_error(name, fmt::format("is a {} of several features and has no value", short_class_name()));
}

SingletonObjective::SingletonObjective(std::string objective_name, SingletonObjectiveArguments given)
    : Described(std::move(objective_name), std::vector{std::move(given.feature)}) {}

evaluate::EFeatureObjective SingletonObjective::snapshot(std::size_t first_feature) const {
  return evaluate::SingletonObjective{.name = name, .feature = first_feature};
}

std::optional<double> SingletonObjective::calculate_value(const Responses& responses) const {
  return features.at(0)->calculate_feature(responses);
}

std::string SingletonObjective::to_string() const { return fmt::format("( {} )", text_of(features.at(0))); }

SingletonWeightObjective::SingletonWeightObjective(std::string objective_name, SingletonWeightObjectiveArguments given)
    : Described(std::move(objective_name), std::vector{std::move(given.feature)}), weight(given.weight) {}

evaluate::EFeatureObjective SingletonWeightObjective::snapshot(std::size_t first_feature) const {
  return evaluate::SingletonWeightObjective{.name = name, .feature = first_feature, .weight = weight};
}

std::optional<double> SingletonWeightObjective::calculate_value(const Responses& responses) const {
  return features.at(0)->calculate_feature(responses);
}

std::string SingletonWeightObjective::to_string() const {
  return fmt::format("( {} ), weight:{:f}", text_of(features.at(0)), weight);
}

MaxObjective::MaxObjective(std::string objective_name, MaxObjectiveArguments given)
    : Described(std::move(objective_name), std::move(given.features)) {
  if (features.empty()) throw objective_error(name, "has no features");
}

evaluate::EFeatureObjective MaxObjective::snapshot(std::size_t first_feature) const {
  return evaluate::MaxObjective{.name = name, .features = indices(first_feature, features.size())};
}

std::string MaxObjective::to_string() const { return fmt::format("max of {}", list_text(features)); }

WeightedSumObjective::WeightedSumObjective(std::string objective_name, WeightedSumObjectiveArguments given)
    : Described(std::move(objective_name), std::move(given.features)), weights(std::move(given.weights)) {
  if (features.size() != weights.size())
    throw objective_error(name, fmt::format("has {} features and {} weights", features.size(), weights.size()));
}

evaluate::EFeatureObjective WeightedSumObjective::snapshot(std::size_t first_feature) const {
  return evaluate::WeightedSumObjective{
      .name = name, .features = indices(first_feature, features.size()), .weights = weights};
}

std::string WeightedSumObjective::to_string() const { return fmt::format("weighted sum of {}", list_text(features)); }

}  // namespace cellwright::ephys
