#pragma once
/// Parameters of a cell model: what is set, where, and whether it is free.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/location.hpp"
#include "cellwright/model/scaler.hpp"

namespace cellwright::model {

/// How a parameter is written into the cell (BluePyOpt's class names).
enum class ParameterKind {
  global,        ///< NrnGlobalParameter: celsius, v_init, or a GLOBAL of a mechanism (name_SUFFIX)
  section,       ///< NrnSectionParameter: Ra, cm, ena, ... of whole sections
  range,         ///< NrnRangeParameter: a range variable in every segment
  point_process  ///< NrnPointProcessParameter: a variable of point processes
};

/// One parameter. Frozen ones have `value`, free ones `bounds`; exactly one of the two is set.
struct CellParameter {
  std::string name;        ///< full name, unique: "gnabar_hh.somatic"
  std::string param_name;  ///< NEURON's variable: "gnabar_hh"
  ParameterKind kind = ParameterKind::range;
  std::vector<ParameterLocation> locations;  ///< empty for a global
  std::optional<double> value;
  std::optional<std::array<double, 2>> bounds;
  std::optional<ParameterScaler> value_scaler;  ///< none: the value itself everywhere
  SourceSpan span;
  std::vector<std::string> param_dependencies;  ///< full names of parameters whose values the scaler reads

  bool frozen() const { return value.has_value(); }
};

}  // namespace cellwright::model
