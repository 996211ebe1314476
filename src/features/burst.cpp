/// Bursts: where they begin and end, what lies between them, and blocks of firing.
#include <algorithm>
#include <cmath>

#include "features/families.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {
namespace {

double at(std::span<const double> signal, Index i) { return signal[static_cast<std::size_t>(i)]; }
Index ssize(const IndexResult& list) { return static_cast<Index>(list.size()); }

// ---------------------------------------------------------------------------------------------- strict bursts

struct Bursts {
  IndexList begins;  // number of the first spike of each burst
  IndexList ends;    // number of its last spike
  bool inside() const { return ends.empty() || begins.back() > ends.back(); }
};

/// A burst ends before an interval that is much longer than the median since the last change, and begins after one
/// that is much longer than the next.
Bursts find_bursts(const Values& isi, double factor, std::size_t ignored) {
  Bursts bursts;
  bursts.begins.push_back(static_cast<Index>(ignored));
  RunningMedian since_change;
  for (std::size_t i = ignored + 1; i < isi.size(); ++i) {
    since_change.add(isi[i - 1]);
    const bool inside = bursts.inside();
    bool change = false;
    if (inside && isi[i] > factor * since_change.value()) {
      bursts.ends.push_back(static_cast<Index>(i));
      change = true;
    }
    if (isi[i] < isi[i - 1] / factor) {
      if (inside) {
        bursts.begins.back() = static_cast<Index>(i);
      } else {
        bursts.begins.push_back(static_cast<Index>(i));
      }
      change = true;
    }
    if (change) since_change.clear();
  }
  if (bursts.inside()) bursts.ends.push_back(static_cast<Index>(isi.size()));
  return bursts;
}

IndexResult burst_bounds(const TraceContext& context, IndexList Bursts::*which) {
  const FeatureResult& isi = context.result(all_isi_values);
  if (!isi) return IndexResult::failure(isi.reason());
  if (isi.size() < 2) return IndexResult::failure("fewer than three spikes");
  const std::size_t ignored = context.settings().ignore_first_ISI ? 1 : 0;
  return find_bursts(isi.values(), context.settings().strict_burst_factor, ignored).*which;
}

IndexResult burst_begin_indices(const TraceContext& context) { return burst_bounds(context, &Bursts::begins); }
constexpr Feature burst_begin_indices_row{
    "burst_begin_indices",
    "constant",
    "Number (from 0) of the first spike of each burst",
    "begins with spike i after an interval more than strict_burst_factor times as long as the next",
    "all_ISI_values",
    "strict_burst_factor ignore_first_ISI",
    as_feature<burst_begin_indices>};

IndexResult burst_end_indices(const TraceContext& context) { return burst_bounds(context, &Bursts::ends); }
constexpr Feature burst_end_indices_row{
    "burst_end_indices",
    "constant",
    "Number (from 0) of the last spike of each burst",
    "ends before an interval longer than strict_burst_factor times the median of the burst's intervals",
    "all_ISI_values",
    "strict_burst_factor ignore_first_ISI",
    as_feature<burst_end_indices>};

FeatureResult strict_burst_mean_freq(const TraceContext& context) {
  const IndexResult& begins = context.indices(burst_begin_indices);
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!begins) return missing(begins);
  const Values& times = context.result(peak_time).values();
  Values frequencies;
  for (std::size_t i = 0; i < std::min(begins.size(), ends.size()); ++i) {
    if (ends[i] <= begins[i]) continue;
    const auto spikes = static_cast<double>((ends[i] - begins[i] + 1) * 1000);
    frequencies.push_back(spikes / (at(times, ends[i]) - at(times, begins[i])));
  }
  return nonempty(std::move(frequencies), "no burst of two spikes");
}
constexpr Feature strict_burst_mean_freq_row{"strict_burst_mean_freq",
                                             "Hz",
                                             "Mean frequency of each burst of two or more spikes",
                                             "1000 * (end - begin + 1) / (peak_time[end] - peak_time[begin])",
                                             "peak_time burst_begin_indices burst_end_indices",
                                             "",
                                             strict_burst_mean_freq};

FeatureResult strict_burst_number(const TraceContext& context) {
  return one(static_cast<double>(context.result(strict_burst_mean_freq).size()));
}
constexpr Feature strict_burst_number_row{"strict_burst_number",
                                          "constant",
                                          "Number of bursts of two or more spikes",
                                          "len(strict_burst_mean_freq)",
                                          "strict_burst_mean_freq",
                                          "",
                                          strict_burst_number};

