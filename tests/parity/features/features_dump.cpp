/// Computes all features of the traces that come on standard input, for the comparison with eFEL.
///
/// Each trace is a line of JSON, {"n": samples, "current": bool, "stim_start": ms, "stim_end": ms, "settings": {...}},
/// followed by n times, n voltages and (if "current") n currents as raw doubles. The answer is a line of JSON:
/// {"feature": [values] or null, ...}, or {"error": message}. `--reference` prints docs/reference/features.md instead.
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

std::string joined(const std::vector<std::string_view>& words) {
  std::string text;
  for (const std::string_view word : words) text += fmt::format("{}`{}`", text.empty() ? "" : ", ", word);
  return text.empty() ? "–" : text;
}

/// Markdown for the reference page of features and settings.
void print_reference() {
  fmt::print(
      "# Features\n\n<!-- generated from the registry by `features_dump --reference`; do not edit -->\n\n"
      "eFEL 5.7.34's names and values (see [differences](efel-differences.md)). `t`, `v`, `i` are the trace resampled "
      "at `interp_step`; slices are half open. A feature that a trace does not have is null, with a reason.\n\n"
      "| feature | unit | what it is | definition | settings |\n|---|---|---|---|---|\n");
  for (const Feature& feature : all_features()) {
    fmt::print("| `{}` | {} | {} | `{}` | {} |\n", feature.name, feature.unit, feature.meaning, feature.formula,
               joined(required_settings(feature)));
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
