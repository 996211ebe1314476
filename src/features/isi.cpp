/// Intervals between spikes, their variability and adaptation.
#include <algorithm>
#include <cmath>
#include <limits>

#include "features/families.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {

FeatureResult all_isi_values(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  if (peaks.size() < 2) return failed("fewer than two spikes");
  return successive_differences(peaks);
}

FeatureResult isi_values(const TraceContext& context) {
  const FeatureResult& all = context.result(all_isi_values);
  if (!all || !context.settings().ignore_first_ISI) return all;
  return Values(all.values().begin() + 1, all.values().end());
}
namespace {

constexpr Feature all_isi_values_row{"all_ISI_values",  "ms",        "Intervals between neighbouring spikes",
                                     "diff(peak_time)", "peak_time", "",
                                     all_isi_values};
constexpr Feature isis_row{"ISIs", "ms",          "Older name of all_ISI_values", "diff(peak_time)", "peak_time",
                           "",     all_isi_values};

constexpr Feature isi_values_row{"ISI_values",
                                 "ms",
                                 "Intervals between neighbouring spikes, without the first if ignore_first_ISI",
                                 "all_ISI_values[1:]",
                                 "all_ISI_values",
                                 "ignore_first_ISI",
                                 isi_values};

FeatureResult doublet_isi(const TraceContext& context) { return element(context.result(all_isi_values), 0); }
constexpr Feature doublet_isi_row{
    "doublet_ISI", "ms", "Interval between the first two spikes", "peak_time[1] - peak_time[0]", "peak_time", "",
    doublet_isi,   hay};

FeatureResult isi_cv(const TraceContext& context) {
  const FeatureResult& isi = context.result(isi_values);
  if (!isi) return missing(isi);
  if (isi.size() < 2) return failed("fewer than two intervals");
  return one(numpy_std(isi.values(), 1) / numpy_mean(isi.values()));
}
constexpr Feature isi_cv_row{"ISI_CV",
                             "constant",
                             "Coefficient of variation of the intervals",
                             "std(ISI_values, ddof = 1) / mean(ISI_values)",
                             "ISI_values",
                             "",
                             isi_cv,
                             hay};

FeatureResult single_burst_ratio(const TraceContext& context) {
  const FeatureResult& isi = context.result(isi_values);
  if (!isi) return missing(isi);
  if (isi.size() < 2) return failed("fewer than two intervals");
  return one(isi[0] / numpy_mean(isi.values()));
}
constexpr Feature single_burst_ratio_row{"single_burst_ratio",
                                         "constant",
                                         "First interval over the mean of all intervals",
                                         "ISI_values[0] / mean(ISI_values)",
                                         "ISI_values",
                                         "",
                                         single_burst_ratio};

/// Mean absolute difference of neighbouring intervals; NaN when there is no such pair.
FeatureResult irregularity_index(const TraceContext& context) {
  const FeatureResult& isi = context.result(isi_values);
  if (!isi) return missing(isi);
  Values differences;
  for (std::size_t i = 1; i < isi.size(); ++i) differences.push_back(std::abs(isi[i] - isi[i - 1]));
  return one(numpy_mean(differences));
}
constexpr Feature irregularity_index_row{"irregularity_index",
                                         "ms",
                                         "Mean absolute difference of neighbouring intervals",
                                         "mean(abs(diff(ISI_values)))",
                                         "ISI_values",
                                         "",
                                         irregularity_index};

/// Mean of (ISI[i] - ISI[i - 1]) / (ISI[i] + ISI[i - 1]) over the spikes from number `skip` on.
double mean_relative_change(const Values& spikes, std::size_t skip) {
  double sum = 0.0;
  for (std::size_t i = skip + 2; i < spikes.size(); ++i) {
    const double before = spikes[i - 1] - spikes[i - 2];
    const double after = spikes[i] - spikes[i - 1];
    sum = sum + (after - before) / (after + before);
  }
  return sum / static_cast<double>(spikes.size() - skip - 2);
}

/// Peak times inside the stimulus widened by `offset` on both sides.
Values spikes_in_stimulus(const TraceContext& context, const FeatureResult& peaks) {
  const double begin = context.stim_start() - context.settings().offset;
  const double end = context.stim_end() + context.settings().offset;
  Values inside;
  for (const double time : peaks.values()) {
    if (time >= begin && time <= end) inside.push_back(time);
  }
  return inside;
}

FeatureResult adaptation_index(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  const double fraction = context.settings().spike_skipf;
  if (fraction < 0 || fraction >= 1) return failed("spike_skipf lies outside [0, 1)");
  const Values spikes = spikes_in_stimulus(context, peaks);
  const int wanted = static_cast<int>(static_cast<double>(spikes.size()) * fraction + 0.5);
  const int skip = std::max(0, std::min(wanted, context.settings().max_spike_skip));
  if (spikes.size() < static_cast<std::size_t>(skip) + 4) return failed("fewer than four spikes");
  return one(mean_relative_change(spikes, static_cast<std::size_t>(skip)));
}
constexpr Feature adaptation_index_row{
    "adaptation_index",
    "constant",
    "Mean relative change from one interval to the next, after skipping the first spikes",
    "mean((ISI[i] - ISI[i - 1]) / (ISI[i] + ISI[i - 1])) without the first min(max_spike_skip, round(spike_skipf * n)) "
    "spikes",
    "peak_time",
    "spike_skipf max_spike_skip offset",
    adaptation_index,
    druckmann};

FeatureResult adaptation_index2(const TraceContext& context) {
  const FeatureResult& peaks = context.result(peak_time);
  if (!peaks) return missing(peaks);
  const Values spikes = spikes_in_stimulus(context, peaks);
  if (spikes.size() < 4) return failed("fewer than four spikes in the stimulus");
  return one(mean_relative_change(spikes, 1));
}
constexpr Feature adaptation_index2_row{"adaptation_index2",
                                        "constant",
                                        "Mean relative change from one interval to the next, from the second one on",
                                        "mean((ISI[i] - ISI[i - 1]) / (ISI[i] + ISI[i - 1])) without the first spike",
                                        "peak_time",
                                        "offset",
                                        adaptation_index2,
                                        druckmann};

FeatureResult inv_isi_values(const TraceContext& context) {
  const FeatureResult& isi = context.result(all_isi_values);
  if (!isi) return missing(isi);
  Values rates;
  for (const double interval : isi.values()) rates.push_back(1000.0 / interval);
  return rates;
}
constexpr Feature inv_isi_values_row{
    "inv_ISI_values", "Hz", "Inverse of each interval", "1000 / all_ISI_values", "all_ISI_values", "", inv_isi_values};

template <std::size_t Position>
FeatureResult inv_isi(const TraceContext& context) {
  return element(context.result(inv_isi_values), Position);
}
constexpr Feature inv_first_isi_row{
    "inv_first_ISI", "Hz", "Inverse of the first interval", "inv_ISI_values[0]", "inv_ISI_values", "", inv_isi<0>};
constexpr Feature inv_second_isi_row{
    "inv_second_ISI", "Hz", "Inverse of the second interval", "inv_ISI_values[1]", "inv_ISI_values", "", inv_isi<1>};
constexpr Feature inv_third_isi_row{
    "inv_third_ISI", "Hz", "Inverse of the third interval", "inv_ISI_values[2]", "inv_ISI_values", "", inv_isi<2>};
constexpr Feature inv_fourth_isi_row{
    "inv_fourth_ISI", "Hz", "Inverse of the fourth interval", "inv_ISI_values[3]", "inv_ISI_values", "", inv_isi<3>};
constexpr Feature inv_fifth_isi_row{
    "inv_fifth_ISI", "Hz", "Inverse of the fifth interval", "inv_ISI_values[4]", "inv_ISI_values", "", inv_isi<4>};

FeatureResult inv_last_isi(const TraceContext& context) {
  const FeatureResult& rates = context.result(inv_isi_values);
  if (!rates) return missing(rates);
  return one(rates.values().back());
}
constexpr Feature inv_last_isi_row{
    "inv_last_ISI", "Hz", "Inverse of the last interval", "inv_ISI_values[last]", "inv_ISI_values", "", inv_last_isi};

/// Slope of the least-squares line through (x, y), found in numpy.polyfit's way where the points do not fix a line:
/// of all lines through one point it takes the one whose coefficients, each times the size of its column, are
/// smallest.
FeatureResult line_slope(const Values& x, const Values& y) {
  const std::size_t n = x.size();
  if (n == 1 && x[0] == 0.0) return failed("one interval does not determine a slope");
  // LAPACK answers NaN where one value is not finite (the logarithm of an interval of 0).
  const auto finite = [](double value) { return std::isfinite(value); };
  if (!std::all_of(y.begin(), y.end(), finite)) return one(std::numeric_limits<double>::quiet_NaN());
  if (n == 1) return one(y[0] / (2.0 * x[0]));
  const double x_mean = numpy_mean(x);
  const double y_mean = numpy_mean(y);
  double sum_xx = 0.0;
  double sum_xy = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    sum_xx += (x[i] - x_mean) * (x[i] - x_mean);
    sum_xy += (x[i] - x_mean) * (y[i] - y_mean);
  }
  return one(sum_xy / sum_xx);
}

