/// Minima after spikes (after-hyperpolarisation, AHP), bumps behind them (ADP) and the voltage between spikes.
#include <algorithm>

#include "features/families.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {
namespace {

double at(std::span<const double> signal, Index i) { return signal[static_cast<std::size_t>(i)]; }

/// Where the search after the last spike ends: the end of the trace, or of the stimulus with strict_stiminterval.
Index search_end(const TraceContext& context) {
  return context.settings().strict_stiminterval ? context.index_at(context.stim_end())
                                                : static_cast<Index>(context.time().size());
}

}  // namespace

IndexResult min_ahp_indices(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return IndexResult::failure(peaks.reason());
  const Index end = search_end(context);
  IndexList minima;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    const Index next = i + 1 < peaks.size() ? peaks[i + 1] : end;
    const Index minimum = first_local_minimum(context.voltage(), peaks[i], next);
    // A minimum at the very end is only where the trace stops.
    if (minimum != end - 1) minima.push_back(minimum);
  }
  return nonempty(std::move(minima), "no minimum after a spike");
}

IndexResult min_between_peaks_indices(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return IndexResult::failure(peaks.reason());
  IndexList minima;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    const Index next = i + 1 < peaks.size() ? peaks[i + 1] : search_end(context);
    minima.push_back(min_index(context.voltage(), peaks[i], next));
  }
  return minima;
}

namespace {

constexpr Feature min_ahp_indices_row{"min_AHP_indices",
                                      "constant",
                                      "Sample index of the first minimum after each spike",
                                      "first local minimum of v between a peak and the next one (or the end)",
                                      "peak_indices",
                                      "strict_stiminterval",
                                      as_feature<min_ahp_indices>};

FeatureResult min_ahp_values(const TraceContext& context) {
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  return samples(context.voltage(), minima.values());
}
constexpr Feature min_ahp_values_row{"min_AHP_values",
                                     "mV",
                                     "Voltage of the first minimum after each spike",
                                     "v[min_AHP_indices]",
                                     "min_AHP_indices",
                                     "",
                                     min_ahp_values};
constexpr Feature ahp_depth_abs_row{
    "AHP_depth_abs", "mV", "Same as min_AHP_values", "v[min_AHP_indices]", "min_AHP_indices", "", min_ahp_values};

FeatureResult ahp_depth(const TraceContext& context) {
  const FeatureResult& base = context.result(voltage_base);
  const FeatureResult& minima = context.result(min_ahp_values);
  if (!base) return missing(base);
  if (!minima) return missing(minima);
  Values depths;
  for (const double minimum : minima.values()) depths.push_back(minimum - base[0]);
  return depths;
}
constexpr Feature ahp_depth_row{"AHP_depth",
                                "mV",
                                "First minimum after each spike relative to the resting voltage",
                                "min_AHP_values - voltage_base",
                                "min_AHP_values voltage_base",
                                "",
                                ahp_depth};

FeatureResult ahp_depth_diff(const TraceContext& context) { return successive_differences(context.result(ahp_depth)); }
constexpr Feature ahp_depth_diff_row{"AHP_depth_diff",  "mV",        "Difference of neighbouring AHP depths",
                                     "diff(AHP_depth)", "AHP_depth", "",
                                     ahp_depth_diff};

/// Index of the minimum of each interval but the first, at least sahp_start after the spike that begins it.
IndexResult slow_ahp_indices(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return IndexResult::failure(peaks.reason());
  if (peaks.size() < 3) return IndexResult::failure("fewer than three spikes");
  IndexList minima;
  for (std::size_t i = 1; i + 1 < peaks.size(); ++i) {
    const double begin = at(context.time(), peaks[i]) + context.settings().sahp_start;
    const Index first = std::clamp(context.index_at(begin), peaks[i], peaks[i + 1]);
    minima.push_back(min_index(context.voltage(), first, peaks[i + 1]));
  }
  return minima;
}

FeatureResult ahp_depth_abs_slow(const TraceContext& context) {
  const IndexResult& minima = context.indices(slow_ahp_indices);
  if (!minima) return missing(minima);
  return samples(context.voltage(), minima.values());
}
constexpr Feature ahp_depth_abs_slow_row{
    "AHP_depth_abs_slow",
    "mV",
    "Lowest voltage of each interval but the first, from sahp_start after its first spike on",
    "min(v[t >= peak_time[i] + sahp_start : peak_indices[i + 1]]), i >= 1",
    "peak_indices",
    "sahp_start",
    ahp_depth_abs_slow,
    hay};

FeatureResult ahp_slow_time(const TraceContext& context) {
  const IndexResult& minima = context.indices(slow_ahp_indices);
  if (!minima) return missing(minima);
  const IndexResult& peaks = context.indices(peak_indices);
  const auto t = context.time();
  Values times;
  for (std::size_t i = 0; i < minima.size(); ++i) {
    const double begin = at(t, peaks[i + 1]);
    times.push_back((at(t, minima[i]) - begin) / (at(t, peaks[i + 2]) - begin));
  }
  return times;
}
constexpr Feature ahp_slow_time_row{"AHP_slow_time",
                                    "constant",
                                    "Position of the slow AHP in its interval, as a fraction of it",
                                    "(t[slow AHP] - peak_time[i]) / (peak_time[i + 1] - peak_time[i]), i >= 1",
                                    "AHP_depth_abs_slow",
                                    "sahp_start",
                                    ahp_slow_time,
                                    hay};

FeatureResult ahp_depth_slow(const TraceContext& context) {
  const FeatureResult& base = context.result(voltage_base);
  const FeatureResult& minima = context.result(ahp_depth_abs_slow);
  if (!base) return missing(base);
  if (!minima) return missing(minima);
  Values depths;
  for (const double minimum : minima.values()) depths.push_back(minimum - base[0]);
  return depths;
}
constexpr Feature ahp_depth_slow_row{"AHP_depth_slow",
                                     "mV",
                                     "Slow AHP relative to the resting voltage",
                                     "AHP_depth_abs_slow - voltage_base",
                                     "AHP_depth_abs_slow voltage_base",
                                     "",
                                     ahp_depth_slow,
                                     hay};

/// Voltage at a spike's begin less that of the first minimum after it, for every spike but the last.
FeatureResult fast_ahp(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!begins) return missing(begins);
  if (!minima) return missing(minima);
  Values depths;
  for (std::size_t i = 0; i + 1 < begins.size() && i < minima.size(); ++i) {
    depths.push_back(at(context.voltage(), begins[i]) - at(context.voltage(), minima[i]));
  }
  return nonempty(std::move(depths), "fewer than two spikes");
}
constexpr Feature fast_ahp_row{"fast_AHP",
                               "mV",
                               "Fall from each spike's begin to the first minimum after it, without the last spike",
                               "v[AP_begin_indices] - v[min_AHP_indices]",
                               "AP_begin_indices min_AHP_indices",
                               "",
                               fast_ahp};