/// Mean voltage between two bursts, from 5 ms after the last spike of the one to 5 ms before the first of the other.
FeatureResult strict_interburst_voltage(const TraceContext& context) {
  const IndexResult& begins = context.indices(burst_begin_indices);
  const IndexResult& peaks = context.indices(peak_indices);
  if (!begins) return missing(begins);
  const auto t = context.time();
  Values means;
  for (std::size_t i = 1; i < begins.size(); ++i) {
    const Index before = peaks[static_cast<std::size_t>(begins[i] - 1)];
    const Index after = peaks[static_cast<std::size_t>(begins[i])];
    const double begin_time = at(t, before) + 5;
    const double end_time = at(t, after) - 5;
    const Index first = find_first(t, before, after, [&](double x) { return x > begin_time; }) - 1;
    Index last = after;
    while (last > first && !(at(t, last) < end_time)) --last;
    double sum = 0.0;
    for (Index j = first; j <= last + 1; ++j) sum = sum + at(context.voltage(), j);
    means.push_back(sum / static_cast<double>(last + 2 - first));
  }
  return nonempty(std::move(means), "fewer than two bursts");
}
constexpr Feature strict_interburst_voltage_row{
    "strict_interburst_voltage",        "mV",
    "Mean voltage between bursts",      "mean(v[peak_time[last] + 5 ms < t < peak_time[next first] - 5 ms])",
    "peak_indices burst_begin_indices", "",
    strict_interburst_voltage};

// ---------------------------------------------------------------------------------------------- between bursts

/// Peak of the last spike of a burst and of the spike after it, or -1.
struct BurstEnd {
  Index peak;
  Index next_peak;
};
std::vector<BurstEnd> burst_end_peaks(const TraceContext& context, const IndexResult& ends) {
  const IndexResult& peaks = context.indices(peak_indices);
  std::vector<BurstEnd> found;
  for (const Index end : ends.values()) {
    const auto i = static_cast<std::size_t>(end);
    found.push_back({peaks[i], end + 1 < ssize(peaks) ? peaks[i + 1] : -1});
  }
  return found;
}

/// Where a search after the last spike of a burst stops: at the next spike, the end of the stimulus or of the trace.
Index burst_search_end(const TraceContext& context, const BurstEnd& burst) {
  if (burst.next_peak >= 0) return burst.next_peak;
  const Index stimulus_end = context.index_at(context.stim_end());
  return burst.peak < stimulus_end ? stimulus_end : static_cast<Index>(context.time().size());
}

IndexResult interburst_min_indices(const TraceContext& context) {
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!ends) return IndexResult::failure(ends.reason());
  IndexList minima;
  for (const auto [peak, next] : burst_end_peaks(context, ends)) {
    if (next < 0) break;
    minima.push_back(min_index(context.voltage(), peak, next));
  }
  return nonempty(std::move(minima), "no spike after a burst");
}
constexpr Feature interburst_min_indices_row{"interburst_min_indices",
                                             "constant",
                                             "Sample index of the lowest voltage between bursts",
                                             "argmin(v) from a burst's last peak to the next peak",
                                             "peak_indices burst_end_indices",
                                             "",
                                             as_feature<interburst_min_indices>};

/// The voltages at a list of indices.
template <IndexFunction List>
FeatureResult voltages_at(const TraceContext& context) {
  const IndexResult& list = context.indices(List);
  if (!list) return missing(list);
  return samples(context.voltage(), list.values());
}

constexpr Feature interburst_min_values_row{
    "interburst_min_values",  "mV", "Lowest voltage between bursts",    "v[interburst_min_indices]",
    "interburst_min_indices", "",   voltages_at<interburst_min_indices>};

/// Times from the last peak of each burst to the samples of a list, paired by position.
template <IndexFunction List>
FeatureResult times_from_burst(const TraceContext& context) {
  const IndexResult& list = context.indices(List);
  if (!list) return missing(list);
  const IndexResult& ends = context.indices(burst_end_indices);
  const Values& peaks = context.result(peak_time).values();
  if (ends.size() < list.size()) return failed("more minima than bursts");
  Values times;
  for (std::size_t i = 0; i < list.size(); ++i) times.push_back(at(context.time(), list[i]) - at(peaks, ends[i]));
  return times;
}

