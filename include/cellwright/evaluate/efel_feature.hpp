#pragma once
/// A feature of a recording with its experimental target, and the score of a simulated value against it.

#include <limits>
#include <span>
#include <string>

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
  features::StimulusWindow window;
  features::Settings settings;  ///< eFEL settings, Threshold among them
  double exp_mean = 0;
  double exp_std = 1;            ///< > 0
  double max_score = 250;        ///< the score of a feature that cannot be computed
  bool force_max_score = false;  ///< cap every score at max_score
  double weight = 1;             ///< of its objective (BluePyOpt's SingletonWeightObjective)
  SourceSpan span;
};

/// BluePyOpt's score: (sum_i |v_i - exp_mean|) / exp_std / n, the mean absolute deviation in standard deviations.
/// @param values the feature's values; none gives max_score, as does a NaN result.
double calculate_score(const eFELFeature& feature, std::span<const double> values);

}  // namespace cellwright::evaluate
