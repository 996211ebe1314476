#include "cellwright/ephys/objectives.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "ephys/text_of.hpp"

namespace cellwright::ephys {
namespace {

ConfigError objective_error(const std::string& name, const std::string& message) {
  return ConfigError(Diagnostic{.code = "ephys-objective", .message = fmt::format("objective '{}' {}", name, message)});
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
  return combine(calculate_feature_scores(responses));
}

std::optional<double> EFeatureObjective::calculate_value(const Responses& /*responses*/) const {
  throw objective_error(name, fmt::format("is a {} of several features and has no value", short_class_name()));
}

SingletonObjective::SingletonObjective(std::string objective_name, SingletonObjectiveArguments given)
    : Described(std::move(objective_name), std::vector{std::move(given.feature)}) {}

double SingletonObjective::combine(std::span<const double> feature_scores) const { return feature_scores[0]; }

std::optional<double> SingletonObjective::calculate_value(const Responses& responses) const {
  return features.at(0)->calculate_feature(responses);
}

std::string SingletonObjective::to_string() const { return fmt::format("( {} )", text_of(features.at(0))); }

SingletonWeightObjective::SingletonWeightObjective(std::string objective_name, SingletonWeightObjectiveArguments given)
    : Described(std::move(objective_name), std::vector{std::move(given.feature)}), weight(given.weight) {}

double SingletonWeightObjective::combine(std::span<const double> feature_scores) const {
  return feature_scores[0] * weight;
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

double MaxObjective::combine(std::span<const double> feature_scores) const {
  return *std::ranges::max_element(feature_scores);
}

std::string MaxObjective::to_string() const { return fmt::format("max of {}", list_text(features)); }

WeightedSumObjective::WeightedSumObjective(std::string objective_name, WeightedSumObjectiveArguments given)
    : Described(std::move(objective_name), std::move(given.features)), weights(std::move(given.weights)) {
  if (features.size() != weights.size())
    throw objective_error(name, fmt::format("has {} features and {} weights", features.size(), weights.size()));
}

double WeightedSumObjective::combine(std::span<const double> feature_scores) const {
  double sum = 0.0;
  for (std::size_t i = 0; i < feature_scores.size(); ++i) sum += weights.at(i) * feature_scores[i];
  return sum;
}

std::string WeightedSumObjective::to_string() const { return fmt::format("weighted sum of {}", list_text(features)); }

}  // namespace cellwright::ephys
