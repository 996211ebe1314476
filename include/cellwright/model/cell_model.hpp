#pragma once
/// The cell as the user describes it: plain immutable values, no simulator.

#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/parameter.hpp"

namespace cellwright::model {

/// A morphology file and what is done to it on import (BluePyOpt's NrnFileMorphology).
struct NrnFileMorphology {
  std::filesystem::path morphology_path;
  bool do_replace_axon = false;
  std::optional<double> nseg_frequency_um = 40.0;  ///< nseg = 1 + 2*trunc(L/this); none: nseg stays 1
  SourceSpan span;
};

/// Inserts a mechanism into all sections of a list (BluePyOpt's NrnMODMechanism).
struct NrnMODMechanism {
  std::string suffix;
  NrnSeclistLocation location;
  SourceSpan span;
};

/// A point process at each of the locations (BluePyOpt's NrnMODPointProcessMechanism).
struct NrnMODPointProcessMechanism {
  std::string name;  ///< unique among point processes and artificial cells
  std::string suffix;
  std::vector<CompLocation> locations;
  SourceSpan span;
};

/// An ARTIFICIAL_CELL, such as a NetStim that all protocols share (a protocol's own are NrnNetStimStimulus).
struct ArtificialCell {
  std::string name;
  std::string suffix;
  SourceSpan span;
};

/// Sends an event when v at a place rises above the threshold (found at the start of a step).
struct ThresholdSource {
  CompLocation location;
  double threshold_mv = 10;
};

/// Sends the events of a point process or artificial cell (its net_event).
struct EventSource {
  std::string name;
};

/// Carries events to every point process of a name, or to an artificial cell (NEURON's NetCon).
struct NetCon {
  std::variant<ThresholdSource, EventSource> source;
  std::string target;
  std::vector<double> weight;  ///< the first arguments of NET_RECEIVE; the others start at 0
  double delay_ms = 1;
  SourceSpan span;
};

/// What a POINTER of a point process refers to.
struct PointerTarget {
  std::string owner;    ///< the point process that has the pointer
  std::string pointer;  ///< the POINTER's name
  RecordingLocation location;
  std::string variable = "v";  ///< a range variable of the location
  SourceSpan span;
};

/// A list of numbers for a point process or artificial cell, such as the event times of a VecStim.
struct NumberList {
  std::string owner;
  std::string variable;  ///< the variable of the mod file that stands for the list
  std::vector<double> values;
  SourceSpan span;
};

/// The identifiers of a random stream of a point process or artificial cell (Random123).
struct RandomStream {
  std::string owner;
  std::string variable;  ///< the RANDOM (or BBCOREPOINTER) variable
  std::array<std::uint32_t, 3> ids{};
  std::uint32_t sequence = 0;
  SourceSpan span;
};

/// BluePyOpt's CellModel as a value.
struct CellModel {
  std::string name;
  NrnFileMorphology morphology;
  std::vector<std::filesystem::path> mechanism_directories;  ///< searched for *.mod, not below
  std::vector<NrnMODMechanism> mechanisms;
  std::vector<NrnMODPointProcessMechanism> point_processes;
  std::vector<ArtificialCell> artificial_cells;
  std::vector<NetCon> connections;  ///< in NEURON's order of creation, which decides between simultaneous events
  std::vector<PointerTarget> pointers;
  std::vector<RandomStream> random_streams;
  std::vector<NumberList> number_lists;
  std::uint32_t random123_globalindex = 0;
  std::vector<CellParameter> parameters;  ///< in order of assignment: later ones win

  /// The free parameters in file order: the order of the optimisation vector.
  std::vector<const CellParameter*> free_parameters() const;
};

}  // namespace cellwright::model