constexpr Feature time_to_interburst_min_row{"time_to_interburst_min",
                                             "ms",
                                             "Time from a burst's last peak to the lowest voltage after it",
                                             "t[interburst_min_indices] - peak_time[burst_end_indices]",
                                             "interburst_min_indices burst_end_indices peak_time",
                                             "",
                                             times_from_burst<interburst_min_indices>};

IndexResult postburst_min_indices(const TraceContext& context) {
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!ends) return IndexResult::failure(ends.reason());
  IndexList minima;
  for (const BurstEnd& burst : burst_end_peaks(context, ends)) {
    minima.push_back(min_index(context.voltage(), burst.peak, burst_search_end(context, burst)));
  }
  return nonempty(std::move(minima), "no minimum after a burst");
}
constexpr Feature postburst_min_indices_row{"postburst_min_indices",
                                            "constant",
                                            "Sample index of the lowest voltage after each burst",
                                            "argmin(v) from a burst's last peak to the next peak, stim_end or the end",
                                            "peak_indices burst_end_indices",
                                            "",
                                            as_feature<postburst_min_indices>};
constexpr Feature postburst_min_values_row{
    "postburst_min_values",  "mV", "Lowest voltage after each burst", "v[postburst_min_indices]",
    "postburst_min_indices", "",   voltages_at<postburst_min_indices>};

/// As postburst_min_indices, but from sahp_start after the burst's last peak on.
IndexResult postburst_slow_ahp_indices(const TraceContext& context) {
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!ends) return IndexResult::failure(ends.reason());
  IndexList minima;
  for (const BurstEnd& burst : burst_end_peaks(context, ends)) {
    const Index end = burst_search_end(context, burst);
    const double begin = at(context.time(), burst.peak) + context.settings().sahp_start;
    const Index first = std::clamp(context.index_at(begin), burst.peak, end);
    if (first == end && burst.next_peak < 0) continue;
    minima.push_back(min_index(context.voltage(), first, end));
  }
  return nonempty(std::move(minima), "no slow minimum after a burst");
}
constexpr Feature postburst_slow_ahp_indices_row{
    "postburst_slow_ahp_indices",
    "constant",
    "Sample index of the lowest voltage after each burst, from sahp_start after its last spike on",
    "argmin(v[t >= peak_time[burst_end] + sahp_start : next peak, stim_end or the end])",
    "peak_indices burst_end_indices",
    "sahp_start",
    as_feature<postburst_slow_ahp_indices>};
constexpr Feature postburst_slow_ahp_values_row{
    "postburst_slow_ahp_values",  "mV", "Voltage of the slow AHP after each burst", "v[postburst_slow_ahp_indices]",
    "postburst_slow_ahp_indices", "",   voltages_at<postburst_slow_ahp_indices>};
constexpr Feature time_to_postburst_slow_ahp_row{"time_to_postburst_slow_ahp",
                                                 "ms",
                                                 "Time from a burst's last peak to the slow AHP",
                                                 "t[postburst_slow_ahp_indices] - peak_time[burst_end_indices]",
                                                 "postburst_slow_ahp_indices burst_end_indices peak_time",
                                                 "",
                                                 times_from_burst<postburst_slow_ahp_indices>};

/// First local minimum after each burst. One at the very end of the search is left out.
IndexResult postburst_fast_ahp_indices(const TraceContext& context) {
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!ends) return IndexResult::failure(ends.reason());
  const std::vector<BurstEnd> bursts = burst_end_peaks(context, ends);
  // Judged by the last burst's peak, whether or not a spike follows it.
  const bool in_stimulus = at(context.time(), bursts.back().peak) < context.stim_end();
  const Index trace_end =
      in_stimulus ? context.index_at(context.stim_end()) : static_cast<Index>(context.time().size());
  IndexList minima;
  for (const auto [peak, next] : bursts) {
    const Index minimum = first_local_minimum(context.voltage(), peak, next >= 0 ? next : trace_end);
    if (minimum != trace_end - 1) minima.push_back(minimum);
  }
  return nonempty(std::move(minima), "no fast minimum after a burst");
}
constexpr Feature postburst_fast_ahp_indices_row{"postburst_fast_ahp_indices",
                                                 "constant",
                                                 "Sample index of the first minimum after each burst",
                                                 "first local minimum of v after a burst's last peak",
                                                 "peak_indices burst_end_indices",
                                                 "",
                                                 as_feature<postburst_fast_ahp_indices>};
