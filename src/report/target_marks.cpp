#include "report/target_marks.hpp"

#include <algorithm>
#include <array>

namespace cellwright::report {
namespace {

/// Voltages of the trace, not differences of voltages.
constexpr std::array<std::string_view, 24> levels = {"ADP_peak_values",
                                                     "AHP_depth_abs",
                                                     "AHP_depth_abs_slow",
                                                     "AP1_begin_voltage",
                                                     "AP1_peak",
                                                     "AP2_begin_voltage",
                                                     "AP2_peak",
                                                     "AP_begin_voltage",
                                                     "AP_height",
                                                     "depolarized_base",
                                                     "interburst_voltage",
                                                     "maximum_voltage",
                                                     "min_AHP_values",
                                                     "min_between_peaks_values",
                                                     "min_voltage_between_spikes",
                                                     "minimum_voltage",
                                                     "peak_voltage",
                                                     "postburst_min_values",
                                                     "steady_state_hyper",
                                                     "steady_state_voltage",
                                                     "steady_state_voltage_stimend",
                                                     "strict_interburst_voltage",
                                                     "voltage_after_stim",
                                                     "voltage_base"};

/// Times from the start of the stimulus.
constexpr std::array<std::string_view, 3> times = {"time_to_first_spike", "time_to_last_spike", "time_to_second_spike"};

}  // namespace

TargetMark mark_of(std::string_view efel_feature_name) {
  if (std::ranges::find(levels, efel_feature_name) != levels.end()) return TargetMark::level;
  if (std::ranges::find(times, efel_feature_name) != times.end()) return TargetMark::time;
  return TargetMark::none;
}

}  // namespace cellwright::report
