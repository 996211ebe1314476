/// Time constants from fits of exponentials.
#include <algorithm>
#include <cmath>

#include "features/families.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {
namespace {

double at(std::span<const double> signal, Index i) { return signal[static_cast<std::size_t>(i)]; }

std::span<const double> slice(std::span<const double> signal, Index first, Index last) {
  return signal.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
}

struct LineFit {
  double slope;
  double relative_residual;  // sum of squared residuals over the square of the range of y
};

/// Least-squares line through at least one point, with the sums eFEL uses.
LineFit fit_line(std::span<const double> x, std::span<const double> y) {
  double sum_x = 0.0, sum_y = 0.0, sum_xx = 0.0, sum_xy = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    sum_x += x[i];
    sum_y += y[i];
    sum_xx += x[i] * x[i];
    sum_xy += x[i] * y[i];
  }
  const auto n = static_cast<double>(x.size());
  const double slope = (n * sum_xy - sum_x * sum_y) / (n * sum_xx - sum_x * sum_x);
  const double intercept = (sum_y - slope * sum_x) / n;
  double residuals = 0.0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    const double residual = y[i] - intercept - slope * x[i];
    residuals += residual * residual;
  }
  const double range = *std::max_element(y.begin(), y.end()) - *std::min_element(y.begin(), y.end());
  return {slope, residuals / (range * range)};
}

/// Time constant of |v - reference| over the samples [first, last): the inverse slope of its logarithm.
FeatureResult decay_constant(const TraceContext& context, Index first, Index last, double reference) {
  if (first >= last) return failed("no samples in the decay");
  Values logarithms;
  for (const double v : slice(context.voltage(), first, last)) logarithms.push_back(std::log(std::abs(v - reference)));
  return one(std::abs(-1.0 / fit_line(slice(context.time(), first, last), logarithms).slope));
}

FeatureResult decay_after(const TraceContext& context, double stim_start, double stim_end) {
  const Settings& settings = context.settings();
  const Index begin = context.index_at(stim_start);
  if (begin == static_cast<Index>(context.time().size())) return failed("the stimulus starts after the trace's end");
  return decay_constant(context, context.index_at(stim_end + settings.decay_start_after_stim),
                        context.index_at(stim_end + settings.decay_end_after_stim), at(context.voltage(), begin));
}

FeatureResult decay_time_constant_after_stim(const TraceContext& context) {
  const Settings& settings = context.settings();
  if (settings.decay_start_after_stim >= settings.decay_end_after_stim) {
    return failed("decay_start_after_stim is not before decay_end_after_stim");
  }
  return decay_after(context, context.stim_start(), context.stim_end());
}
constexpr Feature decay_time_constant_after_stim_row{
    "decay_time_constant_after_stim",
    "ms",
    "Time constant of the return to the voltage at stim_start after the stimulus",
    "abs(1 / slope of log(abs(v - v[stim_start])) over t) on decay_start_after_stim <= t - stim_end < "
    "decay_end_after_stim",
    "voltage time",
    "decay_start_after_stim decay_end_after_stim",
    decay_time_constant_after_stim};

/// The same after each of several stimuli. Fails when the fit after the main stimulus does.
FeatureResult multiple_decay_time_constant_after_stim(const TraceContext& context) {
  const FeatureResult& main = context.result(decay_time_constant_after_stim);
  if (!main) return missing(main);
  const Values& starts = context.settings().multi_stim_start;
  const Values& ends = context.settings().multi_stim_end;
  if (starts.empty() || ends.empty()) return failed("multi_stim_start or multi_stim_end is not set");
  if (starts.size() != ends.size()) return failed("multi_stim_start and multi_stim_end differ in length");
  Values constants;
  for (std::size_t i = 0; i < starts.size(); ++i) {
    const FeatureResult constant = decay_after(context, starts[i], ends[i]);
    if (!constant) return constant;
    constants.push_back(constant[0]);
  }
  return constants;
}
constexpr Feature multiple_decay_time_constant_after_stim_row{
    "multiple_decay_time_constant_after_stim",
    "ms",
    "decay_time_constant_after_stim after each of several stimuli",
    "as decay_time_constant_after_stim, for each pair of multi_stim_start and multi_stim_end",
    "decay_time_constant_after_stim multi_stim_start multi_stim_end",
    "multi_stim_start multi_stim_end decay_start_after_stim decay_end_after_stim",
    multiple_decay_time_constant_after_stim};

/// Return from the lowest voltage until nine tenths of the sag have decayed.
FeatureResult sag_time_constant(const TraceContext& context) {
  const FeatureResult& sag = context.result(sag_amplitude);
  if (!sag) return missing(sag);
  const double lowest = context.result(minimum_voltage)[0];
  const double nearly_steady = context.result(steady_state_voltage_stimend)[0] - sag[0] * 0.1;
  const auto v = context.voltage();
  const auto n = static_cast<Index>(v.size());
  const Index first = find_first(v, 0, n, [&](double x) { return x <= lowest; });
  const Index last = find_first(v, first, n, [&](double x) { return x >= nearly_steady; });
  if (last == n) return failed("the sag does not decay within the trace");
  if (last - first < 10) return failed("fewer than ten samples in the sag's decay");
  return decay_constant(context, first, last, at(v, last));
}
constexpr Feature sag_time_constant_row{
    "sag_time_constant",
    "ms",
    "Time constant of the return from the lowest voltage to the steady one",
    "abs(1 / slope of log(abs(v - v[e])) over t) from the minimum to e, where 90 % of the sag have decayed",
    "minimum_voltage steady_state_voltage_stimend sag_amplitude",
    "",
    sag_time_constant};

