#pragma once
/// Compares a mechanism's cw_derivatives with what its fixed-step functions do, at random points.
///
/// Values: a current with what `current` computes; x' with what `state` does in a step (cnexp exactly, others by two
/// tiny steps). Derivatives: with central differences D(h), D(2h) of those values, Richardson's (4 D(h) - D(2h))/3.
/// Where D(h) and D(2h) disagree the points straddle a corner (a branch, a table's entry): such comparisons are skipped
/// and counted.

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "unit/nmodl/test_block.hpp"

namespace cellwright::nmodl::test {

struct DerivativeReport {
  int compared = 0;  ///< derivatives
  int skipped = 0;   ///< at corners, or not finite
  int values = 0;    ///< values compared with the fixed-step functions
  double worst = 0;  ///< largest relative deviation of a derivative, where the differences are certain to 1e-6
  double worst_value = 0;
  std::vector<std::string> failures;  ///< at most 5
};

class DerivativeChecker {
 public:
  DerivativeChecker(const cw_mechanism& mechanism, unsigned seed)
      : mechanism_(mechanism), derivatives_(*mechanism.derivatives), block_(mechanism, n_instances), random_(seed) {
    for (int k = 0; k < derivatives_.n_rate_outputs; ++k) rates_.emplace_back(n_instances);
    for (int k = 0; k < derivatives_.n_current_outputs; ++k) currents_.emplace_back(n_instances);
    for (std::size_t i = 0; i < n_instances; ++i) block_.area[i] = 60 + 37 * static_cast<double>(i);
    pointed_ = Rows(1, -65);
    for (auto& rows : block_.targets) rows.assign(rows.size(), pointed_.data());
  }

  DerivativeReport run(int rounds) {
    for (int round = 0; round < rounds; ++round) {
      draw();
      evaluate();
      check_values();
      for (const cw_output& direction : directions()) check_direction(direction);
    }
    return report_;
  }

 private:
  static constexpr std::size_t n_instances = 4;
  static constexpr std::size_t n_points = n_instances * static_cast<std::size_t>(lanes);

  // ------------------------------------------------------------------------------------------------- points

  double uniform(double low, double high) {
    return low + (high - low) * (static_cast<double>(random_() >> 5) / static_cast<double>(1U << 27));
  }
  double log_uniform(double low, double high) { return std::exp(uniform(std::log(low), std::log(high))); }

  template <class Draw>
  void fill(Rows& rows, std::size_t n_rows, const Draw& draw_one) {
    for (std::size_t k = 0; k < n_rows * static_cast<std::size_t>(lanes); ++k) rows.data()[k] = draw_one();
  }

  void draw() {
    fill(block_.v, n_instances, [&] { return uniform(-100, 50); });
    fill(block_.celsius, 1, [&] { return uniform(10, 37); });
    for (int k = 0; k < mechanism_.n_params; ++k) {
      const double value = mechanism_.param[k].default_value;
      fill(block_.params[static_cast<std::size_t>(k)], n_instances, [&] { return value * uniform(0.9, 1.1); });
    }
    for (auto& ion : block_.ions) {
      fill(ion.e, n_instances, [&] { return uniform(-90, 120); });
      fill(ion.i, n_instances, [&] { return uniform(-0.01, 0.01); });
      fill(ion.ci, n_instances, [&] { return log_uniform(5e-5, 5e-2); });
      fill(ion.co, n_instances, [&] { return uniform(1, 150); });
    }
    block_.initialise();
    for (int k = 0; k < mechanism_.n_states; ++k) {
      fill(block_.vars[static_cast<std::size_t>(k)], n_instances, [&] { return uniform(0.05, 0.95); });
    }
    for (auto& ion : block_.ions) fill(ion.ci, n_instances, [&] { return log_uniform(5e-5, 5e-2); });
    // What a block leaves for the other in ASSIGNEDs.
    set_dt(1e-9);
    const std::vector<Rows> states = state_copies();
    if (mechanism_.state) mechanism_.state(&block_.block);
    restore(states);
    if (mechanism_.current) mechanism_.current(&block_.block);
  }

  void set_dt(double dt) { block_.dt.fill_row(0, dt); }

  // ------------------------------------------------------------------------------------------------- states

  Rows& ion_rows(int ion, int quantity) {
    TestBlock::Ion& rows = block_.ions[static_cast<std::size_t>(ion)];
    switch (quantity) {
      case CW_ION_E:
        return rows.e;
      case CW_ION_I:
        return rows.i;
      case CW_ION_CI:
        return rows.ci;
      default:
        return rows.co;
    }
  }

