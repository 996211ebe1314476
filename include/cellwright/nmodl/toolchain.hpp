#pragma once
/// From generated C++ text to loaded mechanisms: the system compiler, a cache of its results, dlopen.

#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/nmodl/codegen.hpp"

namespace cellwright::nmodl {

/// How many lanes the code for a numeric mode has, of how many bytes each number in them is.
constexpr int lanes_of(NumericMode mode) {
  return mode == NumericMode::single ? 2 * CELLWRIGHT_LANES : CELLWRIGHT_LANES;
}
constexpr int real_bytes_of(NumericMode mode) { return mode == NumericMode::single ? 4 : 8; }

/// Where a mechanism's machine code came from.
enum class MechanismOrigin { builtin, cache, compiled };

/// A mechanism that is ready to run. `library` keeps its code loaded; it is null for a built-in.
struct LoadedMechanism {
  std::shared_ptr<const void> library;
  const cw_mechanism* descriptor = nullptr;
  MechanismOrigin origin = MechanismOrigin::builtin;
  std::filesystem::path source;  ///< the mod file; empty for a built-in
};

struct ToolchainSettings {
  /// Command of the C++ compiler, program first. Empty: $CELLWRIGHT_CXX, else $CXX, else c++, g++ or clang++ on PATH.
  std::vector<std::string> compiler;
  /// Folder of compiled mechanisms. Empty: $CELLWRIGHT_CACHE, else $XDG_CACHE_HOME/cellwright, else
  /// ~/.cache/cellwright.
  std::filesystem::path cache_folder;
  /// Compilers that run at the same time. 0: as many as the machine has hardware threads.
  int jobs = 0;
  /// Compiles `rates` and `currents` of cw_derivatives, too, which only tests of the derivatives call.
  bool derivatives = false;
};

/// One mechanism to build.
struct BuildRequest {
  std::string name;    ///< SUFFIX or POINT_PROCESS name
  std::string source;  ///< result of generate_cpp()
  std::string file;    ///< the mod file, for messages
};

/// Compiles (or takes from the cache) and loads mechanisms, in the order of the requests.
///
/// The cache key is the XXH3-128 of the generated text, the headers it includes, ABI and generator version, the
/// compiler's command and `--version`, the flags, the processor's features and the numeric mode. An entry is written
/// under a temporary name and renamed, carries its own checksum and is built anew when that does not match; several
/// processes may use one cache. A cache folder that cannot be written to is replaced by a private temporary folder.
/// @throws ToolchainError: "toolchain-missing" (no compiler), "toolchain-compile" (compiler refused the text),
///         "toolchain-load" (the result cannot be loaded), "toolchain-abi" (it does not fit this program).
std::vector<LoadedMechanism> build_mechanisms(std::span<const BuildRequest> requests, NumericMode mode,
                                              const ToolchainSettings& settings = {});

/// Checks that a descriptor fits this program and the mode: ABI version, lanes, size of a real number.
/// @throws ToolchainError "toolchain-abi".
void check_descriptor(const cw_mechanism* descriptor, NumericMode mode, const std::string& where);

}  // namespace cellwright::nmodl
