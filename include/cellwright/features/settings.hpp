#pragma once
/// Settings of feature extraction: eFEL's names, types and defaults, unchanged.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::features {

/// What the features of one trace are computed with. The members carry eFEL's own names so that its documentation
/// applies; `settings_table()` says what each one means.
struct Settings {
  double Threshold = -20.0;
  double DerivativeThreshold = 10.0;
  double DownDerivativeThreshold = -12.0;
  double spike_skipf = 0.1;
  int max_spike_skip = 2;
  double interp_step = 0.1;
  double burst_factor = 1.5;
  double strict_burst_factor = 2.0;
  double voltage_base_start_perc = 0.9;
  double voltage_base_end_perc = 1.0;
  double current_base_start_perc = 0.9;
  double current_base_end_perc = 1.0;
  double rise_start_perc = 0.0;
  double rise_end_perc = 1.0;
  double initial_perc = 0.1;
  double min_spike_height = 20.0;
  bool strict_stiminterval = false;
  int initburst_freq_threshold = 50;
  int initburst_sahp_start = 5;
  int initburst_sahp_end = 100;
  int DerivativeWindow = 3;
  std::string voltage_base_mode = "mean";
  std::string current_base_mode = "mean";
  double precision_threshold = 1e-10;
  double sahp_start = 5.0;
  bool ignore_first_ISI = true;
  double impedance_max_freq = 50.0;
  int AP_phaseslope_range = 2;
  int inactivation_tc_end_skip = 10;
  double depol_block_min_duration = 50.0;
  // eFEL reads these when they are given and has no entry for them otherwise.
  std::optional<double> stimulus_current;
  double offset = 0.0;
  double decay_start_after_stim = 1.0;
  double decay_end_after_stim = 10.0;
  std::vector<double> multi_stim_start;
  std::vector<double> multi_stim_end;

  /// Sets a number by eFEL's name. Whole-number settings take only whole numbers, switches only 0 and 1.
  /// @throws ConfigError code "feature-setting" (unknown name, with the nearest one) or "feature-setting-value".
  void set(std::string_view name, double value);

  /// Sets any setting from its text: a number, a mode ("mean", "median"), true or false, or a comma-separated list.
  /// @throws ConfigError as above.
  void set_text(std::string_view name, std::string_view text);

  bool operator==(const Settings&) const = default;
};

/// One line of the settings reference.
struct SettingInfo {
  std::string_view name;
  std::string_view type;  ///< "number", "whole number", "switch", "mode" or "list of numbers"
  std::string_view unit;  ///< "" for a pure number
  std::string default_text;
  std::string_view meaning;
};

/// Every setting, in the order of the struct.
std::vector<SettingInfo> settings_table();

}  // namespace cellwright::features
