#pragma once
/// What is minimised, made of features, as `bluepyopt.ephys.objectives`.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/described.hpp"
#include "cellwright/ephys/efeatures.hpp"
#include "cellwright/ephys/responses.hpp"
#include "cellwright/evaluate/objective.hpp"

namespace cellwright::ephys {

/// Base of the objectives that are made of features.
class EFeatureObjective : public DictMixin {
 public:
  /// @throws ConfigError "ephys-objective" if one of the features is a null pointer.
  EFeatureObjective(std::string name, std::vector<std::shared_ptr<EFeature>> features);
  /// The scores of the features, in order.
  std::vector<double> calculate_feature_scores(const Responses& responses) const;
  /// The values of the features, in order; none for one that cannot be computed.
  std::vector<std::optional<double>> calculate_feature_values(const Responses& responses) const;
  /// The score that follows from those of the features.
  virtual double calculate_score(const Responses& responses) const;
  /// The objective as a value. @param first_feature index of its first feature; the others follow.
  virtual evaluate::EFeatureObjective snapshot(std::size_t first_feature) const = 0;
  /// @throws ConfigError "ephys-objective" for an objective of several features, which has no value.
  virtual std::optional<double> calculate_value(const Responses& responses) const;
  virtual std::string to_string() const = 0;

  std::string name;
  std::vector<std::shared_ptr<EFeature>> features;
};

struct SingletonObjectiveArguments {
  std::shared_ptr<EFeature> feature;
  static void fields(auto& self, auto&& visit) { visit("feature", self.feature); }
};
/// The score of one feature.
class SingletonObjective : public Described<SingletonObjective, EFeatureObjective, SingletonObjectiveArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.objectives.SingletonObjective";
  /// @throws ConfigError "ephys-objective" without a feature.
  SingletonObjective(std::string name, SingletonObjectiveArguments arguments);
  SingletonObjectiveArguments arguments() const { return {.feature = features.at(0)}; }
  evaluate::EFeatureObjective snapshot(std::size_t first_feature) const override;
  /// The feature's value.
  std::optional<double> calculate_value(const Responses& responses) const override;
  std::string to_string() const override;
};

struct SingletonWeightObjectiveArguments {
  std::shared_ptr<EFeature> feature;
  double weight = 1;
  static void fields(auto& self, auto&& visit) {
    visit("feature", self.feature);
    visit("weight", self.weight);
  }
};
/// The score of one feature times a weight.
class SingletonWeightObjective
    : public Described<SingletonWeightObjective, EFeatureObjective, SingletonWeightObjectiveArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.objectives.SingletonWeightObjective";
  /// @throws ConfigError "ephys-objective" without a feature.
  SingletonWeightObjective(std::string name, SingletonWeightObjectiveArguments arguments);
  SingletonWeightObjectiveArguments arguments() const { return {.feature = features.at(0), .weight = weight}; }
  evaluate::EFeatureObjective snapshot(std::size_t first_feature) const override;
  /// The feature's value, without the weight.
  std::optional<double> calculate_value(const Responses& responses) const override;
  std::string to_string() const override;

  double weight;
};

struct MaxObjectiveArguments {
  std::vector<std::shared_ptr<EFeature>> features;
  static void fields(auto& self, auto&& visit) { visit("features", self.features); }
};
/// The largest score of several features.
class MaxObjective : public Described<MaxObjective, EFeatureObjective, MaxObjectiveArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.objectives.MaxObjective";
  /// @throws ConfigError "ephys-objective" without features.
  MaxObjective(std::string name, MaxObjectiveArguments arguments);
  MaxObjectiveArguments arguments() const { return {.features = features}; }
  evaluate::EFeatureObjective snapshot(std::size_t first_feature) const override;
  std::string to_string() const override;
};

struct WeightedSumObjectiveArguments {
  std::vector<std::shared_ptr<EFeature>> features;
  std::vector<double> weights;
  static void fields(auto& self, auto&& visit) {
    visit("features", self.features);
    visit("weights", self.weights);
  }
};
/// The sum of weight times score over several features, from 0.0 on in order.
class WeightedSumObjective : public Described<WeightedSumObjective, EFeatureObjective, WeightedSumObjectiveArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.objectives.WeightedSumObjective";
  /// @throws ConfigError "ephys-objective" if there are not as many weights as features.
  WeightedSumObjective(std::string name, WeightedSumObjectiveArguments arguments);
  WeightedSumObjectiveArguments arguments() const { return {.features = features, .weights = weights}; }
  evaluate::EFeatureObjective snapshot(std::size_t first_feature) const override;
  std::string to_string() const override;

  std::vector<double> weights;
};

}  // namespace cellwright::ephys
