#pragma once
/// Cells as hoc templates, as `bluepyopt.ephys.create_hoc`. The text is that of hoc::create_hoc.

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::ephys {

/// What a hoc template cannot say.
struct CreateHocException : ModelError {
  using ModelError::ModelError;
};

/// The arguments of CellModel::create_hoc.
struct CreateHocArguments {
  std::vector<std::string> ignored_globals;  ///< param_name of global parameters that are only named in a comment
  std::optional<std::filesystem::path> hoc_template;  ///< a file with hoc::default_template's placeholders; none: that
  bool disable_banner = false;                        ///< no comment with the program's name at the beginning
};

}  // namespace cellwright::ephys
