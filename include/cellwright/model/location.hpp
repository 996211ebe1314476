#pragma once
/// Places on a cell: BluePyOpt's location classes as values. What each one resolves to is said at
/// compile::compile_model.

#include <array>
#include <optional>
#include <string>
#include <variant>

#include "cellwright/base/error.hpp"

namespace cellwright::model {

/// The compartment at `comp_x` of section number `sec_index` of a section list.
struct NrnSeclistCompLocation {
  std::string name;
  std::string seclist_name;  ///< a list (all, somatic, basal, apical, axonal, myelinated) or array (soma, dend, apic,
                             ///< axon, myelin)
  int sec_index = 0;         ///< from 0, in NEURON's import order
  double comp_x = 0.5;       ///< 0 to 1 along the section
  SourceSpan span;           ///< where the user wrote it
};

/// The compartment at `comp_x` of the section called `sec_name`, such as "apic[3]".
struct NrnSectionCompLocation {
  std::string name;
  std::string sec_name;
  double comp_x = 0.5;
  SourceSpan span;
};

/// The compartment at a path distance from soma[0](0.5). Of several sections of the list that reach over that distance
/// the last in list order is taken, as BluePyOpt does.
struct NrnSomaDistanceCompLocation {
  std::string name;
  double soma_distance_um = 0;
  std::string seclist_name;
  SourceSpan span;
};

/// The same, but only on the way from soma[0] to section number `sec_index` of the list (soma[0] left out); where two
/// sections meet the one nearer to the soma is taken.
struct NrnSecSomaDistanceCompLocation {
  std::string name;
  double soma_distance_um = 0;
  int sec_index = 0;
  std::string seclist_name;
  SourceSpan span;
};

/// Which way a trunk goes: radially, or along a vector.
struct RadialDirection {};
using TrunkDirection = std::variant<std::array<double, 3>, RadialDirection>;

/// The same, on the way to the section of the list whose last 3-d point lies farthest in a direction: the largest dot
/// product of its coordinates with a vector (default: along y), or radially the largest distance from the coordinates'
/// origin. The first of equal ones. `sec_index` overrules that search.
struct NrnTrunkSomaDistanceCompLocation {
  std::string name;
  double soma_distance_um = 0;
  std::optional<int> sec_index;
  std::string seclist_name;
  TrunkDirection direction = std::array{0.0, 1.0, 0.0};
  SourceSpan span;
};

/// The point processes that a NrnMODPointProcessMechanism made; `pprocess_mech` is its name.
struct NrnPointProcessLocation {
  std::string name;
  std::string pprocess_mech;
  SourceSpan span;
};

/// All sections of a section list.
struct NrnSeclistLocation {
  std::string name;
  std::string seclist_name;
  SourceSpan span;
};

/// Section number `sec_index` of a section list.
struct NrnSeclistSecLocation {
  std::string name;
  std::string seclist_name;
  int sec_index = 0;
  SourceSpan span;
};

/// A single compartment.
using CompLocation = std::variant<NrnSeclistCompLocation, NrnSectionCompLocation, NrnSomaDistanceCompLocation,
                                  NrnSecSomaDistanceCompLocation, NrnTrunkSomaDistanceCompLocation>;
/// Where a recording can be made: a compartment, or the first point process of a mechanism.
using RecordingLocation =
    std::variant<NrnSeclistCompLocation, NrnSectionCompLocation, NrnSomaDistanceCompLocation,
                 NrnSecSomaDistanceCompLocation, NrnTrunkSomaDistanceCompLocation, NrnPointProcessLocation>;
/// What a parameter can be set on: sections, or for ParameterKind::point_process point processes.
using ParameterLocation = std::variant<NrnSeclistLocation, NrnSeclistSecLocation, NrnPointProcessLocation>;

/// The same compartment as a place to record at.
RecordingLocation to_recording_location(const CompLocation& location);

template <class Location>
const std::string& location_name(const Location& location) {
  return std::visit([](const auto& l) -> const std::string& { return l.name; }, location);
}
template <class Location>
const SourceSpan& location_span(const Location& location) {
  return std::visit([](const auto& l) -> const SourceSpan& { return l.span; }, location);
}

}  // namespace cellwright::model
