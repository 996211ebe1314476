#pragma once
/// How a parameter's value depends on the place: BluePyOpt's scalers as values.

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/text/python_expression.hpp"

namespace cellwright::model {

/// multiplier * value + offset, everywhere the same.
struct NrnSegmentLinearScaler {
  double multiplier = 1.0;
  double offset = 0.0;
};

/// The value of a segment from its path distance to a place on soma[0].
struct NrnSegmentSomaDistanceScaler {
  /// The placeholders of `distribution`, in the order of evaluate(): path distance in um, the parameter's value, the
  /// values of the parameters that it depends on.
  static std::vector<std::string> placeholders(const std::vector<std::string>& param_dependencies = {});

  text::PythonExpression distribution;  ///< with placeholders()
  double soma_ref_location = 0.5;       ///< the origin's place on soma[0], 0 to 1
};

/// The same from a place on the first section whose name contains `ref_section`.
struct NrnSegmentSectionDistanceScaler {
  text::PythonExpression distribution;  ///< with NrnSegmentSomaDistanceScaler::placeholders()
  std::string ref_section = "soma[0]";
  double ref_location = 0.0;
};

/// NrnSegmentSomaDistanceScaler with two more placeholders, step_begin and step_end.
struct NrnSegmentSomaDistanceStepScaler {
  /// As above, then step_begin and step_end.
  static std::vector<std::string> placeholders(const std::vector<std::string>& param_dependencies = {});

  text::PythonExpression distribution;  ///< with placeholders()
  double soma_ref_location = 0.5;
  double step_begin_um = 0;
  double step_end_um = 0;
};

using ParameterScaler = std::variant<NrnSegmentLinearScaler, NrnSegmentSomaDistanceScaler,
                                     NrnSegmentSectionDistanceScaler, NrnSegmentSomaDistanceStepScaler>;

}  // namespace cellwright::model