FeatureResult fast_ahp_change(const TraceContext& context) { return relative_change(context.result(fast_ahp)); }
constexpr Feature fast_ahp_change_row{"fast_AHP_change",
                                      "constant",
                                      "Relative difference of each fast AHP to the first one",
                                      "(fast_AHP[1:] - fast_AHP[0]) / fast_AHP[0]",
                                      "fast_AHP",
                                      "",
                                      fast_ahp_change};

FeatureResult ahp_depth_from_peak(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  Values depths;
  for (std::size_t i = 0; i < minima.size(); ++i) {
    depths.push_back(at(context.voltage(), peaks[i]) - at(context.voltage(), minima[i]));
  }
  return depths;
}
constexpr Feature ahp_depth_from_peak_row{"AHP_depth_from_peak",
                                          "mV",
                                          "Fall from each peak to the first minimum after it",
                                          "v[peak_indices] - v[min_AHP_indices]",
                                          "peak_indices min_AHP_indices",
                                          "",
                                          ahp_depth_from_peak};

FeatureResult ahp1_depth_from_peak(const TraceContext& context) {
  return element(context.result(ahp_depth_from_peak), 0);
}
constexpr Feature ahp1_depth_from_peak_row{"AHP1_depth_from_peak",
                                           "mV",
                                           "Fall from the first peak to the first minimum after it",
                                           "AHP_depth_from_peak[0]",
                                           "AHP_depth_from_peak",
                                           "",
                                           ahp1_depth_from_peak};

FeatureResult ahp2_depth_from_peak(const TraceContext& context) {
  return element(context.result(ahp_depth_from_peak), 1);
}
constexpr Feature ahp2_depth_from_peak_row{"AHP2_depth_from_peak",
                                           "mV",
                                           "Fall from the second peak to the first minimum after it",
                                           "AHP_depth_from_peak[1]",
                                           "AHP_depth_from_peak",
                                           "",
                                           ahp2_depth_from_peak};

FeatureResult ahp_time_from_peak(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  Values times;
  for (std::size_t i = 0; i < minima.size(); ++i) {
    times.push_back(at(context.time(), minima[i]) - at(context.time(), peaks[i]));
  }
  return times;
}
constexpr Feature ahp_time_from_peak_row{"AHP_time_from_peak",
                                         "ms",
                                         "Time from each peak to the first minimum after it",
                                         "t[min_AHP_indices] - t[peak_indices]",
                                         "peak_indices min_AHP_indices",
                                         "",
                                         ahp_time_from_peak};

constexpr Feature min_between_peaks_indices_row{"min_between_peaks_indices",
                                                "constant",
                                                "Sample index of the lowest voltage after each spike",
                                                "argmin(v) between a peak and the next one (or the end)",
                                                "peak_indices",
                                                "strict_stiminterval",
                                                as_feature<min_between_peaks_indices>};

FeatureResult min_between_peaks_values(const TraceContext& context) {
  const IndexResult& minima = context.indices(min_between_peaks_indices);
  if (!minima) return missing(minima);
  return samples(context.voltage(), minima.values());
}
constexpr Feature min_between_peaks_values_row{"min_between_peaks_values",
                                               "mV",
                                               "Lowest voltage after each spike, before the next one or the end",
                                               "v[min_between_peaks_indices]",
                                               "min_between_peaks_indices",
                                               "",
                                               min_between_peaks_values};

