// How long does one value of a lane function take, against the C library's? 4096 doubles in [-20, 20] (log: [0, 20]), in a
// loop over packs of 16, compiled for this machine as the engine's inner loops are.

#include <benchmark/benchmark.h>

#include <cmath>
#include <cstddef>
#include <random>
#include <vector>

#include "cellwright/numeric/lane_math.hpp"

namespace {

constexpr std::size_t lanes = 16;

std::vector<double> arguments(double low, double high) {
  std::mt19937_64 engine(1);
  std::vector<double> values(4096);
  for (double& x : values) x = low + (high - low) * static_cast<double>(engine() >> 11) * 0x1p-53;
  return values;
}

template <class Function>
void values_per_second(benchmark::State& state, double low, Function function) {
  const auto input = arguments(low, 20);
  std::vector<double> output(input.size());
  for (auto _ : state) {
    for (std::size_t pack = 0; pack < input.size(); pack += lanes) {
      const double* x = input.data() + pack;
      double* y = output.data() + pack;
#pragma omp simd
      for (std::size_t lane = 0; lane < lanes; ++lane) y[lane] = function(x[lane]);
    }
    benchmark::DoNotOptimize(output.data());
    benchmark::ClobberMemory();
  }
  state.SetItemsProcessed(state.iterations() * static_cast<std::int64_t>(input.size()));
}

void lane_exp(benchmark::State& state) {
  values_per_second(state, -20, [](double x) { return cellwright::lane_math::lane_exp(x); });
}
void libm_exp(benchmark::State& state) {
  values_per_second(state, -20, [](double x) { return std::exp(x); });
}
void lane_exprelr(benchmark::State& state) {
  values_per_second(state, -20, [](double x) { return cellwright::lane_math::lane_exprelr(x); });
}
void lane_log(benchmark::State& state) {
  values_per_second(state, 0, [](double x) { return cellwright::lane_math::lane_log(x); });
}
void libm_log(benchmark::State& state) {
  values_per_second(state, 0, [](double x) { return std::log(x); });
}
BENCHMARK(lane_exp);
BENCHMARK(libm_exp);
BENCHMARK(lane_exprelr);
BENCHMARK(lane_log);
BENCHMARK(libm_log);

}  // namespace
