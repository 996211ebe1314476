#include <memory>

#include "cellwright/run/schema.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {

void add_schema_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("schema", "Print the JSON Schema of the cell file, for editors");
  const auto markdown = std::make_shared<bool>(false);
  command->add_flag("--markdown", *markdown, "Print the reference page of all keys instead");
  add_verbosity(*command, program.verbosity);
  command->callback([markdown, &program] {
    program.command = [markdown, &program] {
      program.console.print(*markdown ? run::schema_markdown() : run::json_schema());
      return exit_status::success;
    };
  });
}

}  // namespace cellwright::cli