  Rows& state_rows(int state) {
    const cw_rate_state& s = derivatives_.state[state];
    return s.var >= 0 ? block_.vars[static_cast<std::size_t>(s.var)] : ion_rows(s.ion, s.quantity);
  }

  static Rows copy(Rows& rows) {
    Rows result(n_instances);
    for (std::size_t k = 0; k < n_points; ++k) result.data()[k] = rows.data()[k];
    return result;
  }
  static std::vector<Rows> copies(std::vector<Rows>& all) {
    std::vector<Rows> result;
    for (Rows& rows : all) result.push_back(copy(rows));
    return result;
  }
  std::vector<Rows> state_copies() {
    std::vector<Rows> result;
    for (int s = 0; s < mechanism_.n_states; ++s) result.push_back(copy(block_.vars[static_cast<std::size_t>(s)]));
    for (auto& ion : block_.ions) {
      for (Rows* rows : {&ion.e, &ion.i, &ion.ci, &ion.co}) result.push_back(copy(*rows));
    }
    return result;
  }
  void restore(const std::vector<Rows>& saved) {
    std::size_t next = 0;
    const auto back = [&](Rows& rows) {
      Rows& from = const_cast<Rows&>(saved[next++]);
      for (std::size_t k = 0; k < n_points; ++k) rows.data()[k] = from.data()[k];
    };
    for (int s = 0; s < mechanism_.n_states; ++s) back(block_.vars[static_cast<std::size_t>(s)]);
    for (auto& ion : block_.ions) {
      for (Rows* rows : {&ion.e, &ion.i, &ion.ci, &ion.co}) back(*rows);
    }
  }

  // ------------------------------------------------------------------------------------------------- functions

  void evaluate() {
    const auto call = [&](cw_output_function function, std::vector<Rows>& rows) {
      std::vector<cw_real*> out;
      for (Rows& r : rows) out.push_back(r.data());
      if (function) function(&block_.block, out.data());
    };
    call(derivatives_.rates, rates_);
    call(derivatives_.currents, currents_);
  }

  static std::string name_of(const cw_output& o) {
    constexpr const char* kinds[] = {"rate", "A", "B", "current", "ion value"};
    constexpr const char* by[] = {"", " by v", " by state", " by ion"};
    return fmt::format("{} {}{} {}.{}", kinds[o.kind], o.of, by[o.by], o.index, o.quantity);
  }

  void fail(const std::string& text) {
    if (report_.failures.size() < 5) report_.failures.push_back(text);
  }

  void compare_value(const std::string& what, double value, double expected, double tolerance, double scale) {
    if (!std::isfinite(value) || !std::isfinite(expected)) {
      if (std::isfinite(value) != std::isfinite(expected)) ++report_.skipped;
      return;
    }
    ++report_.values;
    const double deviation = std::fabs(value - expected) / std::max({std::fabs(value), std::fabs(expected), scale});
    report_.worst_value = std::max(report_.worst_value, deviation);
    if (!(deviation <= tolerance)) fail(fmt::format("{}: {} instead of {}", what, value, expected));
  }

  // ------------------------------------------------------------------------------------------------- values

  void check_values() {
    for (int k = 0; k < derivatives_.n_current_outputs; ++k) {
      const cw_output& output = derivatives_.current_output[k];
      if (output.kind == CW_CURRENT && output.by == CW_BY_NOTHING) check_current(k, output);
    }
    check_rates();
  }

  void check_current(int k, const cw_output& output) {
    const cw_current& current = derivatives_.current[output.of];
    if (current.var < 0) return;
    Rows& own = block_.vars[static_cast<std::size_t>(current.var)];
    for (std::size_t p = 0; p < n_points; ++p) {
      const double scale =
          mechanism_.kind == CW_POINT_PROCESS ? 100 / block_.area[p / static_cast<std::size_t>(lanes)] : 1;
      compare_value(name_of(output), currents_[static_cast<std::size_t>(k)].data()[p], own.data()[p] * scale, 1e-9,
                    1e-12);
    }
  }

  Rows* rate_row(int kind, int state) {
    for (int k = 0; k < derivatives_.n_rate_outputs; ++k) {
      const cw_output& output = derivatives_.rate_output[k];
      if (output.kind == kind && output.of == state && output.by == CW_BY_NOTHING) {
        return &rates_[static_cast<std::size_t>(k)];
      }
    }
    return nullptr;
  }

  /// The states after a step of dt from here, which stays as it is.
  std::vector<Rows> stepped(double dt) {
    set_dt(dt);
    const std::vector<Rows> before = state_copies();
    mechanism_.state(&block_.block);
    std::vector<Rows> after;
    for (int s = 0; s < derivatives_.n_states; ++s) after.push_back(copy(state_rows(s)));
    restore(before);
    return after;
  }

