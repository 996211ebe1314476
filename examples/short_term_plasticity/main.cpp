// Fits the model of short-term plasticity of Tsodyks and Markram to the amplitudes of the responses to a train of
// spikes.
#include <array>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <vector>

#include "cellwright/optimise/algorithm_registry.hpp"

namespace {

using namespace cellwright::optimise;

/// Eight spikes at 20 Hz and one that tests the recovery, in ms.
constexpr std::array spike_times_ms = {0.0, 50.0, 100.0, 150.0, 200.0, 250.0, 300.0, 350.0, 900.0};
using Amplitudes = std::array<double, spike_times_ms.size()>;

struct Synapse {
  double use;              // U: share of the resources that a first spike uses
  double recovery_ms;      // tau_rec
  double facilitation_ms;  // tau_fac
  double strength;         // A: the response if all resources were used at once
};

/// The answer, from which the targets are made; chosen so that the train first facilitates, then depresses.
constexpr Synapse hidden = {0.15, 130, 520, 80};

Amplitudes amplitudes(const Synapse& synapse) {
  Amplitudes result{};
  double used = synapse.use, available = 1;
  for (std::size_t n = 0; n < result.size(); ++n) {
    if (n > 0) {
      const double interval_ms = spike_times_ms[n] - spike_times_ms[n - 1];
      available = 1 - (1 - available * (1 - used)) * std::exp(-interval_ms / synapse.recovery_ms);
      used = synapse.use + used * (1 - synapse.use) * std::exp(-interval_ms / synapse.facilitation_ms);
    }
    result[n] = synapse.strength * used * available;
  }
  return result;
}

Synapse synapse_of(std::span<const double> v) { return {v[0], v[1], v[2], v[3]}; }

}  // namespace

int main() {
  const Amplitudes targets = amplitudes(hidden);
  std::vector<std::string> names;
  for (std::size_t n = 1; n <= targets.size(); ++n) names.push_back("amplitude " + std::to_string(n));
  // One score for each response: its distance from the target in percent of the first target.
  const auto scores = [&](std::span<const double> values) {
    const Amplitudes response = amplitudes(synapse_of(values));
    std::vector<double> result;
    for (std::size_t n = 0; n < targets.size(); ++n)
      result.push_back(100 * std::abs(response[n] - targets[n]) / targets[0]);
    return result;
  };
  const auto evaluator = make_evaluator(
      {Parameter("U", 0.01, 1), Parameter("tau_rec", 5, 1500), Parameter("tau_fac", 5, 1500), Parameter("A", 1, 500)},
      names, scores);
  // Differential evolution here: it minimises the sum of the scores. "ibea" and the others are called in the same way.
  const auto algorithm =
      make_algorithm("shade", evaluator->parameters(), evaluator->objectives(), {.seed = 1, .offspring_size = 40});
  const Individual best = run_algorithm(*algorithm, *evaluator, {.max_ngen = 250}).hall_of_fame[0];

  const Amplitudes response = amplitudes(synapse_of(best.values));
  std::printf("time (ms)  target  fitted\n");
  for (std::size_t n = 0; n < targets.size(); ++n)
    std::printf("%9.0f  %6.2f  %6.2f\n", spike_times_ms[n], targets[n], response[n]);
  std::printf("\nparameter  hidden  fitted\n");
  const std::array answer = {hidden.use, hidden.recovery_ms, hidden.facilitation_ms, hidden.strength};
  bool found = true;
  for (std::size_t i = 0; i < answer.size(); ++i) {
    std::printf("%-9s  %6g  %6.4g\n", evaluator->parameters()[i].name().c_str(), answer[i], best.values[i]);
    found = found && std::abs(best.values[i] - answer[i]) < 0.01 * answer[i];
  }
  return found ? 0 : 1;
}
