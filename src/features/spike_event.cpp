/// Where spikes are, when, and how many.
#include <algorithm>

#include "features/families.hpp"

namespace cellwright::features {
namespace {

struct Crossings {
  IndexList up;    // first samples above the threshold
  IndexList down;  // first samples below it
};

/// Samples at which the voltage steps over the threshold. A sample that equals the threshold is neither above nor
/// below, so that a crossing through it goes unseen: eFEL's rule.
Crossings crossings(std::span<const double> v, double threshold) {
  Crossings found;
  for (std::size_t i = 1; i < v.size(); ++i) {
    if (v[i] > threshold) {
      if (v[i - 1] < threshold) found.up.push_back(static_cast<Index>(i));
    } else if (v[i] < threshold && v[i - 1] > threshold) {
      found.down.push_back(static_cast<Index>(i));
    }
  }
  return found;
}

/// The highest sample between a crossing upwards and the one downwards, both included; -1 if there is none.
Index highest_sample(std::span<const double> v, Index up, Index down) {
  double highest = -1e9;
  Index peak = -1;
  for (Index i = up; i <= down; ++i) {
    if (highest < v[static_cast<std::size_t>(i)]) {
      highest = v[static_cast<std::size_t>(i)];
      peak = i;
    }
  }
  return peak;
}

}  // namespace

IndexResult peak_indices(const TraceContext& context) {
  const auto v = context.voltage();
  auto [up, down] = crossings(v, context.settings().Threshold);
  if (down.empty() || up.empty()) return IndexResult::failure("no spikes");
  // A trace that starts above the threshold begins with a crossing downwards, which ends no spike.
  down.erase(down.begin(), std::find_if(down.begin(), down.end(), [&](Index i) { return i >= up.front(); }));
  IndexList peaks;
  for (std::size_t i = 0; i < std::min(up.size(), down.size()); ++i) {
    const Index peak = highest_sample(v, up[i], down[i]);
    if (peak < 0) continue;
    const double time = context.time()[static_cast<std::size_t>(peak)];
    const bool inside = time >= context.stim_start() && time <= context.stim_end();
    if (inside || !context.settings().strict_stiminterval) peaks.push_back(peak);
  }
  return nonempty(std::move(peaks), "no spikes");
}

namespace {
constexpr Feature peak_indices_row{"peak_indices",
                                   "constant",
                                   "Sample index of each spike's peak",
                                   "argmax(v) between crossing Threshold upwards and downwards",
                                   "voltage time",
                                   "Threshold strict_stiminterval",
                                   as_feature<peak_indices>};
}  // namespace

FeatureResult peak_time(const TraceContext& context) {
  const IndexResult& peaks = context.indices(peak_indices);
  if (!peaks) return missing(peaks);
  return samples(context.time(), peaks.values());
}

namespace {

constexpr Feature peak_time_row{"peak_time", "ms",     "Time of each spike's peak", "t[peak_indices]", "peak_indices",
                                "",          peak_time};

/// Time of one of the peaks counted from the begin of the stimulus.
FeatureResult time_to_spike(const TraceContext& context, std::size_t which) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  if (which >= peaks.size()) return failed("too few spikes");
  return one(peaks[which] - context.stim_start());
}

FeatureResult time_to_first_spike(const TraceContext& context) { return time_to_spike(context, 0); }
constexpr Feature time_to_first_spike_row{
    "time_to_first_spike", "ms", "Time from stim_start to the first peak", "peak_time[0] - stim_start", "peak_time", "",
    time_to_first_spike};

FeatureResult time_to_second_spike(const TraceContext& context) { return time_to_spike(context, 1); }
constexpr Feature time_to_second_spike_row{
    "time_to_second_spike",      "ms",        "Time from stim_start to the second peak",
    "peak_time[1] - stim_start", "peak_time", "",
    time_to_second_spike};

FeatureResult time_to_last_spike(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  return time_to_spike(context, peaks.size() - 1);
}
constexpr Feature time_to_last_spike_row{"time_to_last_spike",
                                         "ms",
                                         "Time from stim_start to the last peak",
                                         "peak_time[last] - stim_start",
                                         "peak_time",
                                         "",
                                         time_to_last_spike};

FeatureResult inv_time_to_first_spike(const TraceContext& context) {
  const FeatureResult& time = context.result(time_to_first_spike);
  if (!time) return missing(time);
  return one(1000.0 / time[0]);
}
constexpr Feature inv_time_to_first_spike_row{"inv_time_to_first_spike",
                                              "Hz",
                                              "Inverse of the time to the first spike",
                                              "1000 / time_to_first_spike",
                                              "time_to_first_spike",
                                              "",
                                              inv_time_to_first_spike};

/// Spikes inside the stimulus over the time from its begin to the last of them. Without such a spike the last time
/// counts as 0, so that the frequency is 0 unless the stimulus starts at 0.
FeatureResult mean_frequency(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  double last = 0.0;
  int count = 0;
  for (const double time : peaks.values()) {
    if (time >= context.stim_start() && time <= context.stim_end()) {
      last = time;
      ++count;
    }
  }
  if (last == context.stim_start()) return failed("the last spike is at stim_start");
  return one(count * 1000 / (last - context.stim_start()));
}
constexpr Feature mean_frequency_row{"mean_frequency",
                                     "Hz",
                                     "Spikes in the stimulus over the time from stim_start to the last of them",
                                     "1000 * count(spikes in stimulus) / (last peak in stimulus - stim_start)",
                                     "peak_time",
                                     "",
                                     mean_frequency};

/// Spikes from stim_start on in the first part of the stimulus.
FeatureResult number_initial_spikes(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  const double fraction = context.settings().initial_perc;
  if (fraction < 0 || fraction >= 1) return failed("initial_perc lies outside [0, 1)");
  const double length = (context.stim_end() - context.stim_start()) * fraction;
  const Values& times = peaks.values();
  const auto first_from = [&](double begin) {
    return std::find_if(times.begin(), times.end(), [&](double time) { return time >= begin; });
  };
  const auto count = first_from(context.stim_start() + length) - first_from(context.stim_start());
  return one(static_cast<double>(count));
}
constexpr Feature number_initial_spikes_row{
    "number_initial_spikes",
    "constant",
    "Number of spikes at the begin of the stimulus",
    "count(stim_start <= peak_time < stim_start + initial_perc * (stim_end - stim_start))",
    "peak_time",
    "initial_perc",
    number_initial_spikes};

}  // namespace

