/// Resting and steady voltages, deflections, sag and input resistance.
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

/// Mean or median of the samples before the stimulus, from stim_start * begin to stim_start * end.
FeatureResult base_level(const TraceContext& context, std::span<const double> signal, double begin_fraction,
                         double end_fraction, const std::string& mode) {
  const auto t = context.time();
  if (signal.empty()) return failed("no samples");
  const double begin = context.stim_start() * begin_fraction;
  const double end = context.stim_start() * end_fraction;
  if (begin >= end) return failed("no time before the stimulus");
  const auto n = static_cast<Index>(t.size());
  Index first = context.index_at(begin);
  if (first == n) first = 0;
  // One past the last sample that is not clearly behind the end; the whole trace if only the first sample could be.
  const double precision = context.settings().precision_threshold;
  const auto behind =
      std::partition_point(t.begin() + 1, t.end(), [&](double time) { return time - end < precision; }) - t.begin();
  const Index last = behind > 1 ? behind : n;
  if (last < first) return failed("no samples before the stimulus");
  const auto base = slice(signal, first, last);
  if (mode == "mean") return one(plain_mean(base));
  if (mode != "median") return failed("the mode is neither mean nor median");
  if (base.empty()) return failed("no samples before the stimulus");
  return one(median(Values(base.begin(), base.end())));
}

/// Mean over the last tenth of the stimulus.
FeatureResult last_tenth(const TraceContext& context, std::span<const double> signal) {
  if (signal.empty()) return failed("no samples");
  const double begin = context.stim_end() - 0.1 * (context.stim_end() - context.stim_start());
  const Index first = context.index_at(begin);
  const Index last = context.index_at(context.stim_end());
  if (first >= last) return failed("no samples at the end of the stimulus");
  return one(plain_mean(slice(signal, first, last)));
}

}  // namespace

FeatureResult voltage_base(const TraceContext& context) {
  const Settings& settings = context.settings();
  return base_level(context, context.voltage(), settings.voltage_base_start_perc, settings.voltage_base_end_perc,
                    settings.voltage_base_mode);
}

FeatureResult current_base(const TraceContext& context) {
  const Settings& settings = context.settings();
  return base_level(context, context.current(), settings.current_base_start_perc, settings.current_base_end_perc,
                    settings.current_base_mode);
}

FeatureResult steady_state_voltage_stimend(const TraceContext& context) {
  return last_tenth(context, context.voltage());
}

FeatureResult steady_state_current_stimend(const TraceContext& context) {
  return last_tenth(context, context.current());
}

