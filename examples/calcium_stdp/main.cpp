// Fits the calcium-based plasticity rule of Graupner and Brunel (2012) to a curve of spike-timing-dependent plasticity.
// The README has the equations; times are in s, calcium in units of the depression threshold.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/optimise/deap_optimisation.hpp"

namespace {

using namespace cellwright::optimise;

/// The protocol of the paper's figure 2: 60 pairs of spikes at 1 Hz.
constexpr double period_s = 1.0;
constexpr double pairs = 60;

/// What the fit leaves as it is: the values of the paper's figure 2.
constexpr double calcium_decay_s = 0.020;     // tau_Ca
constexpr double depression_threshold = 1.0;  // theta_d
constexpr double synapse_decay_s = 150;       // tau
constexpr double noise = 2.8284;              // sigma
constexpr double unstable_state = 0.5;        // rho*
constexpr double share_down = 0.5;            // beta: of the synapses, before the protocol
constexpr double strength_up_over_down = 5;   // b

/// What is fitted.
struct Rule {
  double c_pre, c_post;           // jumps of the calcium at a presynaptic and at a postsynaptic spike
  double potentiation_threshold;  // theta_p
  double gamma_d, gamma_p;        // rates of depression and potentiation
  double delay_s;                 // D, of the presynaptic jump
};

/// The set "DP" of the paper: depression before, potentiation after.
constexpr Rule published = {1.0, 2.0, 1.3, 200, 321.808, 0.0137};

struct TimesAbove {
  double depression_s = 0, potentiation_s = 0;  // in one period
};

/// Adds the times that a calcium trace spends above the thresholds while it decays from `calcium` for `duration_s`.
void add_decay(TimesAbove& times, const Rule& rule, double calcium, double duration_s) {
  const auto above = [&](double threshold) {
    return std::clamp(calcium_decay_s * std::log(calcium / threshold), 0.0, duration_s);
  };
  times.depression_s += above(depression_threshold);
  times.potentiation_s += above(rule.potentiation_threshold);
}

/// The protocol has gone on for long: the trace has the period of the pairs.
TimesAbove times_above(const Rule& rule, double post_minus_pre_s) {
  const double lag_s = post_minus_pre_s - rule.delay_s;  // from the presynaptic jump to the postsynaptic one
  auto [first, second] = std::pair(rule.c_pre, rule.c_post);
  if (lag_s < 0) std::swap(first, second);
  const double gap_s = std::abs(lag_s), rest_s = period_s - gap_s;
  const double left_of_earlier_pairs = 1 / (1 - std::exp(-period_s / calcium_decay_s));
  const double after_first = (first + second * std::exp(-rest_s / calcium_decay_s)) * left_of_earlier_pairs;
  const double after_second = (second + first * std::exp(-gap_s / calcium_decay_s)) * left_of_earlier_pairs;
  TimesAbove times;
  add_decay(times, rule, after_first, gap_s);
  add_decay(times, rule, after_second, rest_s);
  return times;
}

/// Mean strength after the protocol over that before it.
double synaptic_change(const Rule& rule, double post_minus_pre_s) {
  const TimesAbove times = times_above(rule, post_minus_pre_s);
  const double alpha_d = times.depression_s / period_s, alpha_p = times.potentiation_s / period_s;
  const double down_rate = rule.gamma_d * alpha_d, up_rate = rule.gamma_p * alpha_p, rate = down_rate + up_rate;
  if (rate == 0) return 1;  // never above a threshold: nothing changes
  const double goal = up_rate / rate;
  const double kept = std::exp(-pairs * period_s * rate / synapse_decay_s);
  const double spread = std::sqrt(noise * noise * (alpha_d + alpha_p) / rate * (1 - kept * kept));
  const auto ends_up = [&](double start) {  // probability that a synapse that starts at `start` ends above rho*
    return 0.5 * std::erfc((unstable_state - goal + (goal - start) * kept) / spread);
  };
  const double up = share_down * ends_up(0) + (1 - share_down) * ends_up(1);
  return (1 - up + up * strength_up_over_down) / (share_down + (1 - share_down) * strength_up_over_down);
}

Rule rule_of(std::span<const double> v) { return {v[0], v[1], v[2], v[3], v[4], v[5]}; }

/// The curve that is fitted, and the distance from it in units of 0.01 for each point.
struct Curve {
  std::vector<double> times_s, changes;

  std::vector<double> operator()(std::span<const double> values) const {
    std::vector<double> scores;
    for (std::size_t i = 0; i < times_s.size(); ++i)
      scores.push_back(std::abs(synaptic_change(rule_of(values), times_s[i]) - changes[i]) / 0.01);
    return scores;
  }
};

}  // namespace

int main() {
  Curve curve;
  std::vector<std::string> names;
  for (int ms = -60; ms <= 60; ms += 5) {
    curve.times_s.push_back(ms * 1e-3);
    curve.changes.push_back(synaptic_change(published, ms * 1e-3));
    names.push_back("change at " + std::to_string(ms) + " ms");
  }
  const std::vector<Parameter> parameters = {Parameter("c_pre", 0.2, 3),     Parameter("c_post", 0.2, 3),
                                             Parameter("theta_p", 1.0, 3),   Parameter("gamma_d", 20, 1000),
                                             Parameter("gamma_p", 20, 1000), Parameter("delay_s", 0, 0.03)};
  DEAPOptimisation optimisation(make_evaluator(parameters, names, curve), {.seed = 1, .offspring_size = 100});
  const Individual best = optimisation.run({.max_ngen = 300}).hall_of_fame[0];

  const Rule fitted = rule_of(best.values);
  std::printf("time (ms)  target  fitted\n");
  double worst = 0;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const double change = synaptic_change(fitted, curve.times_s[i]);
    std::printf("%9.0f  %6.3f  %6.3f\n", curve.times_s[i] * 1e3, curve.changes[i], change);
    worst = std::max(worst, std::abs(change - curve.changes[i]));
  }
  const double answer[] = {published.c_pre,   published.c_post,  published.potentiation_threshold,
                           published.gamma_d, published.gamma_p, published.delay_s};
  std::printf("\nparameter  published  fitted\n");
  for (std::size_t i = 0; i < parameters.size(); ++i)
    std::printf("%-9s  %9.4g  %6.4g\n", parameters[i].name().c_str(), answer[i], best.values[i]);
  std::printf("\nlargest distance from the curve: %.4f\n", worst);
  return worst < 0.02 ? 0 : 1;
}