/// First derivative per sample by the five-point stencil, simpler differences at the ends. Needs three values.
Values five_point_differences(std::span<const double> x) {
  const std::size_t n = x.size();
  Values slope(n);
  slope[0] = x[1] - x[0];
  slope[1] = (x[2] - x[0]) / 2.;
  for (std::size_t i = 2; i + 2 < n; ++i) slope[i] = (-x[i + 2] + 8 * x[i + 1] - 8 * x[i - 1] + x[i - 2]) / 12.;
  slope[n - 2] = (x[n - 1] - x[n - 3]) / 2.;
  slope[n - 1] = x[n - 1] - x[n - 2];
  return slope;
}

/// Slope below which a voltage counts as falling [mV/ms].
constexpr double flat_slope = 5e-3;

/// First position from which on the voltage falls for five samples; -1 if there is none.
Index decay_start(const Values& slope) {
  const auto n = static_cast<Index>(slope.size());
  for (Index i = 0; i + 5 <= n; ++i) {
    const Index rise = find_first(slope, i, i + 5, [](double x) { return x > -flat_slope; });
    if (rise == i + 5) return i;
    if (i + 5 == n) break;
  }
  return -1;
}

/// First position from `start` on where the slope is flat, on average for 70 ms; at the latest 70 ms before the end.
Index decay_end(std::span<const double> t, double end_time, const Values& slope, Index start) {
  constexpr double flat_length_ms = 70;
  Index i = start;
  for (; at(t, i) < end_time - flat_length_ms; ++i) {
    if (!(at(slope, i) + flat_slope > 0.)) continue;
    double sum = 0.0;
    int count = 0;
    for (Index j = i; at(t, j) - at(t, i) < flat_length_ms; ++j) {
      sum += at(slope, j);
      ++count;
    }
    if (sum / count + flat_slope > 0.) break;
  }
  return i;
}

/// Slope of log(v - v[last] + offset) over t for the offset in [0, 5] mV that makes it straightest, by golden section.
double straightest_log_slope(std::span<const double> t, std::span<const double> v) {
  constexpr double golden = 1.618033988;
  Values logarithms(v.size());
  const auto fit_with = [&](double offset) {
    for (std::size_t i = 0; i < v.size(); ++i) logarithms[i] = std::log(v[i] - v.back() + offset);
    return fit_line(t, logarithms);
  };
  double low = 0.0;
  double high = flat_slope * 1000.;
  double middle = (low * golden + high) / (1. + golden);
  LineFit fit = fit_with(middle);
  double best = fit.relative_residual;
  bool search_right = true;
  while (high - low > .01) {
    const double tried =
        search_right ? (middle * golden + high) / (1. + golden) : (low + golden * middle) / (1. + golden);
    fit = fit_with(tried);
    if (fit.relative_residual < best) {
      (search_right ? low : high) = middle;
      middle = tried;
      best = fit.relative_residual;
    } else {
      (search_right ? high : low) = tried;
      search_right = !search_right;
    }
  }
  return fit.slope;
}

FeatureResult time_constant(const TraceContext& context) {
  const auto n = static_cast<Index>(context.time().size());
  // Ten samples are left out for the capacitive transient.
  const Index first = context.index_at(context.stim_start()) + 10;
  if (first >= n) return failed("too few samples in the stimulus");
  const Index last = std::max(first, context.index_at((context.stim_start() + context.stim_end()) / 2.));
  if (last >= n) return failed("the trace ends before the middle of the stimulus");
  if (last - first < 5) return failed("too few samples in the stimulus");
  const auto t = slice(context.time(), first, last);
  const auto v = slice(context.voltage(), first, last);
  Values slope = five_point_differences(v);
  const Values step = five_point_differences(t);
  for (std::size_t i = 0; i < slope.size(); ++i) slope[i] /= step[i];
  const Index begin = decay_start(slope);
  if (begin < 0) return failed("the voltage does not decay");
  const Index end = decay_end(t, at(context.time(), last), slope, begin);
  if (end - begin < 10) return failed("the decay is too short");
  return one(-1. / straightest_log_slope(slice(t, begin, end), slice(v, begin, end)));
}
constexpr Feature time_constant_row{
    "time_constant",
    "ms",
    "Membrane time constant from the decay at the begin of a hyperpolarising stimulus",
    "-1 / slope of log(v - v[end] + x) over t, with x chosen for the straightest line, until dv/dt > -0.005 mV/ms",
    "voltage time",
    "",
    time_constant};

constexpr Feature table[] = {decay_time_constant_after_stim_row, multiple_decay_time_constant_after_stim_row,
                             sag_time_constant_row, time_constant_row};

}  // namespace

std::span<const Feature> time_constant_features() { return table; }

}  // namespace cellwright::features
