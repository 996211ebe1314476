#include <gmock/gmock.h>

#include <algorithm>
#include <cmath>
#include <random>
#include <set>

#include "cellwright/base/error.hpp"
#include "cellwright/features/compute.hpp"
#include "cellwright/features/trace_context.hpp"
#include "support/fuzz_rounds.hpp"

namespace cellwright::features {
namespace {

using testing::DoubleNear;
using testing::ElementsAre;

/// 200 ms at rest of -70 mV with triangular spikes: 1 ms up to +30 mV, 2 ms down to -75 mV, 5 ms back.
struct SpikeTrain {
  std::vector<double> time;
  std::vector<double> voltage;

  explicit SpikeTrain(const std::vector<double>& spikes, double shift = 0.0) {
    for (int i = 0; i <= 2000; ++i) {
      const double t = i * 0.1;
      double v = -70;
      for (const double begin : spikes) {
        const double x = t - begin;
        if (x > 0 && x <= 1) v = -70 + 100 * x;
        if (x > 1 && x <= 3) v = 30 - 52.5 * (x - 1);
        if (x > 3 && x < 8) v = -75 + (x - 3);
      }
      time.push_back(t + shift);
      voltage.push_back(v);
    }
  }
  TraceInput input(double start = 20, double end = 180) const { return {{time, voltage, {}}, {start, end}, {}}; }
};

FeatureResult value(const TraceInput& input, const std::string& name) {
  const std::vector<std::string> names{name};
  return compute_features(std::span(&input, 1), names)(0, 0);
}

template <class F>
std::string message_of(F&& f) {
  try {
    f();
  } catch (const FeatureError& error) {
    return error.what();
  }
  return "no error";
}

TEST(Features, table_is_sorted_and_complete) {
  std::set<std::string_view> names;
  for (const Feature& feature : all_features()) {
    EXPECT_TRUE(names.insert(feature.name).second) << feature.name << " stands twice";
    EXPECT_FALSE(feature.unit.empty()) << feature.name;
    EXPECT_FALSE(feature.meaning.empty()) << feature.name;
    EXPECT_FALSE(feature.formula.empty()) << feature.name;
    EXPECT_EQ(&find_feature(feature.name), &feature);
  }
  EXPECT_TRUE(std::is_sorted(all_features().begin(), all_features().end(),
                             [](const Feature& a, const Feature& b) { return a.name < b.name; }));
}

TEST(Features, settings_they_read_exist) {
  std::set<std::string_view> known;
  for (const SettingInfo& setting : settings_table()) known.insert(setting.name);
  for (const Feature& feature : all_features()) {
    for (const std::string_view setting : required_settings(feature)) {
      EXPECT_TRUE(known.contains(setting)) << feature.name << " needs " << setting;
    }
  }
}

TEST(Features, settings_come_through_needed_features) {
  EXPECT_THAT(required_settings(find_feature("AP_height")),
              ElementsAre("Threshold", "interp_step", "strict_stiminterval"));
}

TEST(Features, unknown_name_suggests_the_nearest) {
  EXPECT_EQ(message_of([] { find_feature("AP_hight"); }),
            "error: there is no feature 'AP_hight' [feature-unknown]\n  fix: did you mean 'AP_height'?");
}

TEST(Features, measure_a_hand_made_train) {
  const SpikeTrain train({50, 80, 120});
  const TraceInput input = train.input();
  EXPECT_THAT(value(input, "Spikecount").values(), ElementsAre(3.0));
  EXPECT_THAT(value(input, "peak_time").values(),
              ElementsAre(DoubleNear(51, 1e-9), DoubleNear(81, 1e-9), DoubleNear(121, 1e-9)));
  EXPECT_THAT(value(input, "AP_height").values(), testing::Each(DoubleNear(30, 1e-9)));
  EXPECT_THAT(value(input, "AHP_depth_abs").values(), testing::Each(DoubleNear(-75, 1e-9)));
  EXPECT_THAT(value(input, "all_ISI_values").values(), ElementsAre(DoubleNear(30, 1e-9), DoubleNear(40, 1e-9)));
  EXPECT_THAT(value(input, "time_to_first_spike").values(), ElementsAre(DoubleNear(31, 1e-9)));
  EXPECT_THAT(value(input, "AP_amplitude").values(), testing::Each(DoubleNear(100, 1e-6)));
  EXPECT_THAT(value(input, "voltage_base").values(), ElementsAre(DoubleNear(-70, 1e-9)));
}

TEST(Features, of_a_silent_trace_fail_with_a_reason) {
  const SpikeTrain silent({});
  const FeatureResult height = value(silent.input(), "AP_height");
  EXPECT_FALSE(height.has_value());
  EXPECT_EQ(height.reason(), "no spikes");
  EXPECT_THAT(value(silent.input(), "Spikecount").values(), ElementsAre(0.0));
}

TEST(Features, empty_list_is_not_a_failure) {
  const FeatureResult intervals = value(SpikeTrain({50, 80}).input(), "ISI_values");
  EXPECT_TRUE(intervals.has_value());
  EXPECT_EQ(intervals.size(), 0U);
}

TEST(Features, resistance_needs_the_stimulus_current) {
  TraceInput input = SpikeTrain({}).input();
  const SpikeTrain silent({});
  input.trace = {silent.time, silent.voltage, {}};
  EXPECT_EQ(value(input, "ohmic_input_resistance").reason(), "stimulus_current is not set");
  input.settings.stimulus_current = 0.1;
  EXPECT_TRUE(value(input, "ohmic_input_resistance").has_value());
}

TEST(Features, do_not_depend_on_the_order_of_the_request) {
  const SpikeTrain train({30, 36, 42, 90, 96, 103, 150});
  const TraceInput input = train.input();
  std::vector<std::string> names;
  for (const Feature& feature : all_features()) names.emplace_back(feature.name);
  const auto forward = compute_features(std::span(&input, 1), names);
  std::mt19937 random(7);
  for (int round = 0; round < 5; ++round) {
    for (std::size_t i = names.size() - 1; i > 0; --i) std::swap(names[i], names[random() % (i + 1)]);
    const auto shuffled = compute_features(std::span(&input, 1), names);
    for (std::size_t j = 0; j < names.size(); ++j) {
      const TraceContext alone(input);
      const FeatureResult expected = alone.result(find_feature(names[j]).function);
      ASSERT_EQ(shuffled(0, j).size(), expected.size()) << names[j];
      for (std::size_t k = 0; k < expected.size(); ++k) {
        const bool both_nan = std::isnan(expected[k]) && std::isnan(shuffled(0, j)[k]);
        EXPECT_TRUE(both_nan || expected[k] == shuffled(0, j)[k]) << names[j];
      }
    }
  }
}

/// What a shift of the trace by `shift` does to a feature: results that are times move with it, those that refer to
/// absolute time in another way are left out.
enum class UnderShift { same, moves, differs };
UnderShift under_shift(std::string_view name) {
  for (const std::string_view time : {"time", "peak_time", "AP_begin_time"}) {
    if (name == time) return UnderShift::moves;
  }
  // Fractions of stim_start or of stim_end counted from 0, and decays fitted from times.
  for (const std::string_view absolute :
       {"voltage_base", "current_base", "AP_amplitude_from_voltagebase", "AHP_depth", "AHP_depth_diff",
        "AHP_depth_slow", "maximum_voltage_from_voltagebase", "voltage_deflection_vb_ssse",
        "ohmic_input_resistance_vb_ssse", "sag_amplitude", "sag_ratio1", "sag_ratio2", "sag_time_constant",
        "initburst_sahp_vb", "is_not_stuck", "trace_check", "impedance", "mean_frequency"}) {
    if (name == absolute) return UnderShift::differs;
  }
  return UnderShift::same;
}

TEST(Features, shifting_time_with_the_window_shifts_only_times) {
  // Times in 1/16 ms, which sums and a shift by 64 ms leave exact: every other feature must keep all its digits but for
  // the rounding in sums over times.
  std::mt19937 random(3);
  int compared = 0;
  for (int round = 0; round < 20; ++round) {
    std::vector<double> time, later, voltage;
    double phase = 0.0;
    for (int i = 0; i < 3200; ++i) {
      time.push_back(i / 16.0);
      later.push_back(i / 16.0 + 64.0);
      phase += 0.002 * static_cast<double>(random() % 200) / (1 + round % 4);
      voltage.push_back(-70 + 5 * std::sin(phase / 7) +
                        (i > 320 ? 95 * std::exp(-std::pow(std::sin(phase / 3) * 3, 2)) : 0));
    }
    TraceInput before{{time, voltage, {}}, {20, 180}, {}};
    before.settings.interp_step = 0.0625;
    before.settings.stimulus_current = 0.25;
    TraceInput after = before;
    after.trace.time_ms = later;
    after.window = {84, 244};
    const TraceContext one(before), other(after);
    for (const Feature& feature : all_features()) {
      const UnderShift kind = under_shift(feature.name);
      if (kind == UnderShift::differs) continue;
      // Lines fitted with sums of squared times.
      const bool line = feature.name.find("time_constant") != std::string_view::npos;
      const FeatureResult& a = one.result(feature.function);
      const FeatureResult& b = other.result(feature.function);
      ASSERT_EQ(a.has_value(), b.has_value()) << feature.name;
      ASSERT_EQ(a.size(), b.size()) << feature.name;
      for (std::size_t i = 0; i < a.size(); ++i, ++compared) {
        if (std::isnan(a[i]) && std::isnan(b[i])) continue;
        const double expected = a[i] + (kind == UnderShift::moves ? 64.0 : 0.0);
        EXPECT_NEAR(b[i], expected, (line ? 1e-6 : 1e-11) * std::max(1.0, std::abs(expected))) << feature.name;
      }
    }
  }
  EXPECT_GT(compared, 100000);
}

TEST(TraceContext, resamples_as_efel_does) {
  const std::vector<double> time{0, 0.05, 0.05, 0.25};
  const std::vector<double> voltage{0, 1, 3, 4};
  const TraceContext context({{time, voltage, {}}, {0.1, 0.2}, {}});
  EXPECT_THAT(context.time(), ElementsAre(0.0, 0.1, 0.2, 0.1 + 0.1 + 0.1));
  EXPECT_THAT(context.voltage(), ElementsAre(0.0, DoubleNear(3.25, 1e-12), DoubleNear(3.75, 1e-12), 4.0));
}

TEST(TraceContext, what_another_trace_left_makes_no_difference) {
  const SpikeTrain one({40, 90}), other({60}), shifted({40}, 0.03);
  const std::vector<double> two{0, 0.1}, standstill{0, 0, 0};
  TraceInput finer = one.input();
  finer.settings.interp_step = 0.05;
  TraceInput with_current = other.input();
  with_current.trace.current_na = other.voltage;
  const std::vector<TraceInput> inputs{one.input(),
                                       other.input(),
                                       with_current,
                                       finer,
                                       shifted.input(),
                                       {{two, two, {}}, {0, 1}, {}},
                                       {{standstill, standstill, {}}, {0, 1}, {}}};
  const auto copy = [](std::span<const double> values) { return std::vector<double>(values.begin(), values.end()); };
  TraceStorage storage;
  for (std::size_t first = 0; first < inputs.size(); ++first) {
    for (const TraceInput& second : inputs) {
      for (const TraceInput* input : {&inputs[first], &second}) {
        const TraceContext alone(*input), context(*input, &storage);
        EXPECT_EQ(copy(context.time()), copy(alone.time()));
        EXPECT_EQ(copy(context.voltage()), copy(alone.voltage()));
        EXPECT_EQ(copy(context.current()), copy(alone.current()));
        EXPECT_EQ(copy(context.derivative()), copy(alone.derivative()));
      }
    }
  }
}

TEST(TraceContext, rejects_ill_formed_input) {
  const std::vector<double> up{0, 1, 2};
  const std::vector<double> back{0, 2, 1};
  const std::vector<double> two{0, 1};
  EXPECT_EQ(message_of([&] {
              TraceContext({{up, two, {}}, {0, 1}, {}});
            }),
            "error: the trace has 3 times but 2 voltages [feature-trace-length]");
  EXPECT_EQ(message_of([&] {
              TraceContext({{back, up, {}}, {0, 1}, {}});
            }),
            "error: time decreases from 2 to 1 ms at sample 2 [feature-time-order]");
  EXPECT_EQ(message_of([&] {
              TraceContext({{up, up, {}}, {1, 1}, {}});
            }),
            "error: the stimulus must end after it starts: stim_start 1 ms, stim_end 1 ms [feature-window]");
  TraceInput input{{up, up, {}}, {0, 1}, {}};
  input.settings.interp_step = 1e-12;
  EXPECT_EQ(message_of([&] { const TraceContext context(input); }),
            "error: interp_step 1e-12 ms would give more than 1e+08 samples [feature-interp-step]");
}

/// Arbitrary arrays, windows and settings: nothing may crash, hang or read out of range (run it under sanitizers).
TEST(Features, survive_arbitrary_traces) {
  std::mt19937 random(20261123);
  const auto uniform = [&](double low, double high) {
    return low + (high - low) * (static_cast<double>(random()) / 4294967296.0);
  };
  std::size_t values = 0;
  for (int round = 0; round < test::fuzz_rounds(1500); ++round) {
    const std::size_t n = random() % (round % 10 == 0 ? 2000 : 40);
    std::vector<double> time, voltage, current;
    double t = uniform(-5, 5);
    for (std::size_t i = 0; i < n; ++i) {
      t += random() % 8 == 0 ? 0.0 : uniform(0, 0.5);
      time.push_back(t);
      const double special[] = {NAN, INFINITY, -INFINITY, 1e300, -20.0, -20.0, 0.0, -75.0};
      voltage.push_back(random() % 60 == 0 ? special[random() % 8] : uniform(-90, round % 3 == 0 ? -19.0 : 60));
      current.push_back(random() % 5 == 0 ? 0.0 : uniform(-1, 1));
    }
    TraceInput input{{time, voltage, {}}, {uniform(-6, 10), 0.0}, {}};
    input.window.stim_end_ms = input.window.stim_start_ms + uniform(0.01, 15);
    if (round % 2 == 0) input.trace.current_na = current;
    Settings& settings = input.settings;
    settings.Threshold = uniform(-60, 20);
    settings.interp_step = uniform(0.01, 1.0);
    settings.strict_stiminterval = random() % 2 == 0;
    settings.ignore_first_ISI = random() % 2 == 0;
    settings.DerivativeThreshold = uniform(-5, 50);
    settings.DerivativeWindow = static_cast<int>(random() % 12) - 2;
    settings.AP_phaseslope_range = static_cast<int>(random() % 12) - 3;
    settings.sahp_start = uniform(-3, 6);
    settings.strict_burst_factor = uniform(-1, 3);
    settings.burst_factor = uniform(-1, 3);
    settings.max_spike_skip = static_cast<int>(random() % 6) - 2;
    settings.inactivation_tc_end_skip = static_cast<int>(random() % 20) - 4;
    settings.voltage_base_mode = random() % 2 == 0 ? "mean" : "median";
    settings.voltage_base_start_perc = uniform(-1, 1);
    settings.decay_start_after_stim = uniform(-3, 3);
    settings.initburst_freq_threshold = static_cast<int>(random() % 400);
    settings.multi_stim_start = {uniform(-9, 9)};
    settings.multi_stim_end = {uniform(-9, 9)};
    settings.stimulus_current = uniform(-1, 1);
    const TraceContext context(input);
    for (const Feature& feature : all_features()) values += context.result(feature.function).size();
  }
  EXPECT_GT(values, 100000U);
}

}  // namespace
}  // namespace cellwright::features
