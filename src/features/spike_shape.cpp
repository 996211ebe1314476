/// Height of spikes, where they begin and end, and how fast they rise and fall.
#include <algorithm>
#include <cmath>

#include "features/families.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {

FeatureResult peak_voltage(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return missing(peaks);
  return samples(context.voltage(), peaks.values());
}

namespace {

double at(std::span<const double> signal, Index i) { return signal[static_cast<std::size_t>(i)]; }

constexpr Feature peak_voltage_row{
    "peak_voltage", "mV", "Voltage of each spike's peak", "v[peak_indices]", "peak_indices voltage", "", peak_voltage};
constexpr Feature ap_height_row{
    "AP_height", "mV", "Same as peak_voltage", "v[peak_indices]", "peak_indices voltage", "", peak_voltage};

FeatureResult ap1_peak(const TraceContext& context) { return element(context.result(peak_voltage), 0); }
constexpr Feature ap1_peak_row{
    "AP1_peak", "mV", "Peak voltage of the first spike", "peak_voltage[0]", "peak_voltage", "", ap1_peak};

FeatureResult ap2_peak(const TraceContext& context) { return element(context.result(peak_voltage), 1); }
constexpr Feature ap2_peak_row{
    "AP2_peak", "mV", "Peak voltage of the second spike", "peak_voltage[1]", "peak_voltage", "", ap2_peak};

/// Difference of two peaks or amplitudes; the position `last` stands for the last one.
constexpr std::size_t last = static_cast<std::size_t>(-1);
FeatureResult difference(const FeatureResult& values, std::size_t minuend, std::size_t subtrahend, std::size_t fewest) {
  if (!values) return missing(values);
  if (values.size() < fewest) return failed("too few spikes");
  const auto value = [&](std::size_t i) { return i == last ? values.values().back() : values[i]; };
  return one(value(minuend) - value(subtrahend));
}

FeatureResult ap2_ap1_peak_diff(const TraceContext& context) {
  return difference(context.result(peak_voltage), 1, 0, 2);
}
constexpr Feature ap2_ap1_peak_diff_row{"AP2_AP1_peak_diff",
                                        "mV",
                                        "Peak voltage of the second spike less that of the first",
                                        "peak_voltage[1] - peak_voltage[0]",
                                        "peak_voltage",
                                        "",
                                        ap2_ap1_peak_diff};

FeatureResult amp_drop_first_second(const TraceContext& context) {
  return difference(context.result(peak_voltage), 0, 1, 2);
}
constexpr Feature amp_drop_first_second_row{"amp_drop_first_second",
                                            "mV",
                                            "Peak voltage of the first spike less that of the second",
                                            "peak_voltage[0] - peak_voltage[1]",
                                            "peak_voltage",
                                            "",
                                            amp_drop_first_second};

FeatureResult amp_drop_first_last(const TraceContext& context) {
  return difference(context.result(peak_voltage), 0, last, 2);
}
constexpr Feature amp_drop_first_last_row{"amp_drop_first_last",
                                          "mV",
                                          "Peak voltage of the first spike less that of the last",
                                          "peak_voltage[0] - peak_voltage[last]",
                                          "peak_voltage",
                                          "",
                                          amp_drop_first_last};

FeatureResult amp_drop_second_last(const TraceContext& context) {
  return difference(context.result(peak_voltage), 1, last, 3);
}
constexpr Feature amp_drop_second_last_row{"amp_drop_second_last",
                                           "mV",
                                           "Peak voltage of the second spike less that of the last",
                                           "peak_voltage[1] - peak_voltage[last]",
                                           "peak_voltage",
                                           "",
                                           amp_drop_second_last};

FeatureResult max_amp_difference(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_voltage);
  if (!peaks) return missing(peaks);
  if (peaks.size() < 2) return failed("fewer than two spikes");
  double largest = peaks[0] - peaks[1];
  for (std::size_t i = 2; i < peaks.size(); ++i) largest = std::max(largest, peaks[i - 1] - peaks[i]);
  return one(largest);
}
constexpr Feature max_amp_difference_row{"max_amp_difference",
                                         "mV",
                                         "Largest drop of the peak voltage from one spike to the next",
                                         "max(peak_voltage[:-1] - peak_voltage[1:])",
                                         "peak_voltage",
                                         "",
                                         max_amp_difference};

/// Where the search for each spike's begin starts: near the begin of the stimulus, then the minimum before the spike.
IndexList begin_search_starts(const TraceContext& context, Index stimulus_begin) {
  // Two samples earlier, so that a spike that begins exactly with the stimulus is not skipped.
  IndexList starts{std::max<Index>(0, stimulus_begin - 2)};
  for (const Index minimum : context.indices(min_ahp_indices).values()) {
    if (minimum > stimulus_begin) starts.push_back(minimum);
  }
  return starts;
}