constexpr Feature postburst_fast_ahp_values_row{"postburst_fast_ahp_values",
                                                "mV",
                                                "Voltage of the first minimum after each burst",
                                                "v[postburst_fast_ahp_indices]",
                                                "postburst_fast_ahp_indices",
                                                "",
                                                voltages_at<postburst_fast_ahp_indices>};
constexpr Feature time_to_postburst_fast_ahp_row{"time_to_postburst_fast_ahp",
                                                 "ms",
                                                 "Time from a burst's last peak to the first minimum after it",
                                                 "t[postburst_fast_ahp_indices] - peak_time[burst_end_indices]",
                                                 "postburst_fast_ahp_indices burst_end_indices peak_time",
                                                 "",
                                                 times_from_burst<postburst_fast_ahp_indices>};

/// Highest sample between the fast and the slow minimum after each burst, unless it lies next to the slow one.
IndexResult postburst_adp_peak_indices(const TraceContext& context) {
  const IndexResult& fast = context.indices(postburst_fast_ahp_indices);
  const IndexResult& slow = context.indices(postburst_slow_ahp_indices);
  if (!fast) return IndexResult::failure(fast.reason());
  if (!slow) return IndexResult::failure(slow.reason());
  if (slow.size() > fast.size()) return IndexResult::failure("more slow than fast minima");
  IndexList peaks;
  for (std::size_t i = 0; i < slow.size(); ++i) {
    if (slow[i] < fast[i]) continue;
    const Index peak = max_index(context.voltage(), fast[i], slow[i]);
    if (peak < slow[i] - 1) peaks.push_back(peak);
  }
  return nonempty(std::move(peaks), "no bump after a burst");
}
constexpr Feature postburst_adp_peak_indices_row{
    "postburst_adp_peak_indices",
    "constant",
    "Sample index of the bump between the fast and the slow minimum after a burst",
    "argmax(v[postburst_fast_ahp_indices : postburst_slow_ahp_indices])",
    "postburst_fast_ahp_indices postburst_slow_ahp_indices",
    "",
    as_feature<postburst_adp_peak_indices>};
constexpr Feature postburst_adp_peak_values_row{
    "postburst_adp_peak_values",  "mV", "Voltage of the bump after a burst",    "v[postburst_adp_peak_indices]",
    "postburst_adp_peak_indices", "",   voltages_at<postburst_adp_peak_indices>};

/// Counted from the last spike before the bump, looked for from the burst's last one on.
FeatureResult time_to_postburst_adp_peak(const TraceContext& context) {
  const IndexResult& bumps = context.indices(postburst_adp_peak_indices);
  if (!bumps) return missing(bumps);
  const IndexResult& ends = context.indices(burst_end_indices);
  const Values& peaks = context.result(peak_time).values();
  if (ends.size() < bumps.size()) return failed("more bumps than bursts");
  Values times;
  for (std::size_t i = 0; i < bumps.size(); ++i) {
    const double bump = at(context.time(), bumps[i]);
    auto spike = static_cast<std::size_t>(ends[i]);
    while (spike + 1 < peaks.size() && peaks[spike + 1] < bump) ++spike;
    times.push_back(bump - peaks[spike]);
  }
  return times;
}
constexpr Feature time_to_postburst_adp_peak_row{"time_to_postburst_adp_peak",
                                                 "ms",
                                                 "Time from the last spike before it to the bump after a burst",
                                                 "t[postburst_adp_peak_indices] - peak_time[burst_end_indices]",
                                                 "postburst_adp_peak_indices burst_end_indices peak_time",
                                                 "",
                                                 time_to_postburst_adp_peak};

/// Samples at a percentage of the time from the fast minimum after a burst to the next spike.
template <int Percent>
IndexResult interburst_indices(const TraceContext& context) {
  const IndexResult& fast = context.indices(postburst_fast_ahp_indices);
  if (!fast) return IndexResult::failure(fast.reason());
  const IndexResult& ends = context.indices(burst_end_indices);
  const IndexResult& peaks = context.indices(peak_indices);
  const auto t = context.time();
  IndexList found;
  for (std::size_t i = 0; i < std::min(fast.size(), ends.size()); ++i) {
    if (ends[i] + 1 >= ssize(peaks)) continue;
    const double begin = at(t, fast[i]);
    const double interval = at(t, peaks[static_cast<std::size_t>(ends[i] + 1)]) - begin;
    const Index index = context.index_at(begin + interval * (Percent / 100.));
    if (index < static_cast<Index>(t.size())) found.push_back(index);
  }
  return nonempty(std::move(found), "no spike after a burst");
}

