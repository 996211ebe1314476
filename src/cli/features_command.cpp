#include <memory>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/base/number_text.hpp"
#include "cellwright/features/compute.hpp"
#include "cellwright/run/trace_input.hpp"
#include "cellwright/text/json_writer.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

using text::JsonStyle;
using text::JsonWriter;

struct FeaturesOptions {
  std::vector<std::string> traces, names, settings;
  std::optional<double> stim_start_ms, stim_end_ms;
  bool json = false, list = false;
};

features::Settings parse_settings(const std::vector<std::string>& texts) {
  features::Settings settings;
  for (const std::string& text : texts) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      throw ConfigError(Diagnostic{.code = "feature-setting",
                                   .message = fmt::format("'{}' is not a setting", text),
                                   .fix = "give --setting NAME=VALUE, such as Threshold=-30"});
    }
    settings.set_text(text.substr(0, equals), text.substr(equals + 1));
  }
  return settings;
}

std::vector<std::string> all_feature_names() {
  std::vector<std::string> names;
  for (const features::Feature& feature : features::all_features()) names.emplace_back(feature.name);
  return names;
}

void write_trace_json(JsonWriter& json, const std::vector<std::string>& names,
                      std::span<const features::FeatureResult> results) {
  json.begin_object();
  for (std::size_t i = 0; i < names.size(); ++i) {
    json.key(names[i]);
    if (!results[i]) {
      json.value(nullptr);
      continue;
    }
    json.begin_array(JsonStyle::one_line);
    for (const double value : results[i].values()) json.value(value);
    json.end_array();
  }
  json.end_object();
}

std::string as_json(const std::vector<std::string>& names, const Table<features::FeatureResult>& results) {
  JsonWriter json;
  if (results.rows() > 1) json.begin_array();
  for (std::size_t t = 0; t < results.rows(); ++t) write_trace_json(json, names, results.row(t));
  if (results.rows() > 1) json.end_array();
  return json.take() + "\n";
}

std::string value_text(const features::FeatureResult& result) {
  if (!result) return fmt::format("none ({})", result.reason());
  std::string text;
  for (const double value : result.values()) text += (text.empty() ? "" : ", ") + shortest_number(value);
  return text.empty() ? "no values" : text;
}

std::string as_text(const std::vector<run::NamedTrace>& traces, const std::vector<std::string>& names,
                    const Table<features::FeatureResult>& results) {
  std::string text;
  for (std::size_t t = 0; t < results.rows(); ++t) {
    if (results.rows() > 1) text += fmt::format("{}{}\n", t == 0 ? "" : "\n", traces[t].name);
    std::vector<std::vector<std::string>> rows;
    for (std::size_t i = 0; i < names.size(); ++i) {
      rows.push_back({names[i], std::string(features::find_feature(names[i]).unit), value_text(results(t, i))});
    }
    text += format_table(rows, {false, false, false});
  }
  return text;
}

int list_features(const FeaturesOptions& options, const Console& console) {
  if (options.json) {
    JsonWriter json;
    json.begin_array();
    for (const features::Feature& feature : features::all_features()) {
      json.begin_object(JsonStyle::one_line);
      json.member("name", feature.name).member("unit", feature.unit);
      json.key("settings").begin_array(JsonStyle::one_line);
      for (const std::string_view setting : features::required_settings(feature)) json.value(setting);
      json.end_array();
      json.member("meaning", feature.meaning).end_object();
    }
    json.end_array();
    console.print(json.take() + "\n");
    return exit_status::success;
  }
  std::vector<std::vector<std::string>> rows;
  for (const features::Feature& feature : features::all_features()) {
    rows.push_back({std::string(feature.name), std::string(feature.unit), std::string(feature.meaning),
                    fmt::format("{}", fmt::join(features::required_settings(feature), " "))});
  }
  console.print(format_table(rows, {false, false, false, false}));
  return exit_status::success;
}

double window_edge(const std::string& trace, const char* option, std::optional<double> own,
                   std::optional<double> given) {
  if (given) return *given;
  if (own) return *own;
  throw ConfigError(Diagnostic{.code = "feature-window",
                               .message = fmt::format("{}: the stimulus window is not known", trace),
                               .fix = fmt::format("give {}, or stim_start and stim_end in a JSON trace", option)});
}

/// What the command line says goes before what the trace says of itself.
features::TraceInput trace_input(const run::NamedTrace& trace, const FeaturesOptions& options,
                                 const features::Settings& settings) {
  features::TraceInput input{.trace = trace.data.view(), .settings = settings};
  input.window = {window_edge(trace.name, "--stim-start", trace.stim_start_ms, options.stim_start_ms),
                  window_edge(trace.name, "--stim-end", trace.stim_end_ms, options.stim_end_ms)};
  if (!settings.stimulus_current) input.settings.stimulus_current = trace.stimulus_current_na;
  return input;
}

int features_command(const FeaturesOptions& options, const Console& console) {
  if (options.list) return list_features(options, console);
  const std::vector<std::string> names = options.names.empty() ? all_feature_names() : options.names;
  for (const std::string& name : names) features::find_feature(name);  // before any file is read
  const features::Settings settings = parse_settings(options.settings);
  std::vector<run::NamedTrace> traces;
  for (const std::string& path : options.traces) {
    for (run::NamedTrace& trace : run::read_traces(path)) traces.push_back(std::move(trace));
  }
  std::vector<features::TraceInput> inputs;
  for (const run::NamedTrace& trace : traces) inputs.push_back(trace_input(trace, options, settings));
  const Table<features::FeatureResult> results = features::compute_features(inputs, names);
  console.print(options.json ? as_json(names, results) : as_text(traces, names, results));
  return exit_status::success;
}

/// --list needs no trace.
void check_arguments(const FeaturesOptions& options) {
  if (options.list) return;
  if (options.traces.empty()) throw CLI::RequiredError("TRACE");
}

}  // namespace

void add_features_command(CLI::App& app, Program& program) {
  CLI::App* command = app.add_subcommand("features", "Compute eFEL features of recorded or simulated traces");
  const auto options = std::make_shared<FeaturesOptions>();
  command
      ->add_option(
          "TRACE", options->traces,
          "CSV with columns time (ms) and voltage (mV), columns of numbers, or JSON (a trace or a list of them); - for "
          "stdin")
      ->type_name("");
  add_number(*command, "--stim-start", options->stim_start_ms, any_number, "MS",
             "Start of the stimulus in ms; default: the JSON trace's own");
  add_number(*command, "--stim-end", options->stim_end_ms, any_number, "MS",
             "End of the stimulus in ms; default: the JSON trace's own");
  command->add_option("--feature", options->names, "Name of a feature, may be given several times; default: all")
      ->type_name("NAME")
      ->take_all()
      ->expected(1);
  command->add_option("--setting", options->settings, "eFEL setting, may be given several times, such as Threshold=-30")
      ->type_name("NAME=VALUE")
      ->take_all()
      ->expected(1);
  command->add_flag("--json", options->json,
                    "Print one JSON document: {feature: [values] or null}, a list for several traces");
  command->add_flag("--list", options->list, "List all features: unit, meaning, settings they depend on");
  add_verbosity(*command, program.verbosity);
  command->callback([options, &program] {
    check_arguments(*options);
    program.command = [options, &program] { return features_command(*options, program.console); };
  });
}

}  // namespace cellwright::cli