  /// One step and two steps at once, from the same states.
  struct StepPair {
    StepPair(DerivativeChecker& checker, double dt)
        : tiny(dt), once(checker.stepped(dt)), twice(checker.stepped(2 * dt)) {}
    double slope(int state, std::size_t p, double x) {
      const auto of = static_cast<std::size_t>(state);
      return (2 * (once[of].data()[p] - x) - (twice[of].data()[p] - x) / 2) / tiny;
    }
    double tiny;
    std::vector<Rows> once, twice;
  };

  bool coupled() const {
    bool result = false;
    for (int s = 0; s < derivatives_.n_states; ++s) result = result || !derivatives_.state[s].linear;
    return result;
  }

  /// Random states break what coupled ones obey: a CONSERVE, no negative amounts. Those come from INITIAL and a few
  /// steps at another voltage instead.
  void take_reachable_states() {
    if (!coupled() || !mechanism_.init) return;
    mechanism_.init(&block_.block);
    fill(block_.v, n_instances, [&] { return uniform(-100, 50); });
    set_dt(0.02);
    for (int step = 0; step < 5; ++step) mechanism_.state(&block_.block);
    if (mechanism_.current) mechanism_.current(&block_.block);  // what it leaves for DERIVATIVE in ASSIGNEDs
    evaluate();
  }

  void check_rates() {
    if (!mechanism_.state || derivatives_.n_states == 0) return;
    take_reachable_states();
    std::vector<StepPair> pairs;
    for (const double dt : {1e-5, 1e-7, 1e-9}) pairs.emplace_back(*this, dt);
    for (int s = 0; s < derivatives_.n_states; ++s) {
      for (std::size_t p = 0; p < n_points; ++p) {
        const bool linear = derivatives_.state[s].linear;
        if (linear && std::fabs(rate_row(CW_RATE_B, s)->data()[p]) * pairs[0].tiny > 1e-2) continue;
        check_rate(s, p, linear ? pairs[0] : best_pair(s, p, pairs));
      }
    }
  }

  /// Coupled states may be near a balance of fast reactions: a long step smears that, a short one drowns slow states in
  /// the round-off of their equations. No step makes a wrong rate look right, so the best one decides.
  StepPair& best_pair(int s, std::size_t p, std::vector<StepPair>& pairs) {
    const double rate = rate_row(CW_RATE, s)->data()[p], x = state_rows(s).data()[p];
    const auto off = [&](StepPair& pair) {
      const double difference = std::fabs(pair.slope(s, p, x) - rate);
      return std::isfinite(difference) ? difference : std::numeric_limits<double>::infinity();
    };
    return *std::min_element(pairs.begin(), pairs.end(), [&](StepPair& a, StepPair& b) { return off(a) < off(b); });
  }

  void check_rate(int s, std::size_t p, StepPair& steps) {
    const double x = state_rows(s).data()[p];
    double rate = 0, scale = 1e-2;
    if (derivatives_.state[s].linear) {
      const double b = rate_row(CW_RATE_B, s)->data()[p];
      rate = rate_row(CW_RATE_A, s)->data()[p] - b * x;
      // Round-off of x in a difference over the step, and what the second-order term leaves.
      scale = std::max(1e-9 * std::fabs(x) / steps.tiny, std::max(1.0, std::fabs(b * x)) * 1e-2);
    } else {
      rate = rate_row(CW_RATE, s)->data()[p];
    }
    compare_value(fmt::format("x' of state {}", s), rate, steps.slope(s, p, x), 1e-4, scale);
  }

  // ------------------------------------------------------------------------------------------------- derivatives

  /// v, each state, and each ion variable that is read.
  std::vector<cw_output> directions() const {
    std::vector<cw_output> result = {{0, 0, CW_BY_V, 0, 0}};
    for (int s = 0; s < derivatives_.n_states; ++s) result.push_back({0, 0, CW_BY_STATE, s, 0});
    for (int k = 0; k < mechanism_.n_ions; ++k) {
      for (const int quantity : {CW_ION_E, CW_ION_I, CW_ION_CI, CW_ION_CO}) {
        if ((mechanism_.ion[k].reads & static_cast<unsigned>(quantity)) == 0 || is_state(k, quantity)) continue;
        result.push_back({0, 0, CW_BY_ION, k, quantity});
      }
    }
    return result;
  }

  bool is_state(int ion, int quantity) const {
    for (int s = 0; s < derivatives_.n_states; ++s) {
      const cw_rate_state& state = derivatives_.state[s];
      if (state.var < 0 && state.ion == ion && state.quantity == quantity) return true;
    }
    return false;
  }

