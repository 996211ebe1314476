/// The resampled trace itself.
#include "features/families.hpp"

namespace cellwright::features {
namespace {

FeatureResult signal(std::span<const double> samples_of, std::string_view reason) {
  return nonempty(Values(samples_of.begin(), samples_of.end()), reason);
}

FeatureResult time(const TraceContext& context) { return signal(context.time(), "the trace is empty"); }
constexpr Feature time_row{"time", "ms", "Times of the resampled trace", "t", "", "interp_step", time};

FeatureResult voltage(const TraceContext& context) { return signal(context.voltage(), "the trace is empty"); }
constexpr Feature voltage_row{"voltage", "mV", "Voltages of the resampled trace", "v", "", "interp_step", voltage};

FeatureResult current(const TraceContext& context) { return signal(context.current(), "the trace has no current"); }
constexpr Feature current_row{"current",     "nA",   "Currents of the resampled trace", "i", "current",
                              "interp_step", current};

/// Largest slope between neighbouring samples. NaN if a slope is NaN, as NumPy's maximum gives.
FeatureResult phaseslope_max(const TraceContext& context) {
  const auto t = context.time();
  const auto v = context.voltage();
  if (v.size() < 2) return failed("fewer than two samples");
  double largest = (v[1] - v[0]) / (t[1] - t[0]);
  for (std::size_t i = 2; i < v.size(); ++i) {
    const double slope = (v[i] - v[i - 1]) / (t[i] - t[i - 1]);
    if (!(slope <= largest) && largest == largest) largest = slope;
  }
  return one(largest);
}
constexpr Feature phaseslope_max_row{
    "phaseslope_max", "V/s", "Largest slope of the voltage", "max(diff(v) / diff(t))", "time voltage", "",
    phaseslope_max};

constexpr Feature table[] = {time_row, voltage_row, current_row, phaseslope_max_row};

}  // namespace

std::span<const Feature> basic_features() { return table; }

}  // namespace cellwright::features
