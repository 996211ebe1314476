#pragma once
/// The commands: each function adds one to the program. `command` is set to what runs it.

#include <functional>
#include <span>
#include <string>

#include <CLI/CLI.hpp>

#include "cli/console.hpp"

namespace cellwright::cli {

/// What commands share.
struct Program {
  Console console;
  Verbosity verbosity;
  std::vector<std::string> arguments;  ///< as given, the program's name first
  std::function<int()> command;        ///< of the chosen subcommand; returns the exit status
};

void add_optimise_command(CLI::App& app, Program& program);
void add_evaluate_command(CLI::App& app, Program& program);
void add_simulate_command(CLI::App& app, Program& program);
void add_verify_command(CLI::App& app, Program& program);
void add_features_command(CLI::App& app, Program& program);
void add_report_command(CLI::App& app, Program& program);
void add_check_command(CLI::App& app, Program& program);
void add_morphology_command(CLI::App& app, Program& program);
void add_nmodl_command(CLI::App& app, Program& program);
void add_export_command(CLI::App& app, Program& program);
void add_slurm_command(CLI::App& app, Program& program);
void add_schema_command(CLI::App& app, Program& program);
void add_doctor_command(CLI::App& app, Program& program);

}  // namespace cellwright::cli
