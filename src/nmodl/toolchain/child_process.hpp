#pragma once
/// Runs a program to its end and collects what it prints. No shell is involved.

#include <string>
#include <vector>

namespace cellwright::nmodl {

struct ChildResult {
  int exit_code = 0;   ///< 0 if it succeeded; 127 if it could not be started; 128 + n if signal n ended it
  std::string output;  ///< standard output and standard error, in the order of writing
};

/// @param command  program (a path, or a name to find on PATH) and its arguments. Standard input is /dev/null.
ChildResult run_child(const std::vector<std::string>& command);

}  // namespace cellwright::nmodl
