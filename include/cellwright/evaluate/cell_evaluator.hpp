#pragma once
/// From parameter values to scores: simulate every protocol, extract the features, compare with the targets.

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/evaluate/efel_feature.hpp"
#include "cellwright/evaluate/objective.hpp"
#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace cellwright::evaluate {

/// A recording of one individual, in short.
struct ResponseSummary {
  bool failed = false;                ///< there is no response: the protocol failed, or the cell has no such place
  std::optional<std::size_t> spikes;  ///< eFEL's Spikecount at -20 mV; only of voltages
};

/// Everything about one individual.
struct IndividualEvaluation {
  std::vector<double> scores;                         ///< [n_objectives], see CellEvaluator::objectives()
  std::vector<double> feature_scores;                 ///< [n_features], without weights
  std::vector<std::optional<double>> feature_values;  ///< [n_features] mean of the feature's values
  std::vector<ResponseSummary> responses;             ///< [n_recordings], see recording_names()
  std::vector<std::string> protocol_errors;           ///< [n_protocols], "" where the protocol ran
  bool failed() const;                                ///< some protocol failed
};

/// Wall-clock seconds of a batch, summed over threads.
struct EvaluationSeconds {
  double simulate = 0;
  double features = 0;
  /// Where the variable steps of the native engine spent theirs; measured if there is a value on entry.
  std::optional<simulate::StepProfile> steps{};
};

/// What an evaluator may do otherwise than by default.
struct EvaluatorOptions {
  std::optional<ObjectivesCalculator> objectives;  ///< default: one per feature, in the order given
  bool use_params_for_seed = false;  ///< Random123's global index of each individual is seed_from_param_dict
};

/// BluePyOpt's CellEvaluator for a whole population.
class CellEvaluator final : public optimise::Evaluator {
 public:
  /// @param simulator  used here only.
  /// @param features   each names one of the protocols and one of its recordings. Free meta parameters that write to a
  ///   feature change it for the individual.
  /// @throws ConfigError "evaluate-feature" for a feature without its protocol or recording, FeatureError for an
  /// unknown
  ///   eFEL name, and whatever Simulator::prepare throws.
  CellEvaluator(const simulate::Simulator& simulator, const model::CellModel& cell,
                std::vector<model::SweepProtocol> protocols, std::vector<eFELFeature> features,
                std::shared_ptr<parallel::Executor> executor, EvaluatorOptions options = {});

  /// Scores of every row of `parameters`. Non-finite scores become the failed score and mark the row as failed.
  optimise::ObjectiveTable evaluate(TableView<const double> parameters) override;

  /// The same with everything that can be told about each individual.
  /// @param seconds  if given, the time spent is added to it.
  /// @param observer if given, sees the responses as well; lane = individual * n_protocols + protocol.
  std::vector<IndividualEvaluation> evaluate_in_detail(TableView<const double> parameters,
                                                       EvaluationSeconds* seconds = nullptr,
                                                       const simulate::ResponseSink& observer = {});

  const std::vector<eFELFeature>& features() const { return features_; }
  const ObjectivesCalculator& objectives_calculator() const { return calculator_; }
  const std::vector<model::SweepProtocol>& protocols() const { return protocols_; }
  std::vector<std::string> recording_names() const;
  const simulate::PreparedModel& prepared_model() const { return *prepared_; }
  parallel::Executor& executor() { return *executor_; }

 private:
  /// Features that share a trace, a window and settings: they share one TraceContext.
  struct TraceGroup;
  struct ProtocolPlan;
  class Batch;

  /// An attribute of a feature that a free meta parameter sets.
  struct VariedAttribute {
    std::size_t feature = 0;
    std::string name;
    std::size_t column = 0;  ///< of the parameters
  };

  void plan_features();
  void find_varied_attributes();
  void plan_feature(std::size_t feature, std::vector<ProtocolPlan>& plans);
  std::size_t find_recording(const std::string& name, const eFELFeature& feature) const;
  simulate::LaneBatch lane_batch(TableView<const double> parameters, const Batch& batch) const;

  model::CellModel cell_;
  std::vector<model::SweepProtocol> protocols_;
  std::vector<eFELFeature> features_;
  ObjectivesCalculator calculator_;
  bool use_params_for_seed_;
  std::vector<VariedAttribute> varied_;
  std::shared_ptr<parallel::Executor> executor_;
  std::unique_ptr<simulate::PreparedModel> prepared_;
  std::shared_ptr<const std::vector<ProtocolPlan>> plans_;  ///< [n_protocols]
};

}  // namespace cellwright::evaluate
