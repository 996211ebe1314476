#include <algorithm>
#include <memory>

#include <fmt/format.h>

#include "cellwright/run/problem.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"
#include "cli/problem_options.hpp"

namespace cellwright::cli {
namespace {

struct CheckOptions {
  std::string cell_file;
  SimulatorOptions simulator;
};

/// The program is not started: it may take long or write files.
int check_external(const CheckOptions& options, const Console& console) {
  const run::ExternalProblem problem = load_external_for_command(options.cell_file, options.simulator);
  const std::size_t free = problem.free_count();
  if (!console.quiet()) {
    console.print(fmt::format("{}: no errors: {} free and {} frozen parameters, {} objectives, {} workers\n",
                              options.cell_file, free, problem.parameters.size() - free, problem.objectives.size(),
                              problem.workers));
  }
  console.detail(fmt::format("problem hash {}", problem.hash));
  return exit_status::success;
}

std::string counted(std::ptrdiff_t count, std::string_view what) {
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

/// All problems, and below them how many there are: a long list has scrolled away when it ends.
int report_problems(const std::string& file, const std::vector<Diagnostic>& problems, const Console& console) {
  console.diagnostics(problems);
  const auto errors = std::ranges::count(problems, Severity::error, &Diagnostic::severity);
  console.note(
      fmt::format("{}: {}, {}", file, counted(errors, "error"), counted(std::ssize(problems) - errors, "warning")));
  return exit_status::bad_input;
}

int check_command(const CheckOptions& options, const Program& program) {
  if (run::is_problem_file(options.cell_file)) return check_external(options, program.console);
  const Console& console = program.console;
  const run::ProblemCheck check = run::check_problem(
      options.cell_file, [&options](run::Problem& problem) { options.simulator.apply(problem.simulator); });
  if (check.has_errors()) return report_problems(options.cell_file, check.diagnostics, console);
  console.diagnostics(check.diagnostics);
  const run::Problem& problem = check.problem;
  const std::size_t free = problem.cell.free_parameters().size();
  if (!console.quiet()) {
    console.print(fmt::format("{}: no errors, {}: {} free and {} frozen parameters, {} protocols, {} features\n",
                              options.cell_file, counted(std::ssize(check.diagnostics), "warning"), free,
                              problem.cell.parameters.size() - free, problem.protocols.size(),
                              problem.features.size()));
  }
  console.detail(fmt::format("problem hash {}", problem.hash));
  return exit_status::success;
}

}  // namespace

void add_check_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("check", "Find everything that is wrong with a cell file, without running it");
  const auto options = std::make_shared<CheckOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file, or a problem file with an evaluator of its own");
  options->simulator.add_to(*command);
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return check_command(*options, program); }; });
}

}  // namespace cellwright::cli
