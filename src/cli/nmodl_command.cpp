#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/nmodl/front_end.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

using nmodl::MechanismDescription;
using text::JsonWriter;

struct NmodlOptions {
  std::vector<std::string> files;
  bool json = false;
};

/// A file's mechanism, or the errors for which it was refused.
struct FileReport {
  std::string file;
  std::optional<MechanismDescription> mechanism;
  std::vector<Diagnostic> errors;
};

FileReport inspect(const std::string& file) {
  FileReport report{.file = file};
  try {
    report.mechanism = nmodl::compile_front_end(std::filesystem::path(file));
  } catch (const InternalError&) {
    throw;
  } catch (const Error& error) {
    report.errors = error.diagnostics();
  }
  return report;
}

/// The JSON of one file: the mechanism's description, or {"error": ...} with the place of the first problem.
std::string file_json(const FileReport& report) {
  if (report.mechanism) return nmodl::describe_json(*report.mechanism);
  const Diagnostic& error = report.errors.front();
  JsonWriter json;
  json.begin_object();
  json.key("error").begin_object();
  json.member("code", error.code)
      .member("message", error.message)
      .member("file", error.span.file.empty() ? report.file : error.span.file);
  json.key("line");
  error.span.line > 0 ? json.value(error.span.line) : json.value(nullptr);
  json.end_object().end_object();
  return json.take();
}

std::string as_json(const std::vector<FileReport>& reports) {
  if (reports.size() == 1) return file_json(reports.front()) + "\n";
  std::string text = "[\n";
  for (std::size_t i = 0; i < reports.size(); ++i)
    text += file_json(reports[i]) + (i + 1 < reports.size() ? ",\n" : "\n");
  return text + "]\n";
}

std::string_view kind_text(nmodl::MechanismKind kind) {
  switch (kind) {
    case nmodl::MechanismKind::density:
      return "density mechanism";
    case nmodl::MechanismKind::point_process:
      return "point process";
    case nmodl::MechanismKind::artificial_cell:
      return "artificial cell";
  }
  return "mechanism";
}

std::string variable_text(const nmodl::Variable& variable) {
  std::string text = variable.name;
  if (variable.kind == nmodl::VariableKind::parameter) text += fmt::format(" = {:g}", variable.value);
  if (!variable.unit.empty()) text += fmt::format(" ({})", variable.unit);
  return text;
}

std::string variables_line(const MechanismDescription& mechanism, std::string_view title, nmodl::VariableKind kind,
                           nmodl::Storage storage) {
  std::string list;
  for (const nmodl::Variable& variable : mechanism.variables) {
    if (variable.kind != kind || (kind != nmodl::VariableKind::state && variable.storage != storage)) continue;
    list += (list.empty() ? "" : ", ") + variable_text(variable);
  }
  return list.empty() ? "" : fmt::format("  {:<18} {}\n", title, list);
}

std::string ions_line(const MechanismDescription& mechanism) {
  std::string list;
  for (const nmodl::Ion& ion : mechanism.ions) {
    std::string reads, writes;
    for (const nmodl::IonVariable& variable : ion.variables) {
      if (variable.read) reads += " " + variable.name;
      if (variable.written) writes += " " + variable.name;
    }
    list += fmt::format("{}{}{}{}", list.empty() ? "" : "; ", ion.name, reads.empty() ? "" : ", reads" + reads,
                        writes.empty() ? "" : ", writes" + writes);
  }
  return list.empty() ? "" : fmt::format("  {:<18} {}\n", "ions", list);
}

std::string names_line(std::string_view title, const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format("  {:<18} {}\n", title, fmt::join(names, ", "));
}

std::string pointers_line(const MechanismDescription& mechanism) {
  std::vector<std::string> names;
  for (const nmodl::Variable& variable : mechanism.variables) {
    if (variable.storage == nmodl::Storage::pointer) names.push_back(variable_text(variable));
  }
  return names_line("pointers", names);
}

std::string as_text(const FileReport& report) {
  using nmodl::Storage;
  using nmodl::VariableKind;
  const MechanismDescription& mechanism = *report.mechanism;
  return fmt::format("{}: {} {}\n", report.file, kind_text(mechanism.kind), mechanism.name) + ions_line(mechanism) +
         variables_line(mechanism, "range parameters", VariableKind::parameter, Storage::range) +
         variables_line(mechanism, "global parameters", VariableKind::parameter, Storage::global) +
         variables_line(mechanism, "range variables", VariableKind::assigned, Storage::range) +
         variables_line(mechanism, "states", VariableKind::state, Storage::instance) + pointers_line(mechanism) +
         names_line("random streams", mechanism.randoms) + names_line("lists", mechanism.vectors) +
         (mechanism.net_receive ? names_line("event weights", mechanism.net_receive->weights) : "");
}

int nmodl_command(const NmodlOptions& options, const Console& console) {
  std::vector<FileReport> reports;
  for (const std::string& file : options.files) reports.push_back(inspect(file));
  int status = exit_status::success;
  for (const FileReport& report : reports) {
    console.diagnostics(report.errors);
    if (report.mechanism) console.diagnostics(report.mechanism->warnings);
    if (!report.mechanism) status = exit_status::bad_input;
    if (report.mechanism && !options.json && !console.quiet()) console.print(as_text(report));
  }
  if (options.json) console.print(as_json(reports));
  return status;
}

}  // namespace

void add_nmodl_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("nmodl", "Check mod files and show what they declare");
  const auto options = std::make_shared<NmodlOptions>();
  command->add_option("FILE.mod", options->files, "NMODL files")->type_name("")->required();
  command->add_flag("--json", options->json, "Print one JSON document: an object, or a list for several files");
  add_verbosity(*command, program.verbosity);
  command->callback([options, &program] {
    program.command = [options, &program] { return nmodl_command(*options, program.console); };
  });
}

}  // namespace cellwright::cli
