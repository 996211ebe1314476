/// Time constants of ion-channel traces, by a fit of one exponential; and the resonance of the impedance.
#include <algorithm>
#include <cmath>

#include "features/exponential_fit.hpp"
#include "features/families.hpp"
#include "features/spectrum.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {
namespace {

/// A piece of the trace with its time counted from the piece's begin, without NaN.
struct Piece {
  Values t;
  Values v;
};

Piece piece(const TraceContext& context, Index first, Index last) {
  Piece cut;
  const auto begin = static_cast<std::size_t>(first);
  for (auto i = begin; i < static_cast<std::size_t>(last); ++i) {
    if (std::isnan(context.voltage()[i])) continue;
    cut.t.push_back(context.time()[i] - context.time()[begin]);
    cut.v.push_back(context.voltage()[i]);
  }
  return cut;
}

std::span<const double> slice(std::span<const double> signal, Index first, Index last) {
  return signal.subspan(static_cast<std::size_t>(first), static_cast<std::size_t>(last - first));
}

FeatureResult fitted_tau(const std::optional<Exponential>& fit) {
  if (!fit) return failed("the fit does not converge");
  return one(std::abs(fit->tau));
}

FeatureResult activation_time_constant(const TraceContext& context) {
  const Index begin = context.index_at(context.stim_start());
  const Index end = context.index_at(context.stim_end());
  if (begin >= end) return failed("no samples in the stimulus");
  const auto v = slice(context.voltage(), begin, end);
  const auto highest = static_cast<Index>(numpy_argmax(v));
  const auto lowest = static_cast<Index>(numpy_argmin(v.first(static_cast<std::size_t>(highest) + 1)));
  const double duration = context.time()[static_cast<std::size_t>(begin + highest)] -
                          context.time()[static_cast<std::size_t>(begin + lowest)];
  if (duration == 0) return one(0.0);
  const Piece rise = piece(context, begin + lowest, begin + highest + 1);
  const double top = v[static_cast<std::size_t>(highest)];
  const double bottom = v[static_cast<std::size_t>(lowest)];
  const auto fit = fit_exponential(rise.t, rise.v, {1.0, top, bottom - top}, -1);
  if (fit && std::abs(fit->tau) > 10 * duration) return one(duration);
  return fitted_tau(fit);
}
constexpr Feature activation_time_constant_row{
    "activation_time_constant",
    "ms",
    "Time constant of a channel's activation, from its lowest to its highest value in the stimulus",
    "tau of the fit a + b * exp(-t / tau), b <= 0; the interval's length if tau is more than ten times it",
    "voltage time",
    "",
    activation_time_constant};

FeatureResult deactivation_time_constant(const TraceContext& context) {
  const Index begin = context.index_at(context.stim_start());
  const Index end = context.index_at(context.stim_end());
  if (begin >= end) return failed("no samples in the stimulus");
  const auto v = slice(context.voltage(), begin, end);
  const Piece decay = piece(context, begin, end);
  const double fall = v.front() - v.back();
  return fitted_tau(fit_exponential(decay.t, decay.v, {1.0, v.back(), fall > 0 ? fall : 0.0}, +1));
}
constexpr Feature deactivation_time_constant_row{"deactivation_time_constant",
                                                 "ms",
                                                 "Time constant of a channel's deactivation during the stimulus",
                                                 "tau of the fit a + b * exp(-t / tau), b >= 0",
                                                 "voltage time",
                                                 "",
                                                 deactivation_time_constant};

FeatureResult inactivation_time_constant(const TraceContext& context) {
  const Index begin = context.index_at(context.stim_start());
  const auto n = static_cast<Index>(context.time().size());
  Index end = context.index_at(context.stim_end()) - context.settings().inactivation_tc_end_skip;
  if (end < 0) end = std::max<Index>(0, end + n);  // a negative end counts from the trace's end
  end = std::min(end, n);
  if (begin >= end) return failed("no samples in the stimulus");
  const auto v = slice(context.voltage(), begin, end);
  const auto highest = static_cast<Index>(numpy_argmax(v));
  const Piece decay = piece(context, begin + highest, end);
  const double fall = v[static_cast<std::size_t>(highest)] - v.back();
  return fitted_tau(fit_exponential(decay.t, decay.v, {1.0, v.back(), fall}, +1));
}
constexpr Feature inactivation_time_constant_row{
    "inactivation_time_constant",
    "ms",
    "Time constant of a channel's inactivation, from its highest value to the end of the stimulus",
    "tau of the fit a + b * exp(-t / tau), b >= 0",
    "voltage time",
    "inactivation_tc_end_skip",
    inactivation_time_constant};

/// Gaussian smoothing of width 10 samples, cut off at 40, with the values mirrored at the ends.
Values smoothed(const Values& x) {
  constexpr Index radius = 40;
  Values weights;
  for (Index j = -radius; j <= radius; ++j) weights.push_back(std::exp(-0.5 / 100.0 * static_cast<double>(j * j)));
  const double sum = numpy_sum(weights);
  const auto n = static_cast<Index>(x.size());
  const auto mirrored = [&](Index i) {
    const Index period = 2 * n;
    i = ((i % period) + period) % period;
    return x[static_cast<std::size_t>(i < n ? i : period - 1 - i)];
  };
  Values result;
  for (Index i = 0; i < n; ++i) {
    double value = 0.0;
    for (Index j = -radius; j <= radius; ++j)
      value += weights[static_cast<std::size_t>(j + radius)] / sum * mirrored(i + j);
    result.push_back(value);
  }
  return result;
}

Values less(std::span<const double> signal, double level) {
  Values result(signal.begin(), signal.end());
  for (double& value : result) value -= level;
  return result;
}

FeatureResult impedance(const TraceContext& context) {
  if (context.current().empty()) return failed("the trace has no current");
  if (context.indices(peak_indices)) return failed("the trace has spikes");
  const FeatureResult& v_base = context.result(voltage_base);
  const FeatureResult& v_hold = v_base ? v_base : context.result(steady_state_voltage_stimend);
  const FeatureResult& i_base = context.result(current_base);
  const FeatureResult& i_hold = i_base ? i_base : context.result(steady_state_current_stimend);
  if (!v_hold) return missing(v_hold);
  if (!i_hold) return missing(i_hold);
  const Values current = less(context.current(), i_hold[0]);
  if (std::all_of(current.begin(), current.end(), [](double x) { return x == 0; })) return failed("no current flows");
  const auto n = static_cast<double>(current.size());
  const double base = 1.0 / (n * (context.settings().interp_step / 1000.));
  const std::size_t positive = (current.size() - 1) / 2;
  std::size_t count = 0;
  while (count < positive && static_cast<double>(count + 1) * base <= context.settings().impedance_max_freq) ++count;
  if (count == 0) return failed("no frequency up to impedance_max_freq");
  const Values profile = smoothed(spectrum_ratio(less(context.voltage(), v_hold[0]), current, count));
  return one(static_cast<double>(numpy_argmax(profile) + 1) * base);
}
constexpr Feature impedance_row{
    "impedance",
    "Hz",
    "Frequency of the largest impedance for a current that sweeps frequencies, without spikes",
    "argmax over 0 < f <= impedance_max_freq of smoothed abs(fft(v - base) / fft(i - base))",
    "voltage current voltage_base current_base spike_count",
    "impedance_max_freq interp_step",
    impedance,
    hutcheon};

constexpr Feature table[] = {activation_time_constant_row, deactivation_time_constant_row,
                             inactivation_time_constant_row, impedance_row};

}  // namespace

std::span<const Feature> channel_features() { return table; }

}  // namespace cellwright::features
