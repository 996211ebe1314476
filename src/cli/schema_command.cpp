#include <memory>

#include "cellwright/run/schema.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {

void add_schema_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("schema", "Print the JSON Schema of the cell file or problem file, for editors");
  const auto markdown = std::make_shared<bool>(false), problem = std::make_shared<bool>(false);
  command->add_flag("--problem", *problem, "The schema of the problem file (an evaluator of one's own)");
  command->add_flag("--markdown", *markdown, "Print the reference page of all keys instead");
  add_verbosity(*command, program.verbosity);
  command->callback([markdown, problem, &program] {
    program.command = [markdown, problem, &program] {
      program.console.print(*markdown  ? run::schema_markdown()
                            : *problem ? run::problem_json_schema()
                                       : run::json_schema());
      return exit_status::success;
    };
  });
}

}  // namespace cellwright::cli
