#include "cli/problem_options.hpp"

namespace cellwright::cli {

run::Problem load_problem_for_command(const std::string& cell_file, const SimulatorOptions& options,
                                      const Console& console) {
  run::Problem problem = run::load_problem(cell_file);
  options.apply(problem.simulator);
  console.diagnostics(problem.warnings);
  return problem;
}

run::ExternalProblem load_external_for_command(const std::string& file, const SimulatorOptions& options) {
  run::ExternalProblem problem = run::load_external_problem(file);
  if (!options.engine.empty() || !options.step.empty() || !options.numeric.empty() || options.dt_ms || options.atol) {
    throw ConfigError(
        Diagnostic{.code = "config-problem-file",
                   .message = "--engine, --step, --dt, --atol and --numeric are for cell files: a problem file's "
                              "evaluator is a program of its own",
                   .span = {.file = file},
                   .fix = "leave them out"});
  }
  return problem;
}

void warn_about_threads(std::int64_t threads, const Console& console) {
  if (threads == 0) return;
  console.diagnostic({.severity = Severity::warning,
                      .code = "threads-without-effect",
                      .message = "--threads has no effect: 'workers' in the problem file tells how many processes "
                                 "evaluate at the same time"});
}

}  // namespace cellwright::cli