  Rows& argument(const cw_output& direction) {
    if (direction.by == CW_BY_V) return block_.v;
    if (direction.by == CW_BY_STATE) return state_rows(direction.index);
    return ion_rows(direction.index, direction.quantity);
  }

  static double step_of(const cw_output& direction, double x) {
    if (direction.by == CW_BY_V) return 4e-3;
    if (direction.by == CW_BY_ION && direction.quantity == CW_ION_E) return 4e-3;
    return 2e-4 * std::max(std::fabs(x), 1e-6);
  }

  void check_direction(const cw_output& direction) {
    Rows& x = argument(direction);
    Rows centre = copy(x);
    std::vector<std::vector<Rows>> rate_samples, current_samples;
    for (const double factor : {-2.0, -1.0, 1.0, 2.0}) {
      for (std::size_t p = 0; p < n_points; ++p) {
        x.data()[p] = centre.data()[p] + factor * step_of(direction, centre.data()[p]);
      }
      evaluate();
      rate_samples.push_back(copies(rates_));
      current_samples.push_back(copies(currents_));
    }
    for (std::size_t p = 0; p < n_points; ++p) x.data()[p] = centre.data()[p];
    evaluate();
    compare_outputs(direction, centre, derivatives_.rate_output, derivatives_.n_rate_outputs, rates_, rate_samples);
    compare_outputs(direction, centre, derivatives_.current_output, derivatives_.n_current_outputs, currents_,
                    current_samples);
  }

  void compare_outputs(const cw_output& direction, Rows& centre, const cw_output* outputs, int n,
                       std::vector<Rows>& here, std::vector<std::vector<Rows>>& samples) {
    for (int k = 0; k < n; ++k) {
      if (outputs[k].by != CW_BY_NOTHING) continue;
      const cw_output wanted{outputs[k].kind, outputs[k].of, direction.by, direction.index, direction.quantity};
      Rows* derivative = nullptr;
      for (int other = 0; other < n; ++other) {
        const cw_output& o = outputs[other];
        if (o.kind == wanted.kind && o.of == wanted.of && o.by == wanted.by && o.index == wanted.index &&
            o.quantity == wanted.quantity) {
          derivative = &here[static_cast<std::size_t>(other)];
        }
      }
      for (std::size_t p = 0; p < n_points; ++p) {
        double f[4];
        for (std::size_t s = 0; s < 4; ++s) f[s] = samples[s][static_cast<std::size_t>(k)].data()[p];
        const double middle = here[static_cast<std::size_t>(k)].data()[p];
        compare(wanted, derivative ? derivative->data()[p] : 0, middle, f, step_of(direction, centre.data()[p]),
                centre.data()[p]);
      }
    }
  }

  void compare(const cw_output& output, double derivative, double middle, const double (&f)[4], double h, double x) {
    const double narrow = (f[2] - f[1]) / (2 * h), wide = (f[3] - f[0]) / (4 * h);
    if (!std::isfinite(narrow) || !std::isfinite(wide)) {
      ++report_.skipped;
      return;
    }
    const double largest = std::max({std::fabs(f[0]), std::fabs(f[1]), std::fabs(f[2]), std::fabs(f[3])});
    // Round-off: some units in the last place of f, also where f is a difference of larger numbers, and of x.
    const double noise = 1e-13 * largest / h + 1e-15 * std::fabs(narrow * x) / h;
    const double size = std::max(std::fabs(narrow), std::fabs(wide));
    // A corner of slope s in the middle leaves D(h) = D(2h), but not this, which is s and 0 for smooth functions.
    const double corner = (4 * (f[2] - 2 * middle + f[1]) - (f[3] - 2 * middle + f[0])) / (2 * h);
    if (std::fabs(narrow - wide) > 1e-4 * size + noise || std::fabs(corner) > 1e-5 * size + 10 * noise) {
      ++report_.skipped;
      return;
    }
    const double expected = (4 * narrow - wide) / 3;
    const double deviation = std::fabs(derivative - expected);
    ++report_.compared;
    if (1e-6 * size > noise + std::fabs(narrow - wide)) report_.worst = std::max(report_.worst, deviation / size);
    if (!(deviation <= 1e-6 * size + 0.5 * std::fabs(narrow - wide) + noise)) {
      fail(fmt::format("d {}: {} instead of {} at {}", name_of(output), derivative, expected, x));
    }
  }

  const cw_mechanism& mechanism_;
  const cw_derivatives& derivatives_;
  TestBlock block_;
  std::mt19937 random_;
  Rows pointed_;
  std::vector<Rows> rates_, currents_;
  DerivativeReport report_;
};

}  // namespace cellwright::nmodl::test