template <int Percent>
constexpr Feature interburst_indices_row(std::string_view name) {
  return {name,
          "constant",
          "Sample index at a percentage of the time from the fast AHP after a burst to the next spike",
          "first t >= t_fast + percent / 100 * (t_next_peak - t_fast)",
          "postburst_fast_ahp_indices peak_indices burst_end_indices",
          "",
          as_feature<interburst_indices<Percent>>};
}

template <int Percent>
constexpr Feature interburst_values_row(std::string_view name) {
  return {name,
          "mV",
          "Voltage at a percentage of the time from the fast AHP after a burst to the next spike",
          "v[first t >= t_fast + percent / 100 * (t_next_peak - t_fast)]",
          "postburst_fast_ahp_indices peak_indices burst_end_indices",
          "",
          voltages_at<interburst_indices<Percent>>};
}

FeatureResult interburst_duration(const TraceContext& context) {
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!ends) return missing(ends);
  const Values& peaks = context.result(peak_time).values();
  Values durations;
  for (const Index end : ends.values()) {
    const auto i = static_cast<std::size_t>(end);
    if (i + 1 < peaks.size()) durations.push_back(peaks[i + 1] - peaks[i]);
  }
  return nonempty(std::move(durations), "no spike after a burst");
}
constexpr Feature interburst_duration_row{"interburst_duration",
                                          "ms",
                                          "Time from a burst's last peak to the next peak",
                                          "peak_time[burst_end_indices + 1] - peak_time[burst_end_indices]",
                                          "peak_time burst_end_indices",
                                          "",
                                          interburst_duration};

/// Spikes in each burst.
FeatureResult spikes_per_burst(const TraceContext& context) {
  const IndexResult& begins = context.indices(burst_begin_indices);
  const IndexResult& ends = context.indices(burst_end_indices);
  if (!begins) return missing(begins);
  Values counts;
  for (std::size_t i = 0; i < std::min(begins.size(), ends.size()); ++i) {
    counts.push_back(static_cast<double>(ends[i] - begins[i] + 1));
  }
  return counts;
}
constexpr Feature spikes_per_burst_row{"spikes_per_burst",
                                       "constant",
                                       "Number of spikes in each burst",
                                       "burst_end_indices - burst_begin_indices + 1",
                                       "burst_begin_indices burst_end_indices",
                                       "",
                                       spikes_per_burst};

FeatureResult spikes_per_burst_diff(const TraceContext& context) {
  const FeatureResult& counts = context.result(spikes_per_burst);
  if (!counts) return missing(counts);
  Values differences;
  for (std::size_t i = 1; i < counts.size(); ++i) differences.push_back(counts[i - 1] - counts[i]);
  return nonempty(std::move(differences), "fewer than two bursts");
}
constexpr Feature spikes_per_burst_diff_row{
    "spikes_per_burst_diff",   "constant",         "Number of spikes in each burst less that in the next one",
    "-diff(spikes_per_burst)", "spikes_per_burst", "",
    spikes_per_burst_diff};

FeatureResult spikes_in_burst1_burst2_diff(const TraceContext& context) {
  return element(context.result(spikes_per_burst_diff), 0);
}
constexpr Feature spikes_in_burst1_burst2_diff_row{"spikes_in_burst1_burst2_diff",
                                                   "constant",
                                                   "Number of spikes in the first burst less that in the second",
                                                   "spikes_per_burst[0] - spikes_per_burst[1]",
                                                   "spikes_per_burst_diff",
                                                   "",
                                                   spikes_in_burst1_burst2_diff};

FeatureResult spikes_in_burst1_burstlast_diff(const TraceContext& context) {
  const FeatureResult& counts = context.result(spikes_per_burst);
  if (!counts) return missing(counts);
  if (counts.size() < 2) return failed("fewer than two bursts");
  return one(counts[0] - counts.values().back());
}
constexpr Feature spikes_in_burst1_burstlast_diff_row{"spikes_in_burst1_burstlast_diff",
                                                      "constant",
                                                      "Number of spikes in the first burst less that in the last",
                                                      "spikes_per_burst[0] - spikes_per_burst[last]",
                                                      "spikes_per_burst",
                                                      "",
                                                      spikes_in_burst1_burstlast_diff};

