#pragma once
/// Functions with names that change a cell after its import (BluePyOpt's morph_modifiers).

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "cellwright/morphology/morphology.hpp"

namespace cellwright::morphology {

/// Numbers by name (BluePyOpt's morph_modifiers_kwargs): all modifiers of a cell get the same ones.
using ModifierArguments = std::map<std::string, double>;

struct Modifier {
  /// A changed copy of a cell. It is called by several threads at once, and must depend on its arguments alone.
  std::function<Morphology(const Morphology&, const ModifierArguments&)> change;
  std::vector<std::string> argument_names;  ///< those that it takes
};

/// Makes a modifier known to this process by a name, for cell files and NrnFileMorphology alike. A name keeps its
/// meaning: it cannot be given twice. "replace_axon" (BluePyOpt's only one) is known from the start; it takes
/// axon_stub_length (60 um) and axon_nseg_frequency (40 um).
/// @throws MorphologyError "morphology-modifier" for an empty name or one that is known, and without a function.
void add_modifier(const std::string& name, Modifier modifier);

/// All that are known, sorted.
std::vector<std::string> modifier_names();

/// @throws MorphologyError "morphology-modifier" if the name is unknown (with the nearest one) or it does not take one
///   of the arguments.
void check_modifier(const std::string& name, const ModifierArguments& arguments);

/// What the modifier makes of the cell.
/// @throws MorphologyError as check_modifier(), and what the modifier throws.
Morphology modify(const Morphology& cell, const std::string& name, const ModifierArguments& arguments = {});

}  // namespace cellwright::morphology
