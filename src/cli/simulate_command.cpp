#include <memory>

#include <fmt/format.h>

#include "cellwright/run/params_file.hpp"
#include "cellwright/run/trace_output.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"

namespace cellwright::cli {
namespace {

struct SimulateOptions {
  std::string cell_file, params_file, out;
  std::optional<double> sample_ms;
  std::int64_t threads = 0;
  bool strict = false;
  SimulatorOptions simulator;
};

int simulate_command(const SimulateOptions& options, const Program& program) {
  const Console& console = program.console;
  const run::Problem problem = load_problem_for_command(options.cell_file, options.simulator, console);
  const run::ParameterSets parameters = run::load_params(options.params_file, problem.cell);
  if (parameters.values.rows() != 1) {
    throw ConfigError(
        Diagnostic{.code = "params-list",
                   .message = fmt::format("'simulate' takes one set of parameters, not {}", parameters.values.rows()),
                   .span = {.file = options.params_file},
                   .fix = "give {full name: value}"});
  }
  const run::SimulatedFiles files = run::simulate_to_files(
      problem, parameters.values.row(0), options.out, options.sample_ms, static_cast<std::size_t>(options.threads));
  for (const auto& path : files.written) {
    if (!console.quiet()) console.print(path.string() + "\n");
  }
  for (const auto& [protocol, reason] : files.failed) {
    console.diagnostic(
        {.severity = Severity::warning,
         .code = "protocol-failed",
         .message = fmt::format("protocol '{}' failed: {}; its recordings have no file", protocol, reason)});
  }
  for (const std::string& recording : files.without_place) {
    console.diagnostic({.severity = Severity::warning,
                        .code = "recording-without-place",
                        .message = fmt::format("the cell has no place for recording '{}'; it has no file", recording)});
  }
  const bool strict = options.strict || problem.evaluation.strict;
  const bool failed = !files.failed.empty() || !files.without_place.empty();
  return strict && failed ? exit_status::failed : exit_status::success;
}

}  // namespace

void add_simulate_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("simulate", "Write the recordings of every protocol as CSV files");
  const auto options = std::make_shared<SimulateOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file");
  command->add_option("--params", options->params_file, "Values of the free parameters: {full name: value}")
      ->type_name("PARAMS.json")
      ->required();
  command->add_option("--out", options->out, "Folder for <recording name>.csv: time (ms), voltage (mV)")
      ->type_name("DIR")
      ->required();
  add_number(*command, "--sample", options->sample_ms, above_zero, "MS",
             "Write a uniform grid of this step in ms; default: every step");
  add_threads(*command, options->threads);
  command->add_flag("--strict", options->strict, "Exit with status 1 if a protocol failed or a recording has no place");
  options->simulator.add_to(*command);
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return simulate_command(*options, program); }; });
}

}  // namespace cellwright::cli