// ---------------------------------------------------------------------------------------------- bursts by ISI

/// Intervals that separate bursts: longer than the median before them and than the next one, each by burst_factor.
IndexResult burst_isi_indices(const TraceContext& context) {
  const FeatureResult& intervals = context.result(isi_values);
  if (!intervals) return IndexResult::failure(intervals.reason());
  if (intervals.size() < 4) return IndexResult::failure("fewer than four intervals");
  const double factor = context.settings().burst_factor;
  const Values& isi = intervals.values();
  IndexList found;
  RunningMedian since_last;
  for (std::size_t i = 1; i + 1 < isi.size(); ++i) {
    since_last.add(isi[i - 1]);
    if (isi[i] > factor * since_last.value() && isi[i + 1] < isi[i] / factor) {
      found.push_back(static_cast<Index>(i + 1));
      since_last.clear();
    }
  }
  return nonempty(std::move(found), "no interval separates bursts");
}
constexpr Feature burst_isi_indices_row{
    "burst_ISI_indices",
    "constant",
    "Number of each interval that separates two bursts",
    "i + 1 where ISI[i] > burst_factor * median(ISI since the last one) and ISI[i + 1] < ISI[i] / burst_factor",
    "ISI_values",
    "burst_factor ignore_first_ISI",
    as_feature<burst_isi_indices>};

FeatureResult burst_mean_freq(const TraceContext& context) {
  const IndexResult& separators = context.indices(burst_isi_indices);
  if (!separators) return missing(separators);
  const Values& peaks = context.result(peak_time).values();
  IndexList ends = separators.values();
  ends.push_back(static_cast<Index>(peaks.size()) - 1);
  Values frequencies;
  const auto frequency = [&](Index spikes, Index first, Index last) {
    return static_cast<double>(spikes * 1000) / (at(peaks, last) - at(peaks, first));
  };
  frequencies.push_back(frequency(ends[0] + 1, 0, ends[0]));
  for (std::size_t i = 0; i + 1 < ends.size(); ++i) {
    const Index spikes = ends[i + 1] - ends[i];
    if (spikes != 1) frequencies.push_back(frequency(spikes, ends[i] + 1, ends[i + 1]));
  }
  return frequencies;
}
constexpr Feature burst_mean_freq_row{"burst_mean_freq",
                                      "Hz",
                                      "Mean frequency of each burst between the intervals that separate bursts",
                                      "1000 * spikes / (last peak - first peak)",
                                      "peak_time burst_ISI_indices",
                                      "",
                                      burst_mean_freq};

FeatureResult burst_number(const TraceContext& context) {
  return one(static_cast<double>(context.result(burst_mean_freq).size()));
}
constexpr Feature burst_number_row{"burst_number",    "constant", "Number of bursts", "len(burst_mean_freq)",
                                   "burst_mean_freq", "",         burst_number};

FeatureResult interburst_voltage(const TraceContext& context) {
  const IndexResult& separators = context.indices(burst_isi_indices);
  if (!separators) return missing(separators);
  const IndexResult& peaks = context.indices(peak_indices);
  const auto t = context.time();
  Values means;
  for (const Index separator : separators.values()) {
    const auto i = static_cast<std::size_t>(separator);
    if (i + 1 >= peaks.size()) return failed("no spike after a burst");
    const Index first = context.index_at(at(t, peaks[i]) + 5) - 1;
    const double end_time = at(t, peaks[i + 1]) - 5;
    const Index last = std::upper_bound(t.begin(), t.end(), end_time) - t.begin();
    const auto begin = static_cast<std::size_t>(first);
    const auto count = static_cast<std::size_t>(std::max<Index>(0, last + 1 - first));
    means.push_back(numpy_mean(context.voltage().subspan(begin, count)));
  }
  return means;
}
constexpr Feature interburst_voltage_row{"interburst_voltage",
                                         "mV",
                                         "Mean voltage between bursts",
                                         "mean(v[peak_time[i] + 5 ms <= t <= peak_time[i + 1] - 5 ms]), i = "
                                         "burst_ISI_indices",
                                         "peak_indices burst_ISI_indices",
                                         "",
                                         interburst_voltage};

// ---------------------------------------------------------------------------------------------- initial burst

