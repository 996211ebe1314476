#pragma once
/// Places on a cell.

#include <string>

#include "cellwright/base/error.hpp"

namespace cellwright::model {

/// The compartment at `comp_x` of section number `sec_index` of a section list (BluePyOpt's NrnSeclistCompLocation).
struct NrnSeclistCompLocation {
  std::string name;
  std::string seclist_name;  ///< a list (all, somatic, basal, apical, axonal, myelinated) or array (soma, dend, apic,
                             ///< axon, myelin)
  int sec_index = 0;         ///< from 0, in NEURON's import order
  double comp_x = 0.5;       ///< 0 to 1 along the section
  SourceSpan span;           ///< where the user wrote it
};

/// All sections of a section list (BluePyOpt's NrnSeclistLocation).
struct NrnSeclistLocation {
  std::string name;
  std::string seclist_name;
  SourceSpan span;
};

}  // namespace cellwright::model
