#pragma once
/// How a parameter's value depends on the place.

#include "cellwright/text/python_expression.hpp"

namespace cellwright::model {

/// The value of a segment from its path distance to the soma (BluePyOpt's class of the same name).
struct NrnSegmentSomaDistanceScaler {
  /// The placeholders of `distribution`, in the order of evaluate(): path distance in um, the parameter's value.
  static std::vector<std::string> placeholders() { return {"distance", "value"}; }

  text::PythonExpression distribution;  ///< with placeholders()
  double soma_ref_location = 0.5;       ///< the origin's place on soma[0], 0 to 1
};

}  // namespace cellwright::model