/// Number of the last spike of the initial run of intervals that are fast enough; -1 if the first one is not.
Index initial_burst_end(const TraceContext& context, const Values& isi) {
  Index last = -1;
  for (std::size_t i = 0; i < isi.size(); ++i) {
    if (1000.0 / isi[i] < context.settings().initburst_freq_threshold) break;
    last = static_cast<Index>(i) + 1;
  }
  return last;
}

FeatureResult initburst_sahp(const TraceContext& context) {
  const FeatureResult& isi = context.result(all_isi_values);
  if (!isi) return missing(isi);
  const Values& peaks = context.result(peak_time).values();
  const Index burst_end = initial_burst_end(context, isi.values());
  if (burst_end < 0) return failed("no initial burst");
  const double last_peak = at(peaks, burst_end);
  const double begin = std::min(last_peak + context.settings().initburst_sahp_start, context.stim_end());
  double end = std::min(last_peak + context.settings().initburst_sahp_end, context.stim_end());
  if (static_cast<std::size_t>(burst_end) + 1 < peaks.size()) end = std::min(end, at(peaks, burst_end + 1));
  if (end <= begin) return failed("no time after the initial burst");
  const auto t = context.time();
  const Index first = context.index_at(begin);
  const Index last = std::upper_bound(t.begin(), t.end(), end) - t.begin();
  if (first >= last) return failed("no samples after the initial burst");
  const auto interval =
      context.voltage().subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
  return one(interval[numpy_argmin(interval)]);
}
constexpr Feature initburst_sahp_row{
    "initburst_sahp",
    "mV",
    "Lowest voltage after the initial burst",
    "min(v) from initburst_sahp_start to initburst_sahp_end after the burst's last peak, the next peak or stim_end",
    "peak_time all_ISI_values",
    "initburst_freq_threshold initburst_sahp_start initburst_sahp_end",
    initburst_sahp};

FeatureResult initburst_sahp_vb(const TraceContext& context) {
  const FeatureResult& sahp = context.result(initburst_sahp);
  const FeatureResult& base = context.result(voltage_base);
  if (!sahp) return missing(sahp);
  if (!base) return missing(base);
  return one(sahp[0] - base[0]);
}
constexpr Feature initburst_sahp_vb_row{"initburst_sahp_vb",
                                        "mV",
                                        "Lowest voltage after the initial burst relative to rest",
                                        "initburst_sahp - voltage_base",
                                        "initburst_sahp voltage_base",
                                        "",
                                        initburst_sahp_vb};

FeatureResult initburst_sahp_ssse(const TraceContext& context) {
  const FeatureResult& sahp = context.result(initburst_sahp);
  const FeatureResult& steady = context.result(steady_state_voltage_stimend);
  if (!sahp) return missing(sahp);
  if (!steady) return missing(steady);
  return one(sahp[0] - steady[0]);
}
constexpr Feature initburst_sahp_ssse_row{"initburst_sahp_ssse",
                                          "mV",
                                          "Lowest voltage after the initial burst relative to the steady voltage",
                                          "initburst_sahp - steady_state_voltage_stimend",
                                          "initburst_sahp steady_state_voltage_stimend",
                                          "",
                                          initburst_sahp_ssse};

// ---------------------------------------------------------------------------------------------- depolarisation block

struct Stays {
  IndexList up;    // last samples at or below the level
  IndexList down;  // last samples above it
};

Stays stays_above(std::span<const double> v, double level) {
  Stays stays;
  for (std::size_t i = 0; i + 1 < v.size(); ++i) {
    const bool above = v[i] > level;
    const bool next_above = v[i + 1] > level;
    if (above != next_above) (above ? stays.down : stays.up).push_back(static_cast<Index>(i));
  }
  return stays;
}

/// The longest time between paired samples; the lists pair by position and `to` may be longer.
double longest(std::span<const double> t, const IndexList& from, const IndexList& to) {
  double duration = at(t, to[0]) - at(t, from[0]);
  for (std::size_t i = 1; i < from.size(); ++i) duration = std::max(duration, at(t, to[i]) - at(t, from[i]));
  return duration;
}

/// True if the voltage stays below -75 mV during the stimulus for longer than a block.
bool stays_hyperpolarised(const TraceContext& context, Index stim_begin, Index stim_end) {
  auto [up, down] = stays_above(context.voltage(), -75.0);
  std::erase_if(down, [&](Index i) { return i <= stim_begin || i >= stim_end; });
  if (down.empty()) return false;
  std::erase_if(up, [&](Index i) { return i <= stim_begin || i >= stim_end || i <= down.front(); });
  if (up.size() < down.size()) up.push_back(stim_end);
  return longest(context.time(), down, up) > context.settings().depol_block_min_duration;
}

