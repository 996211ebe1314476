#pragma once
/// Runs a program to its end and collects what it prints. No shell is involved.

#include <filesystem>
#include <string>
#include <vector>

namespace cellwright::process {

struct ProgramResult {
  int exit_code = 0;   ///< 0 if it succeeded; 127 if it could not be started; 128 + n if signal n ended it
  std::string output;  ///< standard output and standard error, in the order of writing
};

/// @param command  program (a path, or a name to find on PATH) and its arguments. Standard input is /dev/null.
/// @param folder   its working folder; "" is the present one.
ProgramResult run_program(const std::vector<std::string>& command, const std::filesystem::path& folder = {});

}  // namespace cellwright::process
