// How long do the features of one trace take? A made-up trace of 250 ms at 0.025 ms with 15 spikes, measured the way the
// example does it: all features of a protocol share one trace.

#include <benchmark/benchmark.h>

#include <cmath>
#include <string>
#include <vector>

#include "cellwright/features/compute.hpp"

namespace {

struct Trace {
  std::vector<double> time_ms;
  std::vector<double> voltage_mv;
};

Trace spiking_trace() {
  constexpr double dt_ms = 0.025;
  constexpr double interval_ms = 10.0;
  Trace trace;
  for (int i = 0; i <= 10000; ++i) {
    const double t = i * dt_ms;
    const bool stimulated = t >= 50 && t < 200;
    const double phase = stimulated ? std::fmod(t - 50, interval_ms) : 0;
    const double spike = stimulated ? 100 * std::exp(-std::pow((phase - 3) / 0.6, 2)) : 0;
    trace.time_ms.push_back(t);
    trace.voltage_mv.push_back(-65 + (stimulated ? 8 : 0) + spike);
  }
  return trace;
}

void features_of_a_trace(benchmark::State& state) {
  const auto trace = spiking_trace();
  cellwright::features::TraceInput input;
  input.trace = {trace.time_ms, trace.voltage_mv, {}};
  input.window = {50, 200};
  const std::vector<std::string> names{"Spikecount", "time_to_first_spike", "inv_first_ISI", "AP_height", "AP_width", "AHP_depth"};
  for (auto _ : state) {
    auto table = cellwright::features::compute_features(std::span(&input, 1), names);
    benchmark::DoNotOptimize(table);
  }
}
BENCHMARK(features_of_a_trace)->Unit(benchmark::kMicrosecond);

}  // namespace
