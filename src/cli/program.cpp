#include "cli/program.hpp"

#include <exception>
#include <new>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/version.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/interrupt.hpp"
#include "cli/usage.hpp"

namespace cellwright::cli {
namespace {

void add_commands(CLI::App& app, Program& program) {
  add_optimise_command(app, program);
  add_evaluate_command(app, program);
  add_simulate_command(app, program);
  add_report_command(app, program);
  add_verify_command(app, program);
  add_features_command(app, program);
  add_check_command(app, program);
  add_morphology_command(app, program);
  add_nmodl_command(app, program);
  add_export_command(app, program);
  add_slurm_command(app, program);
  add_schema_command(app, program);
  add_doctor_command(app, program);
}

/// Which exit status an error of the library means.
int status_of(const Error& error) {
  if (dynamic_cast<const InternalError*>(&error) != nullptr) return exit_status::bug;
  const bool is_input =
      dynamic_cast<const ConfigError*>(&error) != nullptr || dynamic_cast<const MorphologyError*>(&error) != nullptr ||
      dynamic_cast<const NmodlError*>(&error) != nullptr || dynamic_cast<const ModelError*>(&error) != nullptr ||
      dynamic_cast<const FeatureError*>(&error) != nullptr || dynamic_cast<const CheckpointError*>(&error) != nullptr;
  return is_input ? exit_status::bad_input : exit_status::failed;
}

int report_error(const Console& console, const Error& error) {
  console.diagnostics(error.diagnostics());
  return stop_requested() ? exit_status::interrupted : status_of(error);
}

int report_bug(const Console& console, const std::string& what) {
  return report_error(console, InternalError(fmt::format("unexpected error: {}", what)));
}

int run_command(Program& program) {
  const Console& console = program.console;
  program.console.set_verbosity(program.verbosity);
  try {
    const int status = program.command();
    console.finish();
    return status;
  } catch (const Error& error) {
    return report_error(console, error);
  } catch (const std::bad_alloc&) {
    console.diagnostic(
        {.code = "memory", .message = "not enough memory", .fix = "try fewer threads or a smaller population"});
    return exit_status::failed;
  } catch (const std::exception& error) {
    return report_bug(console, error.what());
  }
}

/// Help and version are CLI11 "errors" as well.
int parse_and_run(CLI::App& app, Program& program, int argc, char** argv) {
  if (const auto problem = find_unknown(app, program.arguments)) {
    program.console.usage_error(problem->message, problem->fix);
    return exit_status::usage;
  }
  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& success) {
    app.exit(success);
    return exit_status::success;
  } catch (const CLI::ParseError& error) {
    const UsageProblem problem = describe(error, app);
    program.console.usage_error(problem.message, problem.fix);
    return exit_status::usage;
  }
  return run_command(program);
}

}  // namespace

int run_program(int argc, char** argv) {
  Program program;
  program.arguments.assign(argv, argv + argc);
  CLI::App app("Fits biophysical neuron models to electrophysiology data.", "cellwright");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.set_help_flag("-h,--help", "Print this help");
  app.set_version_flag("--version", fmt::format("cellwright {}", version()), "Print the version");
  add_commands(app, program);
  return parse_and_run(app, program, argc, argv);
}

}  // namespace cellwright::cli