namespace {

constexpr Feature voltage_base_row{
    "voltage_base",
    "mV",
    "Resting voltage: average before the stimulus",
    "mean(v[voltage_base_start_perc * stim_start <= t <= voltage_base_end_perc * stim_start])",
    "voltage time",
    "voltage_base_start_perc voltage_base_end_perc voltage_base_mode precision_threshold",
    voltage_base};

constexpr Feature current_base_row{
    "current_base",
    "nA",
    "Holding current: average before the stimulus",
    "mean(i[current_base_start_perc * stim_start <= t <= current_base_end_perc * stim_start])",
    "current time",
    "current_base_start_perc current_base_end_perc current_base_mode precision_threshold",
    current_base};

constexpr Feature steady_state_voltage_stimend_row{"steady_state_voltage_stimend",
                                                   "mV",
                                                   "Mean voltage over the last tenth of the stimulus",
                                                   "mean(v[stim_end - 0.1 * (stim_end - stim_start) <= t < stim_end])",
                                                   "voltage time",
                                                   "",
                                                   steady_state_voltage_stimend};

constexpr Feature steady_state_current_stimend_row{"steady_state_current_stimend",
                                                   "nA",
                                                   "Mean current over the last tenth of the stimulus",
                                                   "mean(i[stim_end - 0.1 * (stim_end - stim_start) <= t < stim_end])",
                                                   "current time",
                                                   "",
                                                   steady_state_current_stimend};

/// Mean of the 30 samples that end five samples before stim_end.
FeatureResult steady_state_hyper(const TraceContext& context) {
  if (context.voltage().empty()) return failed("the trace is empty");
  const Index end = context.index_at(context.stim_end()) - 5;
  if (end < 30) return failed("fewer than 35 samples before stim_end");
  return one(plain_mean(slice(context.voltage(), end - 30, end)));
}
constexpr Feature steady_state_hyper_row{"steady_state_hyper",
                                         "mV",
                                         "Mean voltage shortly before the end of the stimulus",
                                         "mean(v[e - 35 : e - 5]), e = first sample at or after stim_end",
                                         "voltage time",
                                         "",
                                         steady_state_hyper};

/// Mean of the samples after stim_end, added up from the last one back; NaN if there are none.
FeatureResult steady_state_voltage(const TraceContext& context) {
  const auto t = context.time();
  if (t.empty()) return failed("the trace is empty");
  double sum = 0.0;
  int count = 0;
  for (Index i = static_cast<Index>(t.size()) - 1; i >= 0 && at(t, i) > context.stim_end(); --i) {
    sum += at(context.voltage(), i);
    ++count;
  }
  return one(sum / count);
}
constexpr Feature steady_state_voltage_row{"steady_state_voltage",  "mV",           "Mean voltage after the stimulus",
                                           "mean(v[t > stim_end])", "voltage time", "",
                                           steady_state_voltage};

/// Mean of five samples shortly before stim_end less the mean before the stimulus.
FeatureResult voltage_deflection(const TraceContext& context) {
  const auto t = context.time();
  const auto v = context.voltage();
  const Index before = context.index_at(context.stim_start());
  if (before == 0) return failed("no samples before the stimulus");
  const Index after = std::upper_bound(t.begin(), t.end(), context.stim_end()) - t.begin();
  if (after < 10 || after == static_cast<Index>(t.size())) return failed("the stimulus ends at the trace's edge");
  return one(plain_mean(slice(v, after - 10, after - 5)) - plain_mean(slice(v, 0, before)));
}
constexpr Feature voltage_deflection_row{
    "voltage_deflection",
    "mV",
    "Voltage shortly before the end of the stimulus relative to the mean before it",
    "mean(v[e - 10 : e - 5]) - mean(v[t < stim_start]), e = first t > stim_end",
    "voltage time",
    "",
    voltage_deflection};

/// NaN where there are no samples before the stimulus or in the averaging window.
FeatureResult voltage_deflection_begin(const TraceContext& context) {
  const auto t = context.time();
  const auto v = context.voltage();
  if (t.empty()) return failed("the trace is empty");
  const double length = context.stim_end() - context.stim_start();
  const double begin = context.stim_start() + length * (0.10 / 2);
  const double end = begin + length * 0.10;
  const double base = plain_mean(slice(v, 0, context.index_at(context.stim_start())));
  const Index first = std::upper_bound(t.begin(), t.end(), begin) - t.begin();
  const Index last = std::upper_bound(t.begin(), t.end(), end) - t.begin();
  return one(plain_mean(slice(v, first, last)) - base);
}
constexpr Feature voltage_deflection_begin_row{
    "voltage_deflection_begin",
    "mV",
    "Voltage between 5 % and 15 % of the stimulus relative to the mean before it",
    "mean(v[stim_start + 0.05 * d < t <= stim_start + 0.15 * d]) - mean(v[t < stim_start]), d = stim_end - stim_start",
    "voltage time",
    "",
    voltage_deflection_begin};

FeatureResult voltage_deflection_vb_ssse(const TraceContext& context) {
  const FeatureResult& base = context.result(voltage_base);
  const FeatureResult& steady = context.result(steady_state_voltage_stimend);
  if (!base) return missing(base);
  if (!steady) return missing(steady);
  return one(steady[0] - base[0]);
}
constexpr Feature voltage_deflection_vb_ssse_row{"voltage_deflection_vb_ssse",
                                                 "mV",
                                                 "Steady voltage at the end of the stimulus relative to rest",
                                                 "steady_state_voltage_stimend - voltage_base",
                                                 "steady_state_voltage_stimend voltage_base",
                                                 "",
                                                 voltage_deflection_vb_ssse};

/// Mean over the middle half of the time after the stimulus; the first sample behind it still counts.
FeatureResult voltage_after_stim(const TraceContext& context) {
  const auto t = context.time();
  if (t.empty()) return failed("the trace is empty");
  const double rest = t.back() - context.stim_end();
  const double begin = context.stim_end() + rest * .25;
  const double end = context.stim_end() + rest * .75;
  double sum = 0.0;
  int count = 0;
  for (std::size_t i = 0; i < t.size(); ++i) {
    if (t[i] >= begin) {
      sum += context.voltage()[i];
      ++count;
    }
    if (t[i] > end) break;
  }
  if (count == 0) return failed("no samples after the stimulus");
  return one(sum / count);
}
constexpr Feature voltage_after_stim_row{
    "voltage_after_stim",
    "mV",
    "Mean voltage over the middle half of the time after the stimulus",
    "mean(v[stim_end + 0.25 * r <= t <= stim_end + 0.75 * r]), r = t[last] - stim_end",
    "voltage time",
    "",
    voltage_after_stim};

/// The samples of the stimulus: [first, last), with the stimulus cut off at the end of the trace; one sample at least.
FeatureResult extreme_in_stimulus(const TraceContext& context,
                                  Index (*extreme)(std::span<const double>, Index, Index)) {
  const auto t = context.time();
  if (t.empty()) return failed("the trace is empty");
  if (context.stim_start() > t.back()) return failed("the stimulus starts after the trace's end");
  const Index first = context.index_at(context.stim_start());
  const Index last = context.index_at(std::min(context.stim_end(), t.back()));
  return one(at(context.voltage(), extreme(context.voltage(), first, last)));
}

FeatureResult maximum_voltage(const TraceContext& context) { return extreme_in_stimulus(context, max_index); }
constexpr Feature maximum_voltage_row{"maximum_voltage",
                                      "mV",
                                      "Highest voltage during the stimulus",
                                      "max(v[stim_start <= t < stim_end])",
                                      "voltage time",
                                      "",
                                      maximum_voltage};

}  // namespace