/// Slope of log(ISI) against the interval's number or its logarithm.
FeatureResult log_slope(const FeatureResult& isi, std::size_t skip, bool logarithmic_number) {
  if (!isi) return missing(isi);
  if (isi.size() <= skip) return failed("too few intervals");
  Values x;
  Values y;
  for (std::size_t i = skip; i < isi.size(); ++i) {
    const auto number = static_cast<double>(i - skip + 1);
    x.push_back(logarithmic_number ? std::log(number) : number);
    y.push_back(std::log(isi[i]));
  }
  return line_slope(x, y);
}

FeatureResult isi_log_slope(const TraceContext& context) { return log_slope(context.result(isi_values), 0, true); }
constexpr Feature isi_log_slope_row{"ISI_log_slope",
                                    "ms",
                                    "Slope of the line through the intervals in a log-log plot",
                                    "polyfit(log(1, 2, ...), log(ISI_values), 1)[0]",
                                    "ISI_values",
                                    "",
                                    isi_log_slope};

FeatureResult isi_semilog_slope(const TraceContext& context) { return log_slope(context.result(isi_values), 0, false); }
constexpr Feature isi_semilog_slope_row{"ISI_semilog_slope",
                                        "ms",
                                        "Slope of the line through the intervals in a semi-logarithmic plot",
                                        "polyfit((1, 2, ...), log(ISI_values), 1)[0]",
                                        "ISI_values",
                                        "",
                                        isi_semilog_slope};

