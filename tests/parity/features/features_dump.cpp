/// Computes all features of the traces that come on standard input, for the comparison with eFEL.
///
/// Each trace is a line of JSON, {"n": samples, "current": bool, "stim_start": ms, "stim_end": ms, "settings": {...}},
/// followed by n times, n voltages and (if "current") n currents as raw doubles. The answer is a line of JSON:
/// {"feature": [values] or null, ...}, or {"error": message}. `--reference` prints docs/reference/features.md instead.
#include <algorithm>
#include <cmath>
#include <iostream>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cellwright/base/error.hpp"
#include "cellwright/features/compute.hpp"
#include "cellwright/features/trace_context.hpp"

namespace {

using namespace cellwright;
using namespace cellwright::features;

std::vector<double> read_doubles(std::size_t n) {
  std::vector<double> values(n);
  std::cin.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(n * sizeof(double)));
  return values;
}

std::string to_json(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return fmt::format("{}", value);
}

std::string to_json(const FeatureResult& result) {
  if (!result) return "null";
  std::string text = "[";
  for (const double value : result.values()) text += (text.size() > 1 ? ", " : "") + to_json(value);
  return text + "]";
}

Settings parse_settings(const nlohmann::json& given) {
  Settings settings;
  for (const auto& [name, value] : given.items()) {
    if (value.is_string()) {
      settings.set_text(name, value.get<std::string>());
    } else if (value.is_boolean()) {
      settings.set(name, value.get<bool>() ? 1.0 : 0.0);
    } else {
      settings.set(name, value.get<double>());
    }
  }
  return settings;
}

std::string answer(const TraceInput& input) {
  const TraceContext context(input);
  std::string text = "{";
  for (const Feature& feature : all_features()) {
    text += fmt::format("{}\"{}\": {}", text.size() > 1 ? ", " : "", feature.name,
                        to_json(context.result(feature.function)));
  }
  return text + "}";
}

/// The settings that a feature depends on, with their defaults.
std::string settings_text(const Feature& feature) {
  std::string text;
  for (const std::string_view name : required_settings(feature)) {
    for (const SettingInfo& setting : settings_table()) {
      if (setting.name == name)
        text += fmt::format("{}`{}` = {}", text.empty() ? "" : ", ", name, setting.default_text);
    }
  }
  return text.empty() ? "–" : text;
}

/// Features that docs/reference/plots shows (tools/make_feature_plots.py).
constexpr std::string_view plotted[] = {"AP_height",
                                        "AP_amplitude",
                                        "AP_begin_voltage",
                                        "AP_width",
                                        "AP_duration_half_width",
                                        "AHP_depth",
                                        "AHP_depth_abs",
                                        "AHP_slow_time",
                                        "Spikecount",
                                        "mean_frequency",
                                        "time_to_first_spike",
                                        "all_ISI_values",
                                        "doublet_ISI",
                                        "ISI_CV",
                                        "adaptation_index2",
                                        "voltage_base",
                                        "steady_state_voltage_stimend",
                                        "voltage_deflection",
                                        "sag_amplitude",
                                        "decay_time_constant_after_stim"};

bool is_plotted(std::string_view name) {
  return std::find(std::begin(plotted), std::end(plotted), name) != std::end(plotted);
}

/// Markdown for the reference page of features and settings.
void print_reference() {
  fmt::print(
      "# Features\n\n<!-- generated from the registry by `features_dump --reference`; do not edit -->\n\n"
      "eFEL 5.7.34's names and values ([differences](efel-differences.md), [agreement](efel-agreement.md)). `t`, `v`, "
      "`i` are "
      "the trace resampled at `interp_step`; slices are half open, positions count from 0. A feature that a trace does "
      "not have is "
      "null, with a reason.\n\n"
      "## Input\n\n"
      "`cellwright features TRACE...` reads, from files or from standard input (`-`):\n\n"
      "- CSV whose first line names the columns: `time` (or `t`) in ms, `voltage` (`v`) in mV, and `current` (`i`) in "
      "nA for the "
      "features that need it; other columns are ignored;\n"
      "- columns of numbers between white space or commas: time, voltage and, if there is a third, current;\n"
      "- JSON, one trace `{{\"time\": [...], \"voltage\": [...], \"current\": [...]}}` or a list of them; `current` is "
      "optional and "
      "null means NaN. `stim_start`, `stim_end` (ms) and `stimulus_current` (nA) of a trace count where the command "
      "line does not "
      "give them.\n\n"
      "A time that decreases is an error (exit 3) with its line.\n\n## The commonest\n\n");
  for (const std::string_view name : plotted) {
    const Feature& feature = find_feature(name);
    fmt::print("**`{}`** ({}): {}\n\n![{}](plots/{}.svg)\n\n", name, feature.unit, feature.meaning, name, name);
  }
  fmt::print(
      "## All features\n\n| feature | unit | what it is | definition | settings and defaults | source |\n"
      "|---|---|---|---|---|---|\n");
  for (const Feature& feature : all_features()) {
    const std::string name = is_plotted(feature.name) ? fmt::format("[`{0}`](plots/{0}.svg)", feature.name)
                                                      : fmt::format("`{}`", feature.name);
    fmt::print("| {} | {} | {} | `{}` | {} | {} |\n", name, feature.unit, feature.meaning, feature.formula,
               settings_text(feature), feature.source.empty() ? "–" : feature.source);
  }
  fmt::print("\n## Settings\n\n| setting | kind | default | unit | meaning |\n|---|---|---|---|---|\n");
  for (const SettingInfo& setting : settings_table()) {
    fmt::print("| `{}` | {} | {} | {} | {} |\n", setting.name, setting.type, setting.default_text,
               setting.unit.empty() ? "–" : setting.unit, setting.meaning);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc > 1 && std::string(argv[1]) == "--reference") {
    print_reference();
    return 0;
  }
  std::string line;
  while (std::getline(std::cin, line)) {
    const auto header = nlohmann::json::parse(line);
    const auto n = header.at("n").get<std::size_t>();
    const std::vector<double> time = read_doubles(n);
    const std::vector<double> voltage = read_doubles(n);
    const std::vector<double> current = read_doubles(header.at("current").get<bool>() ? n : 0);
    try {
      const TraceInput input{{time, voltage, current},
                             {header.at("stim_start").get<double>(), header.at("stim_end").get<double>()},
                             parse_settings(header.at("settings"))};
      std::cout << answer(input) << std::endl;
    } catch (const Error& error) {
      std::cout << nlohmann::json{{"error", error.what()}} << std::endl;
    }
  }
}