FeatureResult minimum_voltage(const TraceContext& context) { return extreme_in_stimulus(context, min_index); }

namespace {

constexpr Feature minimum_voltage_row{"minimum_voltage",
                                      "mV",
                                      "Lowest voltage during the stimulus",
                                      "min(v[stim_start <= t < stim_end])",
                                      "voltage time",
                                      "",
                                      minimum_voltage};

FeatureResult maximum_voltage_from_voltagebase(const TraceContext& context) {
  const FeatureResult& highest = context.result(maximum_voltage);
  const FeatureResult& base = context.result(voltage_base);
  if (!highest) return missing(highest);
  if (!base) return missing(base);
  return one(highest[0] - base[0]);
}
constexpr Feature maximum_voltage_from_voltagebase_row{"maximum_voltage_from_voltagebase",
                                                       "mV",
                                                       "Highest voltage during the stimulus relative to rest",
                                                       "maximum_voltage - voltage_base",
                                                       "maximum_voltage voltage_base",
                                                       "",
                                                       maximum_voltage_from_voltagebase};

}  // namespace

FeatureResult sag_amplitude(const TraceContext& context) {
  const FeatureResult& deflection = context.result(voltage_deflection_vb_ssse);
  const FeatureResult& lowest = context.result(minimum_voltage);
  if (!deflection) return missing(deflection);
  if (!lowest) return missing(lowest);
  if (!(deflection[0] <= 0)) return failed("the stimulus does not hyperpolarise");
  return one(context.result(steady_state_voltage_stimend)[0] - lowest[0]);
}

