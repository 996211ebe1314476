#pragma once
/// A feature of a recording with its experimental target, and the score of a simulated value against it.

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/features/settings.hpp"
#include "cellwright/features/trace.hpp"

namespace cellwright::evaluate {

/// One eFEL feature of one recording of one protocol (BluePyOpt's class of the same name).
struct eFELFeature {
  std::string name;               ///< protocol.location.feature
  std::string efel_feature_name;  ///< for example "AP_height"
  std::string protocol_name;
  std::string recording_name;  ///< the main trace; a recording of that protocol
  /// Traces that must be there besides: (eFEL's location label, recording of any protocol). Where one has no response
  /// there is no feature. No feature of eFEL 5.7 reads them.
  std::vector<std::pair<std::string, std::string>> further_recordings{};
  features::StimulusWindow window;
  features::Settings settings;  ///< eFEL settings, Threshold among them
  double exp_mean = 0;
  double exp_std = 1;              ///< > 0
  double max_score = 250;          ///< the score of a feature that cannot be computed
  bool force_max_score = false;    ///< cap every score at max_score
  double weight = 1;               ///< of its objective (BluePyOpt's SingletonWeightObjective)
  bool deviation_of_mean = false;  ///< score the mean of the values, as BluePyOpt's documentation says, not each value
  SourceSpan span;
};

/// The numbers of a feature that a meta parameter may set, by BluePyOpt's argument names ("exp_mean", "threshold").
std::vector<std::string> feature_attribute_names();
/// Sets one of feature_attribute_names(). @throws InternalError for another name.
void set_attribute(eFELFeature& feature, std::string_view attr_name, double value);

/// BluePyOpt's score: (sum_i |v_i - exp_mean|) / exp_std / n, the mean absolute deviation in standard deviations. With
/// `deviation_of_mean` it is |sum_i v_i / n - exp_mean| / exp_std.
/// @param values the feature's values; none gives max_score, as does a NaN result.
double calculate_score(const eFELFeature& feature, std::span<const double> values);

}  // namespace cellwright::evaluate