FeatureResult min_voltage_between_spikes(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return missing(peaks);
  Values minima;
  for (std::size_t i = 0; i + 1 < peaks.size(); ++i) {
    minima.push_back(at(context.voltage(), min_index(context.voltage(), peaks[i], peaks[i + 1])));
  }
  return nonempty(std::move(minima), "fewer than two spikes");
}
constexpr Feature min_voltage_between_spikes_row{"min_voltage_between_spikes",
                                                 "mV",
                                                 "Lowest voltage between neighbouring spikes",
                                                 "min(v[peak_indices[i] : peak_indices[i + 1]])",
                                                 "peak_indices",
                                                 "",
                                                 min_voltage_between_spikes};

/// Highest sample between the first and the lowest minimum after each spike.
IndexResult adp_peak_indices(const TraceContext& context) {
  const IndexResult& first_minima = context.indices(min_ahp_indices);
  const IndexResult& lowest = context.indices(min_between_peaks_indices);
  if (!first_minima) return IndexResult::failure(first_minima.reason());
  IndexList peaks;
  for (std::size_t i = 0; i < first_minima.size(); ++i) {
    peaks.push_back(max_index(context.voltage(), first_minima[i], lowest[i]));
  }
  return peaks;
}
constexpr Feature adp_peak_indices_row{"ADP_peak_indices",
                                       "constant",
                                       "Sample index of the bump between first and lowest minimum after each spike",
                                       "argmax(v[min_AHP_indices : min_between_peaks_indices])",
                                       "min_AHP_indices min_between_peaks_indices",
                                       "",
                                       as_feature<adp_peak_indices>};

FeatureResult adp_peak_values(const TraceContext& context) {
  const IndexResult& peaks = context.indices(adp_peak_indices);
  if (!peaks) return missing(peaks);
  return samples(context.voltage(), peaks.values());
}
constexpr Feature adp_peak_values_row{
    "ADP_peak_values", "mV", "Voltage of the bump after each spike", "v[ADP_peak_indices]", "ADP_peak_indices", "",
    adp_peak_values};

FeatureResult adp_peak_amplitude(const TraceContext& context) {
  const FeatureResult& bumps = context.result(adp_peak_values);
  const FeatureResult& minima = context.result(min_ahp_values);
  if (!bumps) return missing(bumps);
  Values amplitudes;
  for (std::size_t i = 0; i < bumps.size(); ++i) amplitudes.push_back(bumps[i] - minima[i]);
  return amplitudes;
}
constexpr Feature adp_peak_amplitude_row{"ADP_peak_amplitude",
                                         "mV",
                                         "Height of the bump above the first minimum after each spike",
                                         "ADP_peak_values - min_AHP_values",
                                         "ADP_peak_values min_AHP_values",
                                         "",
                                         adp_peak_amplitude};

FeatureResult depolarized_base(const TraceContext& context) {
  const IndexResult& ends = context.indices(ap_end_indices);
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!ends) return missing(ends);
  if (!begins) return missing(begins);
  const std::size_t n = std::min(ends.size(), begins.size());
  if (n < 3) return failed("fewer than three spikes");
  Values bases;
  for (std::size_t i = 0; i + 1 < n; ++i) {
    if (ends[i] >= begins[i + 1]) continue;
    const auto between =
        context.voltage().subspan(static_cast<std::size_t>(ends[i]), static_cast<std::size_t>(begins[i + 1] - ends[i]));
    bases.push_back(plain_mean(between));
  }
  return nonempty(std::move(bases), "no samples between spikes");
}
constexpr Feature depolarized_base_row{"depolarized_base",
                                       "mV",
                                       "Mean voltage from each spike's end to the next one's begin",
                                       "mean(v[AP_end_indices[i] : AP_begin_indices[i + 1]])",
                                       "AP_begin_indices AP_end_indices",
                                       "",
                                       depolarized_base};

constexpr Feature table[] = {min_ahp_indices_row,
                             min_ahp_values_row,
                             ahp_depth_abs_row,
                             ahp_depth_row,
                             ahp_depth_diff_row,
                             ahp_depth_abs_slow_row,
                             ahp_slow_time_row,
                             ahp_depth_slow_row,
                             fast_ahp_row,
                             fast_ahp_change_row,
                             ahp_depth_from_peak_row,
                             ahp1_depth_from_peak_row,
                             ahp2_depth_from_peak_row,
                             ahp_time_from_peak_row,
                             min_between_peaks_indices_row,
                             min_between_peaks_values_row,
                             min_voltage_between_spikes_row,
                             adp_peak_indices_row,
                             adp_peak_values_row,
                             adp_peak_amplitude_row,
                             depolarized_base_row};

}  // namespace

std::span<const Feature> after_potential_features() { return table; }

}  // namespace cellwright::features