FeatureResult spike_count(const TraceContext& context) {
  return one(static_cast<double>(context.indices(peak_indices).size()));
}

namespace {

constexpr Feature spike_count_row{"spike_count",       "constant",     "Number of spikes in the whole trace",
                                  "len(peak_indices)", "peak_indices", "",
                                  spike_count};
constexpr Feature spikecount_row{
    "Spikecount", "constant", "Older name of spike_count", "len(peak_indices)", "peak_indices", "", spike_count};

FeatureResult spike_count_stimint(const TraceContext& context) {
  const Values& times = context.result(peak_time).values();
  const auto inside = [&](double time) { return context.stim_start() <= time && time <= context.stim_end(); };
  return one(static_cast<double>(std::count_if(times.begin(), times.end(), inside)));
}
constexpr Feature spike_count_stimint_row{"spike_count_stimint",
                                          "constant",
                                          "Number of spikes in the stimulus interval",
                                          "count(stim_start <= peak_time <= stim_end)",
                                          "peak_time",
                                          "",
                                          spike_count_stimint};
constexpr Feature spikecount_stimint_row{"Spikecount_stimint",
                                         "constant",
                                         "Older name of spike_count_stimint",
                                         "count(stim_start <= peak_time <= stim_end)",
                                         "peak_time",
                                         "",
                                         spike_count_stimint};

FeatureResult trace_check(const TraceContext& context) {
  for (const double time : context.result(peak_time).values()) {
    if (!(time >= context.stim_start() && time <= context.stim_end() * 1.05)) {
      return failed("a spike lies outside the stimulus");
    }
  }
  return one(0.0);
}
constexpr Feature trace_check_row{"trace_check",
                                  "constant",
                                  "0 if every spike lies in the stimulus (with 5 % after its end); fails otherwise",
                                  "all(stim_start <= peak_time <= 1.05 * stim_end)",
                                  "peak_time",
                                  "",
                                  trace_check};

FeatureResult is_not_stuck(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  for (const double time : peaks.values()) {
    if (time > context.stim_end() * 0.5 && time < context.stim_end()) return one(1.0);
  }
  return failed("no spikes in the second half of the stimulus");
}
constexpr Feature is_not_stuck_row{"is_not_stuck",
                                   "constant",
                                   "1 if the cell still spikes late in the stimulus; fails otherwise",
                                   "any(0.5 * stim_end < peak_time < stim_end)",
                                   "peak_time",
                                   "",
                                   is_not_stuck};

constexpr Feature table[] = {peak_indices_row,        peak_time_row,
                             time_to_first_spike_row, time_to_second_spike_row,
                             time_to_last_spike_row,  inv_time_to_first_spike_row,
                             mean_frequency_row,      number_initial_spikes_row,
                             spike_count_row,         spikecount_row,
                             spike_count_stimint_row, spikecount_stimint_row,
                             trace_check_row,         is_not_stuck_row};

}  // namespace

std::span<const Feature> spike_event_features() { return table; }

}  // namespace cellwright::features
