#pragma once
/// The cell as the user describes it: plain immutable values, no simulator.

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/model/hoc_template.hpp"
#include "cellwright/model/parameter.hpp"

namespace cellwright::model {

/// A morphology file and what is done to it on import (BluePyOpt's NrnFileMorphology).
struct NrnFileMorphology {
  std::filesystem::path morphology_path;
  bool do_replace_axon = false;
  std::optional<double> nseg_frequency_um = 40.0;  ///< nseg = 1 + 2*trunc(L/this); none: nseg stays 1
  SourceSpan span;
  double axon_stub_length_um = 60;     ///< of the axon that replaces the old one
  double axon_nseg_frequency_um = 40;  ///< of its two sections
  /// Functions that change the cell afterwards, in order: names of morphology/modifiers.hpp.
  std::vector<std::string> morph_modifiers;
  std::map<std::string, double> morph_modifiers_kwargs;  ///< arguments of each of them
  std::string replace_axon_hoc;                          ///< proc replace_axon() of an exported template; "": the rule
  std::vector<std::string> morph_modifiers_hoc;          ///< what the modifiers are there: further text after it
};

/// Inserts a mechanism into all sections of a list (BluePyOpt's NrnMODMechanism).
///
/// A suffix that contains "Stoch" is a stochastic one: its range variable `deterministic` becomes 1 or 0, and its
/// random stream gets in each segment the identifiers (CellModel::gid, hash_py("<section>.<x>")).
struct NrnMODMechanism {
  std::string suffix;
  NrnSeclistLocation location;
  SourceSpan span;
  bool deterministic = true;  ///< false: it draws random numbers; for stochastic mechanisms only

  bool stochastic() const { return suffix.find("Stoch") != std::string::npos; }
};

/// BluePyOpt's hash of a text: h = (31 h + character) mod (2^31 - 1), from 0; "soma[0].0.5" gives 1940962635.
std::uint32_t hash_py(std::string_view text);

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
  std::optional<HocTemplate> hoc;                            ///< the cell builds itself; what follows is added to it
  std::vector<std::filesystem::path> mechanism_directories;  ///< searched for *.mod, not below
  std::vector<NrnMODMechanism> mechanisms;
  std::vector<NrnMODPointProcessMechanism> point_processes;
  std::vector<ArtificialCell> artificial_cells;
  std::vector<NetCon> connections;  ///< in NEURON's order of creation, which decides between simultaneous events
  std::vector<PointerTarget> pointers;
  std::vector<RandomStream> random_streams;
  std::vector<NumberList> number_lists;
  std::uint32_t random123_globalindex = 0;
  std::uint32_t gid = 0;  ///< number of the cell: the first identifier of the streams of stochastic mechanisms
  /// The better reading where BluePyOpt's is odd (docs/decisions/0009-bluepyopt-oddities.md).
  bool corrected = false;
  std::vector<CellParameter> parameters;  ///< in order of assignment: later ones win

  /// The free parameters in file order: the order of the optimisation vector.
  std::vector<const CellParameter*> free_parameters() const;
  /// The meta parameter whose value an attribute has in the end: frozen ones write once, when they are made, free ones
  /// with each individual; the last one wins. nullptr if there is none.
  const CellParameter* meta_parameter(const MetaTarget& object, std::string_view attr_name) const;
  /// Its place in the optimisation vector; -1 for a frozen parameter.
  int column_of(const CellParameter& parameter) const;
};

}  // namespace cellwright::model