enum class BeginSearch { found, absent, endless };

/// Goes back from the peak to the last sample from which on the slope stays above the threshold for `window` samples.
/// eFEL limits the candidate to the last `window` samples of the trace; where that limit lies before the search's
/// start its loop can run for ever, which is reported as `endless`.
BeginSearch find_begin(std::span<const double> slope, Index start, Index peak, Index window, double threshold,
                       Index& begin) {
  const auto n = static_cast<Index>(slope.size());
  const auto steep = [&](Index i) { return !(at(slope, i) < threshold); };
  for (Index end = peak;; end = begin - 1) {
    begin = start;
    for (Index i = end; i > start; --i) {
      if (at(slope, i - 1) <= threshold) {
        begin = i;
        break;
      }
    }
    begin = std::min(begin, n - window);
    if (begin == start) return BeginSearch::absent;
    if (begin < 0) return BeginSearch::endless;
    bool stays = true;
    for (Index i = begin; i < begin + window && stays; ++i) stays = steep(i);
    if (stays) return BeginSearch::found;
    if (begin < start) return BeginSearch::endless;
  }
}

}  // namespace

IndexResult ap_begin_indices(const TraceContext& context) {
  const IndexResult& all_peaks = context.indices(peak_indices);
  if (!all_peaks) return IndexResult::failure(all_peaks.reason());
  const Index stimulus_begin = context.index_at(context.stim_start());
  const IndexList starts = begin_search_starts(context, stimulus_begin);
  IndexList peaks;
  for (const Index peak : all_peaks.values()) {
    if (peak > stimulus_begin) peaks.push_back(peak);
  }
  if (starts.size() < peaks.size()) return IndexResult::failure("more spikes than minima between them");
  IndexList begins;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    Index begin = 0;
    switch (find_begin(context.derivative(), starts[i], peaks[i], std::max(0, context.settings().DerivativeWindow),
                       context.settings().DerivativeThreshold, begin)) {
      case BeginSearch::found:
        begins.push_back(begin);
        break;
      case BeginSearch::absent:
        break;
      case BeginSearch::endless:
        return IndexResult::failure("a spike too close to the end of the trace");
    }
  }
  return nonempty(std::move(begins), "no spike begins in the stimulus");
}

IndexResult ap_end_indices(const TraceContext& context) {
  const IndexResult& all_peaks = context.indices(peak_indices);
  if (!all_peaks) return IndexResult::failure(all_peaks.reason());
  const auto slope = context.derivative();
  const Index stimulus_begin = context.index_at(context.stim_start());
  IndexList peaks;
  for (const Index peak : all_peaks.values()) {
    if (peak > stimulus_begin) peaks.push_back(peak);
  }
  peaks.push_back(static_cast<Index>(slope.size()) - 1);
  IndexList ends;
  for (std::size_t i = 0; i + 1 < peaks.size(); ++i) {
    const Index first = peaks[i] + 1;
    const Index next = peaks[i + 1];
    if (first >= next) continue;
    const Index steepest = min_index(slope, first, next);
    const double threshold = context.settings().DownDerivativeThreshold;
    const Index end = find_first(slope, steepest, next, [&](double x) { return x >= threshold; });
    if (end != next) ends.push_back(end);
  }
  return nonempty(std::move(ends), "no spike ends");
}

FeatureResult ap_begin_voltage(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  return samples(context.voltage(), begins.values());
}

FeatureResult ap_amplitude(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  const FeatureResult& times = context.result(peak_time);
  const FeatureResult& heights = context.result(peak_voltage);
  if (!begins) return missing(begins);
  Values inside;
  for (std::size_t i = 0; i < times.size(); ++i) {
    if (times[i] >= context.stim_start() && times[i] <= context.stim_end()) inside.push_back(heights[i]);
  }
  if (inside.size() > begins.size()) return failed("fewer spike begins than spikes in the stimulus");
  for (std::size_t i = 0; i < inside.size(); ++i) inside[i] -= at(context.voltage(), begins[i]);
  return nonempty(std::move(inside), "no spikes in the stimulus");
}

