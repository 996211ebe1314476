#include <memory>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/hoc/create_hoc.hpp"
#include "cellwright/run/params_file.hpp"
#include "cellwright/run/problem.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

struct ExportHocOptions {
  std::string cell_file, params_file, template_file, out;
  std::vector<std::string> ignored_globals;
  bool no_banner = false;
};

hoc::HocSettings hoc_settings(const ExportHocOptions& options) {
  hoc::HocSettings settings{.ignored_globals = options.ignored_globals, .banner = !options.no_banner};
  if (options.template_file.empty()) return settings;
  settings.template_file = options.template_file;
  settings.template_text = read_file(options.template_file);
  return settings;
}

int export_hoc(const ExportHocOptions& options, const Console& console) {
  const run::Problem problem = run::load_problem(options.cell_file);
  console.diagnostics(problem.warnings);
  const run::ParameterSets parameters = run::load_params(options.params_file, problem.cell);
  if (parameters.is_list) {
    throw ConfigError(Diagnostic{.code = "params-list",
                                 .message = "'export hoc' takes one set of parameters, not a list",
                                 .span = {.file = options.params_file},
                                 .fix = "give {full name: value}"});
  }
  std::vector<hoc::NamedValue> values;
  for (const auto& [name, value] : parameters.given.front()) values.push_back({name, value});
  const std::string text = hoc::create_hoc(problem.cell, values, hoc_settings(options));
  if (options.out.empty()) {
    console.print(text);
  } else {
    write_file_atomically(options.out, text);
  }
  return exit_status::success;
}

}  // namespace

void add_export_command(CLI::App& app, Program& program) {
  CLI::App* exports = app.add_subcommand("export", "Write a cell with its parameters for another program");
  exports->require_subcommand(1);
  CLI::App* command = exports->add_subcommand("hoc", "Write a hoc template that NEURON loads");
  const auto options = std::make_shared<ExportHocOptions>();
  add_file(*command, "CELL.json", options->cell_file, "The cell file");
  command->add_option("--params", options->params_file, "Values of the free parameters: {full name: value}")
      ->type_name("PARAMS.json")
      ->required();
  command->add_option("--template", options->template_file, "A template of your own with {{placeholders}}")
      ->type_name("FILE");
  command
      ->add_option("--ignore-global", options->ignored_globals,
                   "A global parameter that is only named in a comment; may be repeated")
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_flag("--no-banner", options->no_banner, "No comment that names this program");
  command->add_option("--out", options->out, "The file to write; default: standard output")->type_name("FILE");
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return export_hoc(*options, program.console); }; });
}

}  // namespace cellwright::cli
