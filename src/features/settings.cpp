#include "cellwright/features/settings.hpp"

#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>
#include <variant>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::features {
namespace {

using Member = std::variant<double Settings::*, int Settings::*, bool Settings::*, std::string Settings::*,
                            std::optional<double> Settings::*, std::vector<double> Settings::*>;

struct Row {
  std::string_view name;
  Member member;
  std::string_view unit;
  std::string_view meaning;
};

constexpr std::array rows{
    Row{"Threshold", &Settings::Threshold, "mV", "voltage that a spike has to cross upwards and downwards"},
    Row{"DerivativeThreshold", &Settings::DerivativeThreshold, "mV/ms", "slope at which a spike begins"},
    Row{"DownDerivativeThreshold", &Settings::DownDerivativeThreshold, "mV/ms", "slope at which a spike ends"},
    Row{"spike_skipf", &Settings::spike_skipf, "", "fraction of the spikes that adaptation features skip, in [0, 1)"},
    Row{"max_spike_skip", &Settings::max_spike_skip, "", "most spikes that spike_skipf skips"},
    Row{"interp_step", &Settings::interp_step, "ms", "step to which the trace is resampled linearly"},
    Row{"burst_factor", &Settings::burst_factor, "", "how much longer than the median an interval between bursts is"},
    Row{"strict_burst_factor", &Settings::strict_burst_factor, "", "the same for the strict burst features"},
    Row{"voltage_base_start_perc", &Settings::voltage_base_start_perc, "",
        "begin of the resting interval as a fraction of stim_start"},
    Row{"voltage_base_end_perc", &Settings::voltage_base_end_perc, "",
        "end of the resting interval as a fraction of stim_start"},
    Row{"current_base_start_perc", &Settings::current_base_start_perc, "",
        "begin of the holding-current interval as a fraction of stim_start"},
    Row{"current_base_end_perc", &Settings::current_base_end_perc, "",
        "end of the holding-current interval as a fraction of stim_start"},
    Row{"rise_start_perc", &Settings::rise_start_perc, "", "fraction of the amplitude where AP_rise_time begins"},
    Row{"rise_end_perc", &Settings::rise_end_perc, "", "fraction of the amplitude where AP_rise_time ends"},
    Row{"initial_perc", &Settings::initial_perc, "", "fraction of the stimulus that counts as initial, in [0, 1)"},
    Row{"min_spike_height", &Settings::min_spike_height, "mV", "kept for eFEL's sake; no feature reads it"},
    Row{"strict_stiminterval", &Settings::strict_stiminterval, "", "count only spikes inside the stimulus interval"},
    Row{"initburst_freq_threshold", &Settings::initburst_freq_threshold, "Hz",
        "lowest frequency inside the initial burst"},
    Row{"initburst_sahp_start", &Settings::initburst_sahp_start, "ms",
        "begin of the search for the slow AHP after the initial burst"},
    Row{"initburst_sahp_end", &Settings::initburst_sahp_end, "ms",
        "end of the search for the slow AHP after the initial burst"},
    Row{"DerivativeWindow", &Settings::DerivativeWindow, "",
        "samples for which the slope has to stay above DerivativeThreshold"},
    Row{"voltage_base_mode", &Settings::voltage_base_mode, "", "how the resting voltage is averaged: mean or median"},
    Row{"current_base_mode", &Settings::current_base_mode, "", "how the holding current is averaged: mean or median"},
    Row{"precision_threshold", &Settings::precision_threshold, "ms", "tolerance of comparisons between times"},
    Row{"sahp_start", &Settings::sahp_start, "ms", "time after a spike at which the slow AHP may begin"},
    Row{"ignore_first_ISI", &Settings::ignore_first_ISI, "", "leave the first interspike interval out"},
    Row{"impedance_max_freq", &Settings::impedance_max_freq, "Hz", "highest frequency of the impedance profile"},
    Row{"AP_phaseslope_range", &Settings::AP_phaseslope_range, "",
        "samples before and after the spike's begin for AP_phaseslope"},
    Row{"inactivation_tc_end_skip", &Settings::inactivation_tc_end_skip, "",
        "samples before stim_end that inactivation_time_constant leaves out"},
    Row{"depol_block_min_duration", &Settings::depol_block_min_duration, "ms",
        "shortest stay that counts as a depolarisation block"},
    Row{"stimulus_current", &Settings::stimulus_current, "nA", "amplitude of the step current; no default"},
    Row{"offset", &Settings::offset, "ms", "widening of the stimulus interval for the adaptation indices"},
    Row{"decay_start_after_stim", &Settings::decay_start_after_stim, "ms", "begin of the decay fit after stim_end"},
    Row{"decay_end_after_stim", &Settings::decay_end_after_stim, "ms", "end of the decay fit after stim_end"},
    Row{"multi_stim_start", &Settings::multi_stim_start, "ms", "begins of several stimuli in one trace; no default"},
    Row{"multi_stim_end", &Settings::multi_stim_end, "ms", "ends of several stimuli in one trace; no default"},
};

[[noreturn]] void fail(const char* code, std::string message, std::string fix) {
  Diagnostic diagnostic;
  diagnostic.code = code;
  diagnostic.message = std::move(message);
  diagnostic.fix = std::move(fix);
  throw ConfigError(std::move(diagnostic));
}

[[noreturn]] void fail_value(const Row& row, std::string_view expected, std::string_view given) {
  fail("feature-setting-value", fmt::format("setting '{}' takes {}, not '{}'", row.name, expected, given), "");
}

const Row& find_row(std::string_view name) {
  for (const Row& row : rows) {
    if (row.name == name) return row;
  }
  if (name == "dependencyfile_path") {
    fail("feature-setting", "setting 'dependencyfile_path' has no meaning here: the features are built in",
         "remove it");
  }
  std::vector<std::string> names;
  for (const Row& row : rows) names.emplace_back(row.name);
  const std::string nearest = nearest_name(std::string(name), names);
  fail(
      "feature-setting", fmt::format("there is no setting '{}'", name),
      nearest.empty() ? "`cellwright features --list` shows the settings" : fmt::format("did you mean '{}'?", nearest));
}

/// The kind of value that a member takes, in words.
std::string_view type_name(const Member& member) {
  static constexpr std::string_view names[] = {"number", "whole number", "switch", "mode", "number", "list of numbers"};
  return names[member.index()];
}

int whole_number(const Row& row, double value) {
  if (value != std::floor(value) || std::abs(value) > std::numeric_limits<int>::max()) {
    fail_value(row, "a whole number", fmt::format("{}", value));
  }
  return static_cast<int>(value);
}

void assign_number(Settings& settings, const Row& row, double value) {
  if (!std::isfinite(value)) fail_value(row, "a finite number", fmt::format("{}", value));
  std::visit(
      [&](auto member) {
        using Value = std::remove_reference_t<decltype(settings.*member)>;
        if constexpr (std::is_same_v<Value, bool>) {
          if (value != 0.0 && value != 1.0) fail_value(row, "true, false, 1 or 0", fmt::format("{}", value));
          settings.*member = value != 0.0;
        } else if constexpr (std::is_same_v<Value, int>) {
          settings.*member = whole_number(row, value);
        } else if constexpr (std::is_same_v<Value, std::string>) {
          fail_value(row, "mean or median", fmt::format("{}", value));
        } else if constexpr (std::is_same_v<Value, std::vector<double>>) {
          settings.*member = {value};
        } else {
          settings.*member = value;
        }
      },
      row.member);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

double parse_number(const Row& row, std::string_view text) {
  std::string_view digits = trimmed(text);
  if (digits.starts_with('+')) digits.remove_prefix(1);
  double value = 0.0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) {
    fail_value(row, fmt::format("a {}", type_name(row.member)), text);
  }
  return value;
}

std::vector<double> parse_list(const Row& row, std::string_view text) {
  std::vector<double> values;
  while (!trimmed(text).empty()) {
    const std::size_t comma = text.find(',');
    values.push_back(parse_number(row, text.substr(0, comma)));
    if (!std::isfinite(values.back())) fail_value(row, "finite numbers", text.substr(0, comma));
    text = comma == std::string_view::npos ? std::string_view{} : text.substr(comma + 1);
  }
  return values;
}

std::string default_text(const Settings& defaults, const Member& member) {
  return std::visit(
      [&](auto pointer) -> std::string {
        using Value = std::remove_cvref_t<decltype(defaults.*pointer)>;
        if constexpr (std::is_same_v<Value, std::optional<double>> || std::is_same_v<Value, std::vector<double>>) {
          return "none";
        } else {
          return fmt::format("{}", defaults.*pointer);
        }
      },
      member);
}

}  // namespace

void Settings::set(std::string_view name, double value) { assign_number(*this, find_row(name), value); }

void Settings::set_text(std::string_view name, std::string_view text) {
  const Row& row = find_row(name);
  if (const auto* mode = std::get_if<std::string Settings::*>(&row.member)) {
    if (text != "mean" && text != "median") fail_value(row, "mean or median", text);
    this->*(*mode) = text;
  } else if (const auto* list = std::get_if<std::vector<double> Settings::*>(&row.member)) {
    this->*(*list) = parse_list(row, text);
  } else if (std::holds_alternative<bool Settings::*>(row.member) && (text == "true" || text == "True")) {
    assign_number(*this, row, 1.0);
  } else if (std::holds_alternative<bool Settings::*>(row.member) && (text == "false" || text == "False")) {
    assign_number(*this, row, 0.0);
  } else {
    assign_number(*this, row, parse_number(row, text));
  }
}

std::vector<SettingInfo> settings_table() {
  const Settings defaults;
  std::vector<SettingInfo> table;
  for (const Row& row : rows) {
    table.push_back({row.name, type_name(row.member), row.unit, default_text(defaults, row.member), row.meaning});
  }
  return table;
}

}  // namespace cellwright::features