/// 1 for a trace without a block, also for one without spikes. Lasting hyperpolarisation counts as a block, too.
FeatureResult depol_block(const TraceContext& context) {
  const auto n = static_cast<Index>(context.time().size());
  const Index stim_begin = context.index_at(context.stim_start());
  const Index stim_end = context.index_at(context.stim_end());
  if (stim_begin == n || stim_end == n) return failed("the stimulus ends after the trace");
  const FeatureResult& begins = context.result(ap_begin_voltage);
  if (!begins) return one(1.0);
  auto [up, down] = stays_above(context.voltage(), numpy_mean(begins.values()));
  if (up.size() > down.size()) down.push_back(stim_end);
  if (up.empty()) return failed("the voltage never rises above the spikes' begin");
  if (longest(context.time(), up, down) > context.settings().depol_block_min_duration) {
    return failed("depolarisation block");
  }
  if (stays_hyperpolarised(context, stim_begin, stim_end)) return failed("lasting hyperpolarisation");
  return one(1.0);
}
constexpr Feature depol_block_row{"depol_block",
                                  "constant",
                                  "1 if there is no depolarisation block; fails if there is one",
                                  "no stay above mean(AP_begin_voltage), or below -75 mV in the stimulus, longer than "
                                  "depol_block_min_duration",
                                  "AP_begin_voltage voltage time",
                                  "depol_block_min_duration",
                                  depol_block};

FeatureResult depol_block_bool(const TraceContext& context) {
  const auto n = static_cast<Index>(context.time().size());
  if (context.index_at(context.stim_end()) == n) return failed("the stimulus ends after the trace");
  return one(context.result(depol_block) ? 0.0 : 1.0);
}
constexpr Feature depol_block_bool_row{
    "depol_block_bool", "constant",    "1 if there is a depolarisation block, 0 if not",
    "not depol_block",  "depol_block", "",
    depol_block_bool};

constexpr Feature table[] = {burst_begin_indices_row,
                             burst_end_indices_row,
                             strict_burst_mean_freq_row,
                             strict_burst_number_row,
                             strict_interburst_voltage_row,
                             interburst_min_indices_row,
                             interburst_min_values_row,
                             time_to_interburst_min_row,
                             postburst_min_indices_row,
                             postburst_min_values_row,
                             postburst_slow_ahp_indices_row,
                             postburst_slow_ahp_values_row,
                             time_to_postburst_slow_ahp_row,
                             postburst_fast_ahp_indices_row,
                             postburst_fast_ahp_values_row,
                             time_to_postburst_fast_ahp_row,
                             postburst_adp_peak_indices_row,
                             postburst_adp_peak_values_row,
                             time_to_postburst_adp_peak_row,
                             interburst_indices_row<15>("interburst_15percent_indices"),
                             interburst_indices_row<20>("interburst_20percent_indices"),
                             interburst_indices_row<25>("interburst_25percent_indices"),
                             interburst_indices_row<30>("interburst_30percent_indices"),
                             interburst_indices_row<40>("interburst_40percent_indices"),
                             interburst_indices_row<60>("interburst_60percent_indices"),
                             interburst_values_row<15>("interburst_15percent_values"),
                             interburst_values_row<20>("interburst_20percent_values"),
                             interburst_values_row<25>("interburst_25percent_values"),
                             interburst_values_row<30>("interburst_30percent_values"),
                             interburst_values_row<40>("interburst_40percent_values"),
                             interburst_values_row<60>("interburst_60percent_values"),
                             interburst_duration_row,
                             spikes_per_burst_row,
                             spikes_per_burst_diff_row,
                             spikes_in_burst1_burst2_diff_row,
                             spikes_in_burst1_burstlast_diff_row,
                             burst_isi_indices_row,
                             burst_mean_freq_row,
                             burst_number_row,
                             interburst_voltage_row,
                             initburst_sahp_row,
                             initburst_sahp_vb_row,
                             initburst_sahp_ssse_row,
                             depol_block_row,
                             depol_block_bool_row};

}  // namespace

std::span<const Feature> burst_features() { return table; }

}  // namespace cellwright::features
