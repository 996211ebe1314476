/// Durations of spikes and of their parts.
#include <algorithm>
#include <cmath>

#include "features/families.hpp"

namespace cellwright::features {
namespace {

double at(std::span<const double> signal, Index i) { return signal[static_cast<std::size_t>(i)]; }

/// Half-way samples of the rises. Peaks and begins are paired by position, eFEL's way.
IndexResult ap_rise_indices(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return IndexResult::failure(begins.reason());
  const auto v = context.voltage();
  IndexList rises;
  for (std::size_t i = 0; i < std::min(begins.size(), peaks.size()); ++i) {
    if (peaks[i] < begins[i]) return IndexResult::failure("a peak lies before its spike's begin");
    const double half = (at(v, peaks[i]) + at(v, begins[i])) / 2.0;
    rises.push_back(nearest_index(v, begins[i], peaks[i], half));
  }
  return rises;
}
constexpr Feature ap_rise_indices_row{"AP_rise_indices",
                                      "constant",
                                      "Sample index half-way up each spike",
                                      "argmin(abs(v - (v[peak] + v[begin]) / 2)) between begin and peak",
                                      "AP_begin_indices peak_indices",
                                      "",
                                      as_feature<ap_rise_indices>};

/// Half-way samples of the falls. Where a spike's end lies before its peak (they are paired by position) the index is
/// 0, as in eFEL. Spikes without an end are left out, where eFEL reads behind its list.
IndexResult ap_fall_indices(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& begins = context.indices(ap_begin_indices);
  const IndexResult& ends = context.indices(ap_end_indices);
  if (!begins) return IndexResult::failure(begins.reason());
  if (!ends) return IndexResult::failure(ends.reason());
  const auto v = context.voltage();
  IndexList falls;
  for (std::size_t i = 0; i < std::min({begins.size(), peaks.size(), ends.size()}); ++i) {
    const double half = (at(v, peaks[i]) + at(v, begins[i])) / 2.0;
    falls.push_back(peaks[i] > ends[i] ? 0 : nearest_index(v, peaks[i], ends[i], half));
  }
  return falls;
}
constexpr Feature ap_fall_indices_row{"AP_fall_indices",
                                      "constant",
                                      "Sample index half-way down each spike",
                                      "argmin(abs(v - (v[peak] + v[begin]) / 2)) between peak and end",
                                      "AP_begin_indices AP_end_indices peak_indices",
                                      "",
                                      as_feature<ap_fall_indices>};

FeatureResult ap_duration_half_width(const TraceContext& context) {
  const IndexResult& rises = context.indices(ap_rise_indices);
  const IndexResult& falls = context.indices(ap_fall_indices);
  if (!rises) return missing(rises);
  if (!falls) return missing(falls);
  Values widths;
  for (std::size_t i = 0; i < std::min(rises.size(), falls.size()); ++i) {
    widths.push_back(at(context.time(), falls[i]) - at(context.time(), rises[i]));
  }
  return widths;
}
constexpr Feature ap_duration_half_width_row{"AP_duration_half_width",
                                             "ms",
                                             "Time from half-way up to half-way down each spike",
                                             "t[AP_fall_indices] - t[AP_rise_indices]",
                                             "AP_rise_indices AP_fall_indices",
                                             "",
                                             ap_duration_half_width};

FeatureResult ap_duration_half_width_change(const TraceContext& context) {
  return relative_change(context.result(ap_duration_half_width));
}
constexpr Feature ap_duration_half_width_change_row{"AP_duration_half_width_change",
                                                    "constant",
                                                    "Relative difference of each half-width to the first one",
                                                    "(x[1:] - x[0]) / x[0], x = AP_duration_half_width",
                                                    "AP_duration_half_width",
                                                    "",
                                                    ap_duration_half_width_change};

FeatureResult ap_duration(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  const IndexResult& ends = context.indices(ap_end_indices);
  if (!begins) return missing(begins);
  if (!ends) return missing(ends);
  Values durations;
  for (std::size_t i = 0; i < std::min(begins.size(), ends.size()); ++i) {
    durations.push_back(at(context.time(), ends[i]) - at(context.time(), begins[i]));
  }
  return durations;
}
constexpr Feature ap_duration_row{"AP_duration",
                                  "ms",
                                  "Time from begin to end of each spike",
                                  "t[AP_end_indices] - t[AP_begin_indices]",
                                  "AP_begin_indices AP_end_indices",
                                  "",
                                  ap_duration};

FeatureResult ap_duration_change(const TraceContext& context) { return relative_change(context.result(ap_duration)); }
constexpr Feature ap_duration_change_row{"AP_duration_change",
                                         "constant",
                                         "Relative difference of each duration to the first one",
                                         "(AP_duration[1:] - AP_duration[0]) / AP_duration[0]",
                                         "AP_duration",
                                         "",
                                         ap_duration_change};

/// Bounds between which AP_width looks for each spike: the trace's begin, then the minima after the spikes; with
/// strict_stiminterval only within the stimulus.
IndexList width_bounds(const TraceContext& context, const IndexResult& minima) {
  if (!context.settings().strict_stiminterval) {
    IndexList bounds{0};
    bounds.insert(bounds.end(), minima.values().begin(), minima.values().end());
    return bounds;
  }
  const Index begin = context.index_at(context.stim_start());
  const Index end = context.index_at(context.stim_end());
  IndexList bounds{begin};
  for (const Index minimum : minima.values()) {
    if (begin < minimum && minimum < end) bounds.push_back(minimum);
  }
  return bounds;
}

/// First sample at or above the threshold and the first one after it at or below, in [first, last).
std::pair<Index, Index> stay_above(std::span<const double> v, Index first, Index last, double threshold) {
  const Index onset = find_first(v, first, last, [&](double x) { return x >= threshold; });
  return {onset, find_first(v, onset, last, [&](double x) { return x <= threshold; })};
}

FeatureResult ap_width(const TraceContext& context) {
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  const IndexList bounds = width_bounds(context, minima);
  Values widths;
  for (std::size_t i = 0; i + 1 < bounds.size(); ++i) {
    const auto [onset, end] = stay_above(context.voltage(), bounds[i], bounds[i + 1], context.settings().Threshold);
    widths.push_back(at(context.time(), end) - at(context.time(), onset));
  }
  return nonempty(std::move(widths), "no spikes in the stimulus");
}
constexpr Feature ap_width_row{"AP_width",
                               "ms",
                               "Time that each spike stays above the spike threshold",
                               "t[first v <= Threshold after onset] - t[onset], onset = first v >= Threshold",
                               "peak_indices min_AHP_indices",
                               "Threshold strict_stiminterval",
                               ap_width};

FeatureResult ap_width_between_threshold(const TraceContext& context) {
  const IndexResult& minima = context.indices(min_between_peaks_indices);
  if (!minima) return missing(minima);
  Values widths;
  Index first = context.index_at(context.stim_start());
  for (const Index last : minima.values()) {
    // Peaks before the stimulus leave a range that runs backwards: nothing is found in it.
    const auto [onset, end] = stay_above(context.voltage(), first, last, context.settings().Threshold);
    if (end != last) widths.push_back(at(context.time(), end) - at(context.time(), onset));
    first = last;
  }
  return nonempty(std::move(widths), "no spike crosses the threshold twice");
}
constexpr Feature ap_width_between_threshold_row{
    "AP_width_between_threshold",
    "ms",
    "Time that each spike stays above the spike threshold, between the minima around it",
    "t[first v <= Threshold after onset] - t[onset], onset = first v >= Threshold",
    "min_between_peaks_indices",
    "Threshold",
    ap_width_between_threshold};

/// Time by which the crossing of `level` lies before sample i, by linear interpolation from the sample before. At the
/// first sample of the trace there is none (eFEL reads in front of the trace): no correction.
double crossing_offset(const TraceContext& context, Index i, double level) {
  if (i == 0) return 0.0;
  const auto t = context.time();
  const auto v = context.voltage();
  return (at(t, i) - at(t, i - 1)) * (level - at(v, i)) / (at(v, i) - at(v, i - 1));
}

FeatureResult spike_half_width(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  const auto t = context.time();
  const auto v = context.voltage();
  Values widths;
  Index first = context.index_at(context.stim_start());
  for (std::size_t i = 0; i < minima.size(); ++i) {
    const double half = (at(v, peaks[i]) + at(v, minima[i])) / 2.0;
    const Index rise = find_first(v, first, peaks[i], [&](double x) { return x >= half; });
    const Index fall = find_first(v, peaks[i], minima[i], [&](double x) { return x <= half; });
    const double rise_offset = crossing_offset(context, rise, half);
    const double fall_offset = crossing_offset(context, fall, half);
    widths.push_back(at(t, fall) - rise_offset - at(t, rise) + fall_offset);
    first = minima[i];
  }
  return widths;
}
constexpr Feature spike_half_width_row{"spike_half_width",
                                       "ms",
                                       "Width of each spike half-way between its peak and the minimum after it",
                                       "t(v falls to h) - t(v rises to h), h = (v[peak] + v[min_AHP]) / 2",
                                       "peak_indices min_AHP_indices",
                                       "",
                                       spike_half_width};

FeatureResult ap1_width(const TraceContext& context) { return element(context.result(spike_half_width), 0); }
constexpr Feature ap1_width_row{
    "AP1_width", "ms", "Half-width of the first spike", "spike_half_width[0]", "spike_half_width", "", ap1_width};

FeatureResult ap2_width(const TraceContext& context) { return element(context.result(spike_half_width), 1); }
constexpr Feature ap2_width_row{
    "AP2_width", "ms", "Half-width of the second spike", "spike_half_width[1]", "spike_half_width", "", ap2_width};

FeatureResult aplast_width(const TraceContext& context) {
  const FeatureResult& widths = context.result(spike_half_width);
  if (!widths) return missing(widths);
  return one(widths.values().back());
}
constexpr Feature aplast_width_row{
    "APlast_width", "ms", "Half-width of the last spike", "spike_half_width[last]", "spike_half_width", "",
    aplast_width};

/// Central differences with one-sided ends, per step `dx`.
Values central_differences(const Values& x, double dx) {
  Values slope;
  slope.reserve(x.size());
  slope.push_back((x[1] - x[0]) / dx);
  for (std::size_t i = 1; i + 1 < x.size(); ++i) slope.push_back(((x[i + 1] - x[i - 1]) / 2) / dx);
  slope.push_back((x[x.size() - 1] - x[x.size() - 2]) / dx);
  return slope;
}

/// Position (in the piece) of the last of the largest second derivatives.
Index strongest_curvature(const Values& piece, double dx) {
  const Values curvature = central_differences(central_differences(piece, dx), dx);
  std::size_t strongest = 0;
  double largest = curvature[0];
  for (std::size_t i = 1; i < curvature.size(); ++i) {
    if (largest <= curvature[i]) {
      largest = curvature[i];
      strongest = i;
    }
  }
  return static_cast<Index>(strongest);
}

/// Width of the spike that peaks at `peak`, half-way up from the point of strongest curvature after `minimum`.
double curvature_width(const TraceContext& context, Index minimum, Index peak) {
  const auto t = context.time();
  const auto v = context.voltage();
  const double dx = t[1] - t[0];
  const Values piece(v.begin() + minimum, v.begin() + peak + 1);
  const Index threshold = minimum + strongest_curvature(piece, dx);
  const double half = (at(v, peak) + at(v, threshold)) / 2;
  const auto crossing = [&](Index i) { return at(t, i - 1) + (half - at(v, i - 1)) / (at(v, i) - at(v, i - 1)) * dx; };
  const Index found = find_first(v, minimum, peak + 1, [&](double x) { return x > half; });
  const Index rise = found <= peak ? found : threshold;
  const auto n = static_cast<Index>(v.size());
  const Index fall = find_first(v, peak, n, [&](double x) { return x < half; });
  return crossing(fall < n ? fall : rise) - crossing(rise);
}

FeatureResult spike_width2(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  const IndexResult& minima = context.indices(min_ahp_indices);
  if (!minima) return missing(minima);
  if (peaks.size() < 2) return failed("fewer than two spikes");
  Values widths;
  for (std::size_t i = 0; i < minima.size() && i + 1 < peaks.size(); ++i) {
    // Crossings through samples equal to the threshold can pair so that two spikes share their peak.
    if (minima[i] >= peaks[i + 1]) return failed("spikes overlap");
    widths.push_back(curvature_width(context, minima[i], peaks[i + 1]));
  }
  return nonempty(std::move(widths), "no minimum before a spike");
}
constexpr Feature spike_width2_row{
    "spike_width2",
    "ms",
    "Width of each spike but the first, half-way between its peak and the point of strongest curvature before it",
    "t(v falls to h) - t(v rises to h), h = (v[peak] + v[argmax(d2v/dt2)]) / 2",
    "min_AHP_indices peak_indices",
    "",
    spike_width2};

FeatureResult ap_begin_width(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  const IndexResult& all_minima = context.indices(min_ahp_indices);
  if (!begins) return missing(begins);
  if (!all_minima) return missing(all_minima);
  const Index stimulus_begin = context.index_at(context.stim_start());
  const auto v = context.voltage();
  Values widths;
  for (const Index minimum : all_minima.values()) {
    if (minimum <= stimulus_begin) continue;
    if (widths.size() == begins.size()) return failed("fewer spike begins than minima after spikes");
    const Index begin = begins[widths.size()];
    const double level = at(v, begin);
    const Index fall = find_first(v, begin + 1, minimum, [&](double x) { return x <= level; });
    widths.push_back(at(context.time(), fall) - at(context.time(), begin));
  }
  return nonempty(std::move(widths), "no minimum after a spike in the stimulus");
}
constexpr Feature ap_begin_width_row{"AP_begin_width",
                                     "ms",
                                     "Width of each spike at the voltage of its begin",
                                     "t[first v <= v[begin] after begin] - t[begin], begin = AP_begin_indices",
                                     "AP_begin_indices min_AHP_indices",
                                     "",
                                     ap_begin_width};

FeatureResult ap1_begin_width(const TraceContext& context) { return element(context.result(ap_begin_width), 0); }
constexpr Feature ap1_begin_width_row{
    "AP1_begin_width", "ms", "Width of the first spike at its begin", "AP_begin_width[0]", "AP_begin_width", "",
    ap1_begin_width};

FeatureResult ap2_begin_width(const TraceContext& context) { return element(context.result(ap_begin_width), 1); }
constexpr Feature ap2_begin_width_row{
    "AP2_begin_width", "ms", "Width of the second spike at its begin", "AP_begin_width[1]", "AP_begin_width", "",
    ap2_begin_width};

FeatureResult ap2_ap1_begin_width_diff(const TraceContext& context) {
  const FeatureResult& widths = context.result(ap_begin_width);
  if (!widths) return missing(widths);
  if (widths.size() < 2) return failed("fewer than two spikes");
  return one(widths[1] - widths[0]);
}
constexpr Feature ap2_ap1_begin_width_diff_row{"AP2_AP1_begin_width_diff",
                                               "ms",
                                               "Width of the second spike at its begin less that of the first",
                                               "AP_begin_width[1] - AP_begin_width[0]",
                                               "AP_begin_width",
                                               "",
                                               ap2_ap1_begin_width_diff};

/// The peaks behind the first spike's begin, to be paired with the begins.
IndexList peaks_after(const IndexResult& peaks, Index first_begin) {
  IndexList later;
  for (const Index peak : peaks.values()) {
    if (peak > first_begin) later.push_back(peak);
  }
  return later;
}

/// Time between two levels of the rise, both taken at samples.
double rise_time(const TraceContext& context, Index begin, Index peak) {
  // Rounding may put a level a little past the sample that defines it.
  constexpr double tolerance = 1e-13;
  const auto v = context.voltage();
  const double amplitude = at(v, peak) - at(v, begin);
  const double lower = at(v, begin) + context.settings().rise_start_perc * amplitude;
  const double upper = at(v, begin) + context.settings().rise_end_perc * amplitude;
  Index first = begin;
  while (first < peak && at(v, first) < lower - tolerance) ++first;
  Index second = peak;
  while (second > begin && at(v, second) > upper + tolerance) --second;
  return at(context.time(), second) - at(context.time(), first);
}

FeatureResult ap_rise_time(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  const IndexList peaks = peaks_after(context.indices(peak_indices), begins[0]);
  Values times;
  for (std::size_t i = 0; i < std::min(begins.size(), peaks.size()); ++i) {
    times.push_back(rise_time(context, begins[i], peaks[i]));
  }
  return nonempty(std::move(times), "no spikes in the stimulus");
}
constexpr Feature ap_rise_time_row{"AP_rise_time",
                                   "ms",
                                   "Time of each spike's rise between two fractions of its amplitude",
                                   "t[v reaches begin + rise_end_perc * a] - t[v reaches begin + rise_start_perc * a], "
                                   "a = v[peak] - v[begin]",
                                   "AP_begin_indices peak_indices",
                                   "rise_start_perc rise_end_perc",
                                   ap_rise_time};

/// Pairs of a peak after stim_start and a spike's end, in order.
struct Fall {
  Index peak;
  Index end;
};
std::vector<Fall> falls_after_stimulus(const TraceContext& context, const IndexResult& ends) {
  std::vector<Fall> falls;
  for (const Index peak : context.indices(peak_indices).values()) {
    if (falls.size() == ends.size()) break;
    if (at(context.time(), peak) > context.stim_start()) falls.push_back({peak, ends[falls.size()]});
  }
  return falls;
}

FeatureResult ap_fall_time(const TraceContext& context) {
  const IndexResult& ends = context.indices(ap_end_indices);
  if (!ends) return missing(ends);
  Values times;
  for (const auto [peak, end] : falls_after_stimulus(context, ends)) {
    times.push_back(at(context.time(), end) - at(context.time(), peak));
  }
  return nonempty(std::move(times), "no spikes in the stimulus");
}
constexpr Feature ap_fall_time_row{"AP_fall_time",
                                   "ms",
                                   "Time from each spike's peak to its end",
                                   "t[AP_end_indices] - t[peak_indices]",
                                   "AP_end_indices peak_indices",
                                   "",
                                   ap_fall_time};

FeatureResult ap_rise_rate(const TraceContext& context) {
  const IndexResult& begins = context.indices(ap_begin_indices);
  if (!begins) return missing(begins);
  const IndexList peaks = peaks_after(context.indices(peak_indices), begins[0]);
  Values rates;
  for (std::size_t i = 0; i < std::min(begins.size(), peaks.size()); ++i) {
    rates.push_back((at(context.voltage(), peaks[i]) - at(context.voltage(), begins[i])) /
                    (at(context.time(), peaks[i]) - at(context.time(), begins[i])));
  }
  return nonempty(std::move(rates), "no spikes in the stimulus");
}
constexpr Feature ap_rise_rate_row{"AP_rise_rate",
                                   "V/s",
                                   "Mean slope of each spike from begin to peak",
                                   "(v[peak] - v[begin]) / (t[peak] - t[begin])",
                                   "AP_begin_indices peak_indices",
                                   "",
                                   ap_rise_rate};

FeatureResult ap_fall_rate(const TraceContext& context) {
  const IndexResult& ends = context.indices(ap_end_indices);
  if (!ends) return missing(ends);
  Values rates;
  for (const auto [peak, end] : falls_after_stimulus(context, ends)) {
    rates.push_back((at(context.voltage(), end) - at(context.voltage(), peak)) /
                    (at(context.time(), end) - at(context.time(), peak)));
  }
  return nonempty(std::move(rates), "no spikes in the stimulus");
}
constexpr Feature ap_fall_rate_row{"AP_fall_rate",
                                   "V/s",
                                   "Mean slope of each spike from peak to end (negative)",
                                   "(v[end] - v[peak]) / (t[end] - t[peak])",
                                   "AP_end_indices peak_indices",
                                   "",
                                   ap_fall_rate};

FeatureResult ap_rise_rate_change(const TraceContext& context) { return relative_change(context.result(ap_rise_rate)); }
constexpr Feature ap_rise_rate_change_row{"AP_rise_rate_change",
                                          "constant",
                                          "Relative difference of each rise rate to the first one",
                                          "(AP_rise_rate[1:] - AP_rise_rate[0]) / AP_rise_rate[0]",
                                          "AP_rise_rate",
                                          "",
                                          ap_rise_rate_change};

FeatureResult ap_fall_rate_change(const TraceContext& context) { return relative_change(context.result(ap_fall_rate)); }
constexpr Feature ap_fall_rate_change_row{"AP_fall_rate_change",
                                          "constant",
                                          "Relative difference of each fall rate to the first one",
                                          "(AP_fall_rate[1:] - AP_fall_rate[0]) / AP_fall_rate[0]",
                                          "AP_fall_rate",
                                          "",
                                          ap_fall_rate_change};

constexpr Feature table[] = {ap_rise_indices_row,
                             ap_fall_indices_row,
                             ap_duration_half_width_row,
                             ap_duration_half_width_change_row,
                             ap_duration_row,
                             ap_duration_change_row,
                             ap_width_row,
                             ap_width_between_threshold_row,
                             spike_half_width_row,
                             ap1_width_row,
                             ap2_width_row,
                             aplast_width_row,
                             spike_width2_row,
                             ap_begin_width_row,
                             ap1_begin_width_row,
                             ap2_begin_width_row,
                             ap2_ap1_begin_width_diff_row,
                             ap_rise_time_row,
                             ap_fall_time_row,
                             ap_rise_rate_row,
                             ap_fall_rate_row,
                             ap_rise_rate_change_row,
                             ap_fall_rate_change_row};

}  // namespace

std::span<const Feature> spike_width_features() { return table; }

}  // namespace cellwright::features
