#pragma once
/// Mod files compiled for NEURON, in the cache of compiled mechanisms.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/simulate/neuron_simulator.hpp"

namespace cellwright::simulate::neuron {

struct MechanismRequest {
  std::vector<std::filesystem::path> directories;  ///< searched for *.mod, not below
  std::vector<std::string>
      names;         ///< SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL; those that no file has are NEURON's own
  bool all = false;  ///< every file of the directories, whatever its name
  std::vector<std::string> silenced;  ///< those of `names` that are told to be deterministic
};

struct BuiltMechanisms {
  std::filesystem::path library;  ///< what NEURON loads; "" if no file is needed
  /// Whether a mod file may draw random numbers by itself: what it draws depends on what was drawn before in the same
  /// process. Mechanisms that are told to be deterministic are left out unless `all`.
  bool draws_random_numbers = false;
};

/// The mechanisms compiled by nrnivmodl, unless the cache has them.
///
/// The key is the content of the mod files and of what they may INCLUDE beside them, their names, and NEURON's version
/// and place. A library is built in a folder of its own and renamed, so that processes can do so at the same time.
/// @throws ToolchainError "neuron-nrnivmodl", "neuron-cache"; ConfigError as nmodl::scan_folders.
BuiltMechanisms build_mechanisms(const MechanismRequest& request, const NeuronInstallation& neuron,
                                 const std::filesystem::path& cache_folder);

/// Whether the text of a mod file draws random numbers: NMODL's scop_random, exprand, normrand, poisrand, the streams
/// of NEURON and those of C, or RANDOM. A word in a comment counts too: that costs time, never a result.
bool draws_random_numbers(std::string_view mod_text);

}  // namespace cellwright::simulate::neuron
