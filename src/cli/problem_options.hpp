#pragma once
/// Loading a cell file for a command.

#include "cellwright/run/problem.hpp"
#include "cli/console.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {

/// Loads the cell file, applies the options and prints the warnings.
run::Problem load_problem_for_command(const std::string& cell_file, const SimulatorOptions& options,
                                      const Console& console);

}  // namespace cellwright::cli