FeatureResult isi_log_slope_skip(const TraceContext& context) {
  const FeatureResult& isi = context.result(isi_values);
  if (!isi) return missing(isi);
  const double fraction = context.settings().spike_skipf;
  if (fraction < 0 || fraction >= 1) return failed("spike_skipf lies outside [0, 1)");
  const int wanted = static_cast<int>(static_cast<double>(isi.size() + 1) * fraction + 0.5);
  const int skip = std::max(0, std::min(context.settings().max_spike_skip, wanted));
  return log_slope(isi, static_cast<std::size_t>(skip), true);
}
constexpr Feature isi_log_slope_skip_row{
    "ISI_log_slope_skip",
    "ms",
    "ISI_log_slope after skipping the first intervals",
    "polyfit(log(1, 2, ...), log(ISI_values[min(max_spike_skip, round(spike_skipf * spikes)):]), 1)[0]",
    "ISI_values",
    "spike_skipf max_spike_skip",
    isi_log_slope_skip};

constexpr Feature table[] = {all_isi_values_row,
                             isis_row,
                             isi_values_row,
                             doublet_isi_row,
                             isi_cv_row,
                             single_burst_ratio_row,
                             irregularity_index_row,
                             adaptation_index_row,
                             adaptation_index2_row,
                             inv_isi_values_row,
                             inv_first_isi_row,
                             inv_second_isi_row,
                             inv_third_isi_row,
                             inv_fourth_isi_row,
                             inv_fifth_isi_row,
                             inv_last_isi_row,
                             isi_log_slope_row,
                             isi_semilog_slope_row,
                             isi_log_slope_skip_row};

}  // namespace

std::span<const Feature> isi_features() { return table; }

}  // namespace cellwright::features
