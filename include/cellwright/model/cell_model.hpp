#pragma once
/// The cell as the user describes it: plain immutable values, no simulator.

#include <filesystem>
#include <optional>
#include <string>
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

/// BluePyOpt's CellModel as a value.
struct CellModel {
  std::string name;
  NrnFileMorphology morphology;
  std::vector<std::filesystem::path> mechanism_directories;  ///< searched for *.mod, not below
  std::vector<NrnMODMechanism> mechanisms;
  std::vector<CellParameter> parameters;  ///< in order of assignment: later ones win

  /// The free parameters in file order: the order of the optimisation vector.
  std::vector<const CellParameter*> free_parameters() const;
};

}  // namespace cellwright::model
