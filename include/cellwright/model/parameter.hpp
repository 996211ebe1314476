#pragma once
/// Parameters of a cell model: what is set, where, and whether it is free.

#include <array>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/location.hpp"
#include "cellwright/model/scaler.hpp"

namespace cellwright::model {

/// How a parameter is written into the cell (BluePyOpt's class names).
enum class ParameterKind {
  global,          ///< NrnGlobalParameter: celsius, v_init, or a GLOBAL of a mechanism (name_SUFFIX)
  section,         ///< NrnSectionParameter: Ra, cm, ena, ... of whole sections
  range,           ///< NrnRangeParameter: a range variable in every segment
  point_process,   ///< NrnPointProcessParameter: a variable of point processes
  meta,            ///< MetaParameter: an attribute of a scaler, a stimulus or a feature
  meta_list_equal  ///< NrnMetaListEqualParameter: the same value for several parameters
};

/// The scaler of a parameter: one of its `dist_param_names`, `step_begin`, `step_end`, `multiplier` or `offset`.
struct ScalerTarget {
  std::string parameter;  ///< full name
  bool operator==(const ScalerTarget&) const = default;
};
/// Stimulus number `stimulus` (from 0) of a protocol.
struct StimulusTarget {
  std::string protocol;
  std::size_t stimulus = 0;
  bool operator==(const StimulusTarget&) const = default;
};
/// A feature by its name, protocol.location.feature.
struct FeatureTarget {
  std::string feature;
  bool operator==(const FeatureTarget&) const = default;
};
/// What a MetaParameter writes to.
using MetaTarget = std::variant<ScalerTarget, StimulusTarget, FeatureTarget>;

/// One parameter. Frozen ones have `value`, free ones `bounds`; exactly one of the two is set (a sub-parameter takes
/// its value from the parameter that it belongs to and needs neither; its bounds then only limit the other's).
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
  std::vector<std::string> dist_param_names;    ///< placeholders of the scaler that meta parameters set
  std::optional<MetaTarget> object;             ///< meta: what it writes to
  std::string attr_name;                        ///< meta: the attribute that it sets
  std::vector<CellParameter> sub_parameters;    ///< meta_list_equal: written in this order, in place of this parameter

  bool frozen() const { return value.has_value(); }
};

}  // namespace cellwright::model
