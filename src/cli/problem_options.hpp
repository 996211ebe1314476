#pragma once
/// Loading a cell file for a command.

#include "cellwright/run/external_problem.hpp"
#include "cellwright/run/problem.hpp"
#include "cli/console.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {

/// Loads the cell file, applies the options and prints the warnings.
run::Problem load_problem_for_command(const std::string& cell_file, const SimulatorOptions& options,
                                      const Console& console);

/// Loads a problem file with an evaluator of the user's own.
/// @throws ConfigError "config-problem-file" if a simulator's option is given: there is no simulator.
run::ExternalProblem load_external_for_command(const std::string& file, const SimulatorOptions& options);
/// Warns that --threads has no effect if it is given.
void warn_about_threads(std::int64_t threads, const Console& console);

}  // namespace cellwright::cli