namespace {

constexpr Feature sag_amplitude_row{"sag_amplitude",
                                    "mV",
                                    "Return from the lowest voltage to the steady one, for hyperpolarising stimuli",
                                    "steady_state_voltage_stimend - minimum_voltage",
                                    "steady_state_voltage_stimend minimum_voltage voltage_deflection_vb_ssse",
                                    "",
                                    sag_amplitude};

FeatureResult sag_ratio1(const TraceContext& context) {
  const FeatureResult& sag = context.result(sag_amplitude);
  if (!sag) return missing(sag);
  const double base = context.result(voltage_base)[0];
  const double lowest = context.result(minimum_voltage)[0];
  if (lowest == base) return failed("the voltage does not leave rest");
  return one(sag[0] / (base - lowest));
}
constexpr Feature sag_ratio1_row{"sag_ratio1",
                                 "constant",
                                 "Sag relative to the largest deflection",
                                 "sag_amplitude / (voltage_base - minimum_voltage)",
                                 "sag_amplitude voltage_base minimum_voltage",
                                 "",
                                 sag_ratio1};

FeatureResult sag_ratio2(const TraceContext& context) {
  const FeatureResult& base = context.result(voltage_base);
  const FeatureResult& lowest = context.result(minimum_voltage);
  const FeatureResult& steady = context.result(steady_state_voltage_stimend);
  if (!base) return missing(base);
  if (!lowest) return missing(lowest);
  if (!steady) return missing(steady);
  if (lowest[0] == base[0]) return failed("the voltage does not leave rest");
  return one((base[0] - steady[0]) / (base[0] - lowest[0]));
}
constexpr Feature sag_ratio2_row{"sag_ratio2",
                                 "constant",
                                 "Steady deflection relative to the largest one",
                                 "(voltage_base - steady_state_voltage_stimend) / (voltage_base - minimum_voltage)",
                                 "voltage_base minimum_voltage steady_state_voltage_stimend",
                                 "",
                                 sag_ratio2};

/// Deflection over the stimulus current.
FeatureResult resistance(const TraceContext& context, const FeatureResult& deflection) {
  if (!deflection) return missing(deflection);
  const auto& current = context.settings().stimulus_current;
  if (!current) return failed("stimulus_current is not set");
  if (*current == 0) return failed("stimulus_current is zero");
  return one(deflection[0] / *current);
}

FeatureResult ohmic_input_resistance(const TraceContext& context) {
  return resistance(context, context.result(voltage_deflection));
}
constexpr Feature ohmic_input_resistance_row{"ohmic_input_resistance",
                                             "MΩ",
                                             "Input resistance from voltage_deflection",
                                             "voltage_deflection / stimulus_current",
                                             "voltage_deflection stimulus_current",
                                             "stimulus_current",
                                             ohmic_input_resistance};

FeatureResult ohmic_input_resistance_vb_ssse(const TraceContext& context) {
  return resistance(context, context.result(voltage_deflection_vb_ssse));
}
constexpr Feature ohmic_input_resistance_vb_ssse_row{"ohmic_input_resistance_vb_ssse",
                                                     "MΩ",
                                                     "Input resistance from voltage_deflection_vb_ssse",
                                                     "voltage_deflection_vb_ssse / stimulus_current",
                                                     "voltage_deflection_vb_ssse stimulus_current",
                                                     "stimulus_current",
                                                     ohmic_input_resistance_vb_ssse};

constexpr Feature table[] = {voltage_base_row,
                             current_base_row,
                             steady_state_voltage_stimend_row,
                             steady_state_current_stimend_row,
                             steady_state_hyper_row,
                             steady_state_voltage_row,
                             voltage_deflection_row,
                             voltage_deflection_begin_row,
                             voltage_deflection_vb_ssse_row,
                             voltage_after_stim_row,
                             maximum_voltage_row,
                             minimum_voltage_row,
                             maximum_voltage_from_voltagebase_row,
                             sag_amplitude_row,
                             sag_ratio1_row,
                             sag_ratio2_row,
                             ohmic_input_resistance_row,
                             ohmic_input_resistance_vb_ssse_row};

}  // namespace

std::span<const Feature> subthreshold_features() { return table; }

}  // namespace cellwright::features
