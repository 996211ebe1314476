#pragma once
/// Objectives: how the scores of features become the numbers that are minimised. BluePyOpt's classes as values, with
/// features as indices into the evaluator's list.

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/evaluate/efel_feature.hpp"

namespace cellwright::evaluate {

/// The score of one feature.
struct SingletonObjective {
  std::string name;
  std::size_t feature = 0;
};

/// The score of one feature times a weight.
struct SingletonWeightObjective {
  std::string name;
  std::size_t feature = 0;
  double weight = 1;
};

/// The largest score of several features.
struct MaxObjective {
  std::string name;
  std::vector<std::size_t> features;  ///< at least one
};

/// The sum of weight times score over several features, from 0 on in order; the weights are not normalised.
struct WeightedSumObjective {
  std::string name;
  std::vector<std::size_t> features;
  std::vector<double> weights;  ///< one per feature
};

/// Any objective made of features.
using EFeatureObjective =
    std::variant<SingletonObjective, SingletonWeightObjective, MaxObjective, WeightedSumObjective>;

const std::string& objective_name(const EFeatureObjective& objective);
/// The features that an objective is made of, in its order.
std::vector<std::size_t> features_of(const EFeatureObjective& objective);

/// True for objectives made of any number of features.
bool is_group(const EFeatureObjective& objective);

/// All objectives of a problem (BluePyOpt's ObjectivesCalculator).
class ObjectivesCalculator {
 public:
  ObjectivesCalculator() = default;
  /// @param n_features  length of the list that the objectives point into.
  /// @throws ConfigError "objective" for an unknown feature, a MaxObjective without features, or weights that are not
  ///   as many as the features.
  ObjectivesCalculator(std::vector<EFeatureObjective> objectives, std::size_t n_features);

  /// One objective per feature, called as it: a SingletonWeightObjective where its weight is not 1.
  static ObjectivesCalculator singletons(const std::vector<eFELFeature>& features);

  const std::vector<EFeatureObjective>& objectives() const { return objectives_; }

  /// @param feature_scores [n_features], without weights.
  /// @returns [n_objectives] the scores.
  std::vector<double> calculate_scores(std::span<const double> feature_scores) const;

  /// @param feature_values [n_features], nothing where a feature has none.
  /// @returns [n_objectives] the value of the feature that a singleton stands for, without weight.
  /// @throws ConfigError "objective" for a group, which has no value.
  std::vector<std::optional<double>> calculate_values(std::span<const std::optional<double>> feature_values) const;

 private:
  std::vector<EFeatureObjective> objectives_;
};

}  // namespace cellwright::evaluate
