#pragma once
/// Features of responses with their experimental targets, as `bluepyopt.ephys.efeatures`.

#include <optional>
#include <string>
#include <vector>

#include "cellwright/ephys/described.hpp"
#include "cellwright/ephys/responses.hpp"
#include "cellwright/evaluate/efel_feature.hpp"

namespace cellwright::ephys {

/// Base of all features.
class EFeature : public BaseEPhys {
 public:
  using BaseEPhys::BaseEPhys;
  /// The feature's value; none if it cannot be computed.
  virtual std::optional<double> calculate_feature(const Responses& responses) const = 0;
  /// How far it is from its target, in standard deviations.
  virtual double calculate_score(const Responses& responses, bool trace_check = false) const = 0;
};

struct eFELFeatureArguments {
  std::optional<std::string> efel_feature_name;
  /// eFEL's location label -> recording; "" is the main trace, on which the feature is computed. The others must only
  /// be there: no feature of eFEL 5.7 reads them.
  OrderedMap<std::string> recording_names;
  std::optional<double> stim_start;        ///< ms
  std::optional<double> stim_end;          ///< ms
  std::optional<double> exp_mean;          ///< target
  std::optional<double> exp_std;           ///< its standard deviation
  std::optional<double> threshold;         ///< mV; eFEL's Threshold
  std::optional<double> stimulus_current;  ///< nA
  std::optional<double> interp_step;       ///< ms
  OrderedMap<double> double_settings;      ///< further settings of eFEL by their names
  OrderedMap<int> int_settings;
  OrderedMap<std::string> string_settings;
  bool force_max_score = false;  ///< cap every score at max_score
  double max_score = 250;        ///< the score of a feature that cannot be computed
  static void fields(auto& self, auto&& visit) {
    visit("efel_feature_name", self.efel_feature_name);
    visit("recording_names", self.recording_names);
    visit("stim_start", self.stim_start);
    visit("stim_end", self.stim_end);
    visit("exp_mean", self.exp_mean);
    visit("exp_std", self.exp_std);
    visit("threshold", self.threshold);
    visit("stimulus_current", self.stimulus_current);
    visit("interp_step", self.interp_step);
    visit("double_settings", self.double_settings);
    visit("int_settings", self.int_settings);
    visit("string_settings", self.string_settings);
    visit("force_max_score", self.force_max_score);
    visit("max_score", self.max_score);
  }
};

/// A feature of eFEL. Its values are those of the layer `features`, its score that of evaluate::calculate_score.
class eFELFeature : public NamedRecord<eFELFeature, EFeature, eFELFeatureArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.efeatures.eFELFeature";
  using NamedRecord::NamedRecord;

  /// The mean of the feature's values; none without the responses, where the feature fails or has no values.
  /// @throws ConfigError "ephys-feature" without a main trace in recording_names, "ephys-argument", "feature-setting"
  ///   (an unknown setting of eFEL); FeatureError "feature-unknown" (an unknown feature of eFEL).
  std::optional<double> calculate_feature(const Responses& responses) const override;
  /// max_score without the responses, where the feature fails, has no values or gives NaN.
  /// @param trace_check a spike outside of the stimulus gives max_score too.
  /// @throws as calculate_feature(), and ConfigError "ephys-argument" without exp_mean or exp_std.
  double calculate_score(const Responses& responses, bool trace_check = false) const override;
  /// All values of the feature; none where there is no trace or the feature fails.
  std::vector<double> calculate_values(const Responses& responses) const;

  /// The feature as a value. Its protocol's name is left empty: recording_names tell the trace.
  /// @throws ConfigError as calculate_score().
  evaluate::eFELFeature snapshot() const;
  std::string to_string() const override;

 private:
  std::string main_recording() const;
  /// The main response, if all that are named are there.
  std::shared_ptr<TimeVoltageResponse> find_response(const Responses& responses) const;
  evaluate::eFELFeature snapshot_without_target() const;
  std::vector<double> values_of(const std::string& efel_name, const TimeVoltageResponse& response) const;
};

}  // namespace cellwright::ephys
