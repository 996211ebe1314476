#include "cellwright/evaluate/objective.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace cellwright::evaluate {
namespace {

struct Score {
  std::span<const double> scores;
  double operator()(const SingletonObjective& o) const { return scores[o.feature]; }
  double operator()(const SingletonWeightObjective& o) const { return scores[o.feature] * o.weight; }
  double operator()(const MaxObjective& o) const {
    double largest = scores[o.features.front()];
    for (const std::size_t feature : o.features) largest = std::max(largest, scores[feature]);
    return largest;
  }
  double operator()(const WeightedSumObjective& o) const {
    double sum = 0;
    for (std::size_t k = 0; k < o.features.size(); ++k) sum += o.weights[k] * scores[o.features[k]];
    return sum;
  }
};

ConfigError objective_error(const EFeatureObjective& objective, const std::string& message) {
  return ConfigError(
      Diagnostic{.code = "objective", .message = fmt::format("objective '{}' {}", objective_name(objective), message)});
}

}  // namespace

const std::string& objective_name(const EFeatureObjective& objective) {
  return std::visit([](const auto& o) -> const std::string& { return o.name; }, objective);
}

std::vector<std::size_t> features_of(const EFeatureObjective& objective) {
  return std::visit(
      [](const auto& o) -> std::vector<std::size_t> {
        if constexpr (requires { o.feature; }) {
          return {o.feature};
        } else {
          return o.features;
        }
      },
      objective);
}

bool is_group(const EFeatureObjective& objective) {
  return std::holds_alternative<MaxObjective>(objective) || std::holds_alternative<WeightedSumObjective>(objective);
}

ObjectivesCalculator::ObjectivesCalculator(std::vector<EFeatureObjective> objectives, std::size_t n_features)
    : objectives_(std::move(objectives)) {
  for (const EFeatureObjective& objective : objectives_) {
    const std::vector<std::size_t> features = features_of(objective);
    if (std::ranges::any_of(features, [&](std::size_t f) { return f >= n_features; }))
      throw objective_error(objective, "refers to a feature that does not exist");
    if (std::holds_alternative<MaxObjective>(objective) && features.empty())
      throw objective_error(objective, "has no features");
    const auto* sum = std::get_if<WeightedSumObjective>(&objective);
    if (sum != nullptr && sum->weights.size() != features.size())
      throw objective_error(objective,
                            fmt::format("has {} features and {} weights", features.size(), sum->weights.size()));
  }
}

ObjectivesCalculator ObjectivesCalculator::singletons(const std::vector<eFELFeature>& features) {
  ObjectivesCalculator result;
  for (std::size_t f = 0; f < features.size(); ++f) {
    if (features[f].weight == 1) {
      result.objectives_.emplace_back(SingletonObjective{features[f].name, f});
    } else {
      result.objectives_.emplace_back(SingletonWeightObjective{features[f].name, f, features[f].weight});
    }
  }
  return result;
}

std::vector<double> ObjectivesCalculator::calculate_scores(std::span<const double> feature_scores) const {
  std::vector<double> scores;
  for (const EFeatureObjective& objective : objectives_) scores.push_back(std::visit(Score{feature_scores}, objective));
  return scores;
}

std::vector<std::optional<double>> ObjectivesCalculator::calculate_values(
    std::span<const std::optional<double>> feature_values) const {
  std::vector<std::optional<double>> values;
  for (const EFeatureObjective& objective : objectives_) {
    if (is_group(objective)) throw objective_error(objective, "is made of several features and has no value");
    values.push_back(feature_values[features_of(objective).front()]);
  }
  return values;
}

}  // namespace cellwright::evaluate
