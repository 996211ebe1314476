#include <memory>

#include <fmt/format.h>

#include "cellwright/report/make_report.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

struct ReportOptions {
  std::string run_directory, cell_file;
  std::int64_t threads = 0;
};

int report_command(const ReportOptions& options, const Program& program) {
  const Console& console = program.console;
  report::ReportOptions where{.cell_file = {}, .threads = static_cast<std::size_t>(options.threads)};
  if (!options.cell_file.empty()) where.cell_file = options.cell_file;
  const report::ReportData data = report::gather_report(run::read_run(options.run_directory), where);
  for (const std::string& notice : data.notices)
    console.diagnostic({.severity = Severity::warning, .code = "report-incomplete", .message = notice});
  const std::string page = report::write_report(data).string();
  if (!console.quiet()) console.print(page + "\n");
  return exit_status::success;
}

}  // namespace

void add_report_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("report", "Make the report of a run: one HTML page, and a picture of each plot");
  const auto options = std::make_shared<ReportOptions>();
  add_file(*command, "RUN_DIR", options->run_directory,
           "The run directory of optimise; the run may still be going on, or have been interrupted");
  command
      ->add_option("--cell", options->cell_file,
                   "Where the cell file is now; default: where it was when the run started")
      ->type_name("CELL.json");
  add_threads(*command, options->threads);
  add_verbosity(*command, program.verbosity);
  command->callback(
      [options, &program] { program.command = [options, &program] { return report_command(*options, program); }; });
}

}  // namespace cellwright::cli