namespace {

constexpr Feature ap_begin_indices_row{
    "AP_begin_indices",
    "constant",
    "Sample index of each spike's begin: the slope stays above the threshold from there",
    "last i before the peak with dv/dt[i - 1] <= DerivativeThreshold and dv/dt[i : i + DerivativeWindow] above it",
    "peak_indices min_AHP_indices",
    "DerivativeThreshold DerivativeWindow",
    as_feature<ap_begin_indices>};

constexpr Feature ap_end_indices_row{"AP_end_indices",
                                     "constant",
                                     "Sample index of each spike's end: the fall has become slower than the threshold",
                                     "first i after the steepest fall with dv/dt[i] >= DownDerivativeThreshold",
                                     "peak_indices",
                                     "DownDerivativeThreshold",
                                     as_feature<ap_end_indices>};

constexpr Feature ap_begin_voltage_row{
    "AP_begin_voltage", "mV", "Voltage at each spike's begin", "v[AP_begin_indices]", "AP_begin_indices", "",
    ap_begin_voltage};

FeatureResult ap_begin_time(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  return samples(context.time(), begins.values());
}
constexpr Feature ap_begin_time_row{
    "AP_begin_time", "ms", "Time of each spike's begin", "t[AP_begin_indices]", "AP_begin_indices", "", ap_begin_time};

FeatureResult ap1_begin_voltage(const TraceContext& context) { return element(context.result(ap_begin_voltage), 0); }
constexpr Feature ap1_begin_voltage_row{
    "AP1_begin_voltage", "mV", "Voltage at the first spike's begin", "AP_begin_voltage[0]", "AP_begin_voltage", "",
    ap1_begin_voltage};

FeatureResult ap2_begin_voltage(const TraceContext& context) { return element(context.result(ap_begin_voltage), 1); }
constexpr Feature ap2_begin_voltage_row{
    "AP2_begin_voltage", "mV", "Voltage at the second spike's begin", "AP_begin_voltage[1]", "AP_begin_voltage", "",
    ap2_begin_voltage};

constexpr Feature ap_amplitude_row{"AP_amplitude",
                                   "mV",
                                   "Height of each spike in the stimulus above the voltage at its begin",
                                   "peak_voltage - v[AP_begin_indices]",
                                   "AP_begin_indices peak_voltage peak_time",
                                   "",
                                   ap_amplitude};

FeatureResult ap1_amp(const TraceContext& context) { return element(context.result(ap_amplitude), 0); }
constexpr Feature ap1_amp_row{"AP1_amp", "mV",   "Amplitude of the first spike", "AP_amplitude[0]", "AP_amplitude",
                              "",        ap1_amp};

FeatureResult ap2_amp(const TraceContext& context) { return element(context.result(ap_amplitude), 1); }
constexpr Feature ap2_amp_row{"AP2_amp", "mV",   "Amplitude of the second spike", "AP_amplitude[1]", "AP_amplitude",
                              "",        ap2_amp};

FeatureResult aplast_amp(const TraceContext& context) {
  const FeatureResult& amplitudes = context.result(ap_amplitude);
  if (!amplitudes) return missing(amplitudes);
  return one(amplitudes.values().back());
}
constexpr Feature aplast_amp_row{
    "APlast_amp", "mV", "Amplitude of the last spike", "AP_amplitude[last]", "AP_amplitude", "", aplast_amp};

FeatureResult mean_ap_amplitude(const TraceContext& context) {
  const FeatureResult& amplitudes = context.result(ap_amplitude);
  if (!amplitudes) return missing(amplitudes);
  return one(plain_mean(amplitudes.values()));
}
constexpr Feature mean_ap_amplitude_row{"mean_AP_amplitude",  "mV",           "Mean amplitude of the spikes",
                                        "mean(AP_amplitude)", "AP_amplitude", "",
                                        mean_ap_amplitude};

FeatureResult ap2_ap1_diff(const TraceContext& context) { return difference(context.result(ap_amplitude), 1, 0, 2); }
constexpr Feature ap2_ap1_diff_row{"AP2_AP1_diff",
                                   "mV",
                                   "Amplitude of the second spike less that of the first",
                                   "AP_amplitude[1] - AP_amplitude[0]",
                                   "AP_amplitude",
                                   "",
                                   ap2_ap1_diff};

FeatureResult ap_amplitude_change(const TraceContext& context) { return relative_change(context.result(ap_amplitude)); }
constexpr Feature ap_amplitude_change_row{"AP_amplitude_change",
                                          "constant",
                                          "Relative difference of each amplitude to the first one",
                                          "(AP_amplitude[1:] - AP_amplitude[0]) / AP_amplitude[0]",
                                          "AP_amplitude",
                                          "",
                                          ap_amplitude_change};

FeatureResult ap_amplitude_diff(const TraceContext& context) {
  return successive_differences(context.result(ap_amplitude));
}
constexpr Feature ap_amplitude_diff_row{"AP_amplitude_diff",  "mV",           "Difference of neighbouring amplitudes",
                                        "diff(AP_amplitude)", "AP_amplitude", "",
                                        ap_amplitude_diff};

FeatureResult ap_amplitude_from_voltagebase(const TraceContext& context) {
  const FeatureResult& base = context.result(voltage_base);
  const FeatureResult& peaks = context.result(peak_voltage);
  if (!base) return missing(base);
  if (!peaks) return missing(peaks);
  Values amplitudes;
  for (const double peak : peaks.values()) amplitudes.push_back(peak - base[0]);
  return amplitudes;
}
constexpr Feature ap_amplitude_from_voltagebase_row{"AP_amplitude_from_voltagebase",
                                                    "mV",
                                                    "Height of each spike above the resting voltage",
                                                    "peak_voltage - voltage_base",
                                                    "peak_voltage voltage_base",
                                                    "",
                                                    ap_amplitude_from_voltagebase};

/// For each spike's begin the first peak at or after it that no earlier begin has taken, then the steepest rise
/// between the two.
FeatureResult ap_peak_upstroke(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  Values steepest;
  std::size_t next = 0;
  for (const Index begin : begins.values()) {
    while (next < peaks.size() && peaks[next] < begin) ++next;
    if (next == peaks.size()) break;
    steepest.push_back(at(context.derivative(), max_index(context.derivative(), begin, peaks[next])));
    ++next;
  }
  return nonempty(std::move(steepest), "no spikes");
}
constexpr Feature ap_peak_upstroke_row{"AP_peak_upstroke",
                                       "V/s",
                                       "Steepest rise of each spike",
                                       "max(dv/dt[AP_begin_indices : peak_indices])",
                                       "AP_begin_indices peak_indices",
                                       "",
                                       ap_peak_upstroke};

FeatureResult ap_peak_downstroke(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  Values steepest;
  for (std::size_t i = 0; i < std::min(minima.size(), peaks.size()); ++i) {
    steepest.push_back(at(context.derivative(), min_index(context.derivative(), peaks[i], minima[i])));
  }
  return nonempty(std::move(steepest), "no spikes");
}
constexpr Feature ap_peak_downstroke_row{"AP_peak_downstroke",
                                         "V/s",
                                         "Steepest fall of each spike (negative)",
                                         "min(dv/dt[peak_indices : min_AHP_indices])",
                                         "peak_indices min_AHP_indices",
                                         "",
                                         ap_peak_downstroke};

/// Slope of the phase plot (v, dv/dt) around each spike's begin.
FeatureResult ap_phaseslope(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  const Index range = context.settings().AP_phaseslope_range;
  const auto slope = context.derivative();
  const auto n = static_cast<Index>(slope.size());
  Values slopes;
  for (const Index begin : begins.values()) {
    const Index before = begin - range;
    const Index after = begin + range;
    if (before < 0 || after < 0 || before >= n || after >= n) return failed("a spike too close to the trace's end");
    const double rise = at(context.voltage(), after) - at(context.voltage(), before);
    if (rise == 0) return failed("the voltage is flat around a spike's begin");
    slopes.push_back((at(slope, after) - at(slope, before)) / rise);
  }
  return slopes;
}
constexpr Feature ap_phaseslope_row{"AP_phaseslope",
                                    "1/(ms)",
                                    "Slope of dv/dt against v at each spike's begin",
                                    "(dv/dt[b + r] - dv/dt[b - r]) / (v[b + r] - v[b - r]), b = AP_begin_indices, "
                                    "r = AP_phaseslope_range",
                                    "AP_begin_indices",
                                    "AP_phaseslope_range",
                                    ap_phaseslope,
                                    naundorf};

constexpr Feature table[] = {peak_voltage_row,
                             ap_height_row,
                             ap1_peak_row,
                             ap2_peak_row,
                             ap2_ap1_peak_diff_row,
                             amp_drop_first_second_row,
                             amp_drop_first_last_row,
                             amp_drop_second_last_row,
                             max_amp_difference_row,
                             ap_begin_indices_row,
                             ap_end_indices_row,
                             ap_begin_voltage_row,
                             ap_begin_time_row,
                             ap1_begin_voltage_row,
                             ap2_begin_voltage_row,
                             ap_amplitude_row,
                             ap1_amp_row,
                             ap2_amp_row,
                             aplast_amp_row,
                             mean_ap_amplitude_row,
                             ap2_ap1_diff_row,
                             ap_amplitude_change_row,
                             ap_amplitude_diff_row,
                             ap_amplitude_from_voltagebase_row,
                             ap_peak_upstroke_row,
                             ap_peak_downstroke_row,
                             ap_phaseslope_row};

}  // namespace

std::span<const Feature> spike_shape_features() { return table; }

}  // namespace cellwright::features
