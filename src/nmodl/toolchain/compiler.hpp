#pragma once
/// The system's C++ compiler: which one, what it calls itself, with which flags it is run.

#include <filesystem>
#include <string>
#include <vector>

#include "cellwright/nmodl/codegen.hpp"

namespace cellwright::nmodl {

struct Compiler {
  std::vector<std::string> command;  ///< program (absolute path) and fixed arguments
  std::string version;               ///< what `--version` prints
};

/// Looks for the compiler of ToolchainSettings::compiler. @throws ToolchainError "toolchain-missing".
std::vector<std::string> find_compiler(const std::vector<std::string>& wanted);

/// Asks the compiler for its version, or takes the answer from `memory_folder`, where it is kept under the compiler's
/// path, size and time of change: starting a compiler costs more than all the rest of a cache hit.
/// @throws ToolchainError "toolchain-missing" if it does not answer.
Compiler identify_compiler(std::vector<std::string> command, const std::filesystem::path& memory_folder);

/// Flags for a shared object of generated code in a numeric mode, without -I, -o and the file.
/// @param derivatives  see ToolchainSettings.
std::vector<std::string> compile_flags(NumericMode mode, bool derivatives);

/// The processor's features, which decide what -march=native means.
std::string processor_identity();

}  // namespace cellwright::nmodl
