#include "cli/problem_options.hpp"

namespace cellwright::cli {

run::Problem load_problem_for_command(const std::string& cell_file, const SimulatorOptions& options,
                                      const Console& console) {
  run::Problem problem = run::load_problem(cell_file);
  options.apply(problem.simulator);
  console.diagnostics(problem.warnings);
  return problem;
}

}  // namespace cellwright::cli
