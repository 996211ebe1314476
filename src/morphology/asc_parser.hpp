#pragma once
/// The grammar of Neurolucida ASC files.

#include <string>
#include <string_view>
#include <vector>

#include "morphology/import_section.hpp"

namespace cellwright::morphology {

/// Soma contours and tree branches in file order; a branch's parent is an index into `sections`, -1 at a tree's root.
struct AscContent {
  std::vector<ImportSection> sections;
  std::vector<bool> is_contour;  ///< per section
  std::vector<Diagnostic> warnings;
};

/// @throws MorphologyError at the first problem.
AscContent parse_asc(std::string_view text, const std::string& file_name);

}  // namespace cellwright::morphology
