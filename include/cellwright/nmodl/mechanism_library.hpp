#pragma once
/// Finds the mechanisms that a model wants: built-ins, and mod files in folders; compiles what is needed.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cellwright/nmodl/toolchain.hpp"

namespace cellwright::nmodl {

/// A mechanism that exists without a compiler: `pas`, `hh`.
/// @returns its descriptor for this processor, or nullptr if there is none of that name.
const cw_mechanism* find_builtin_mechanism(const std::string& name, NumericMode mode);
/// Names of all built-in mechanisms, in alphabetical order.
std::vector<std::string> builtin_mechanism_names();

struct MechanismLibrarySettings {
  std::vector<std::filesystem::path> directories;  ///< searched for *.mod, not below
  NumericMode numeric = NumericMode::fast;
  ToolchainSettings toolchain;
};

/// The loaded mechanisms of a model. Immutable; copies share the code.
class MechanismLibrary {
 public:
  MechanismLibrary() = default;
  /// Loads the mechanisms named in `wanted` (SUFFIX or POINT_PROCESS names; repetitions count once).
  ///
  /// Mod files that nobody wants are neither compiled nor refused: only their NEURON block is looked at.
  /// @throws ConfigError "mechanism-folder" (a folder does not exist);
  ///         ModelError "mechanism-unknown" (no file has the name), "mechanism-duplicate" (two files, or a file and a
  ///         built-in, have it); NmodlError (all wrong files together); ToolchainError.
  MechanismLibrary(const MechanismLibrarySettings& settings, const std::vector<std::string>& wanted);

  /// The same, but mechanisms that are unknown, there twice or wrong are left out and told by problems().
  /// @throws ConfigError "mechanism-folder"; ToolchainError.
  static MechanismLibrary of_what_can_be_loaded(const MechanismLibrarySettings& settings,
                                                const std::vector<std::string>& wanted);

  /// The mechanism or nullptr if it was not wanted.
  const LoadedMechanism* find(const std::string& name) const;
  /// @throws InternalError if it was not wanted.
  const LoadedMechanism& at(const std::string& name) const;
  /// By name, in alphabetical order.
  const std::map<std::string, LoadedMechanism>& mechanisms() const { return mechanisms_; }
  /// Why wanted mechanisms are not there, by name.
  const std::map<std::string, std::vector<Diagnostic>>& problems() const { return problems_; }
  /// Warnings of the NMODL compiler.
  const std::vector<Diagnostic>& warnings() const { return warnings_; }

 private:
  void load(const MechanismLibrarySettings& settings, const std::vector<std::string>& wanted);

  std::map<std::string, LoadedMechanism> mechanisms_;
  std::map<std::string, std::vector<Diagnostic>> problems_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace cellwright::nmodl
