#pragma once
/// Reads a mod file's name of its mechanism, and nothing else of it.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::nmodl {

/// The SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL name in the NEURON block of NMODL text; "" if there is none (also for
/// SUFFIX nothing). Never fails: a wrong file that nobody wants must not be refused.
std::string scan_mechanism_name(std::string_view text);

struct ModFile {
  std::filesystem::path path;
  std::string text;
  std::string name;  ///< see scan_mechanism_name
};

/// All *.mod files of the folders (not below), folders in the given order, files by name.
/// @throws ConfigError "mechanism-folder" if a folder does not exist or cannot be listed.
std::vector<ModFile> scan_folders(const std::vector<std::filesystem::path>& folders);

}  // namespace cellwright::nmodl
