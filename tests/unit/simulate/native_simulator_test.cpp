#include "cellwright/simulate/native_simulator.hpp"

#include <cmath>
#include <cstring>
#include <mutex>
#include <numbers>

#include <gmock/gmock.h>

#include "cellwright/numeric/python_random.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::simulate {
namespace {

using model::CellModel;
using model::CellParameter;
using model::ParameterKind;
using model::SweepProtocol;

// A soma of 20 um (cylinder, so that its area is pi d L) and a dendrite that branches once.
const char* const branched_swc =
    "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
    "4 3 20 0 0 1 3\n5 3 120 0 0 1 4\n6 3 120 0 0 0.8 5\n7 3 200 80 0 0.8 6\n8 3 120 0 0 0.8 5\n9 3 200 -80 0 0.8 8\n";
const char* const single_swc = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n";

struct Trace {
  LaneStatus status = LaneStatus::ok;
  double failed_at_ms = 0;
  std::vector<double> time_ms;
  std::vector<std::vector<double>> recordings;
};

bool same_bits(const Trace& a, const Trace& b) {
  if (a.status != b.status || a.time_ms != b.time_ms || a.recordings.size() != b.recordings.size()) return false;
  for (std::size_t r = 0; r < a.recordings.size(); ++r) {
    if (a.recordings[r].size() != b.recordings[r].size()) return false;
    if (std::memcmp(a.recordings[r].data(), b.recordings[r].data(), a.recordings[r].size() * sizeof(double)) != 0)
      return false;
  }
  return true;
}

std::vector<Trace> run(const PreparedModel& model, const Table<double>& parameters, std::vector<Lane> lanes,
                       int threads) {
  std::vector<Trace> traces(lanes.size());
  auto executor = parallel::make_executor(threads);
  model.run({parameters.view(), std::move(lanes)}, *executor, [&](std::size_t lane, const LaneResponses& responses) {
    Trace& trace = traces[lane];
    trace.status = responses.status;
    trace.failed_at_ms = responses.failed_at_ms;
    trace.time_ms.assign(responses.time_ms.begin(), responses.time_ms.end());
    for (const auto& values : responses.recordings) trace.recordings.emplace_back(values.begin(), values.end());
  });
  return traces;
}

class NativeSimulatorTest : public testing::TestWithParam<NumericMode> {
 protected:
  CellModel cell(const char* swc) {
    CellModel result;
    result.name = "cell";
    result.morphology.morphology_path = folder_.write("cell.swc", swc);
    return result;
  }
  static model::NrnSeclistLocation list(const char* name) { return {name, name, {}}; }
  static model::NrnSeclistCompLocation soma(double x = 0.5) { return {"soma", "somatic", 0, x, {}}; }
  static void insert(CellModel& cell, const char* suffix, const char* seclist) {
    cell.mechanisms.push_back({suffix, list(seclist), {}});
  }
  static void set(CellModel& cell, const char* name, ParameterKind kind, const char* seclist, double value) {
    cell.parameters.push_back({std::string(name) + "." + seclist, name, kind, {list(seclist)}, value, {}, {}, {}});
  }
  static void free(CellModel& cell, const char* name, ParameterKind kind, const char* seclist, double low,
                   double high) {
    cell.parameters.push_back(
        {std::string(name) + "." + seclist, name, kind, {list(seclist)}, {}, std::array{low, high}, {}, {}});
  }
  static SweepProtocol step(const char* name, double delay, double duration, double amplitude, double total) {
    SweepProtocol protocol;
    protocol.name = name;
    protocol.stimuli.push_back(model::NrnSquarePulse{amplitude, delay, duration, total, soma(), {}});
    protocol.recordings.push_back({std::string(name) + ".soma.v", soma(), "v", {}});
    return protocol;
  }
  std::unique_ptr<PreparedModel> prepare(const CellModel& cell, const std::vector<SweepProtocol>& protocols,
                                         double dt = 0.025) const {
    return NativeSimulator({dt, GetParam(), {}}).prepare(cell, protocols);
  }
  /// A cell with free parameters of every kind: mechanism, capacitance, axial resistance, global.
  CellModel spiking_cell() {
    CellModel result = cell(branched_swc);
    insert(result, "pas", "all");
    insert(result, "hh", "somatic");
    set(result, "e_pas", ParameterKind::range, "all", -65);
    free(result, "gnabar_hh", ParameterKind::range, "somatic", 0.08, 0.2);
    free(result, "g_pas", ParameterKind::section, "all", 1e-5, 1e-4);
    free(result, "cm", ParameterKind::section, "basal", 0.8, 1.6);
    free(result, "Ra", ParameterKind::section, "all", 80, 200);
    result.parameters.push_back({"celsius", "celsius", ParameterKind::global, {}, {}, std::array{6.0, 12.0}, {}, {}});
    return result;
  }
  /// How far rounding takes v: in single precision two units of its last place.
  static double rounding_mv() { return GetParam() == NumericMode::single ? 1.6e-5 : 1e-9; }
  static Table<double> random_parameters(const CellModel& cell, std::size_t individuals) {
    const auto free = cell.free_parameters();
    Table<double> table(individuals, free.size());
    numeric::PythonRandom random(7);
    for (std::size_t i = 0; i < individuals; ++i) {
      for (std::size_t p = 0; p < free.size(); ++p) {
        table(i, p) = (*free[p]->bounds)[0] + ((*free[p]->bounds)[1] - (*free[p]->bounds)[0]) * random.random();
      }
    }
    return table;
  }
  test::TemporaryFolder folder_;
};

TEST_P(NativeSimulatorTest, PassiveCompartmentFollowsTheImplicitStep) {
  CellModel passive = cell(single_swc);
  insert(passive, "pas", "all");
  const double g = 2e-4, e = -70;
  set(passive, "g_pas", ParameterKind::section, "all", g);
  set(passive, "e_pas", ParameterKind::section, "all", e);
  set(passive, "cm", ParameterKind::section, "all", 1.5);

  const auto model = prepare(passive, {step("p", 1, 3, 0.1, 6)});
  const Trace trace = run(*model, Table<double>(1, 0), {{0, 0}}, 1)[0];

  // The recurrence of NEURON's fixed step: dv (0.001 cm/dt + g) = i - g (v - e), the pulse seen at mid-step.
  const double dt = 0.025, area = std::numbers::pi * 20 * 20, c = 0.001 * 1.5 / dt;
  ASSERT_EQ(trace.time_ms.size(), 241U);
  double v = -65, t = 0;
  for (std::size_t k = 0; k < trace.time_ms.size(); ++k) {
    ASSERT_EQ(trace.time_ms[k], t);
    ASSERT_NEAR(trace.recordings[0][k], v, rounding_mv()) << "at " << t << " ms";
    t += 0.5 * dt;
    const double current = t >= 1 && t < 4 ? 0.1 * 100 / area : 0.0;
    v += (current - g * (v - e)) / (c + g);
    t += 0.5 * dt;
  }
}

TEST_P(NativeSimulatorTest, PulseActsFromTheStepWhoseMiddleLiesInside) {
  CellModel passive = cell(single_swc);
  insert(passive, "pas", "all");
  set(passive, "e_pas", ParameterKind::section, "all", -65);

  const auto model = prepare(passive, {step("p", 1, 2, 1, 5)}, 0.5);
  const Trace trace = run(*model, Table<double>(1, 0), {{0, 0}}, 1)[0];

  EXPECT_EQ(trace.time_ms.size(), 11U);
  EXPECT_EQ(trace.recordings[0][2], -65) << "t = 1";
  EXPECT_GT(trace.recordings[0][3], -65) << "t = 1.5";
  EXPECT_GT(trace.recordings[0][6], trace.recordings[0][5]) << "t = 3";
  EXPECT_LT(trace.recordings[0][7], trace.recordings[0][6]) << "t = 3.5";
}

TEST_P(NativeSimulatorTest, SealedCableAgreesWithTheAnalyticSteadyState) {
  // A cylinder of 1000 um, current at its 0 end: V(0) = I R_inf coth(L/lambda), V(L) = V(0)/cosh(L/lambda).
  CellModel cable = cell("1 1 0 0 0 1 -1\n2 1 500 0 0 1 1\n3 1 1000 0 0 1 2\n");
  cable.morphology.nseg_frequency_um = 4;
  insert(cable, "pas", "all");
  set(cable, "g_pas", ParameterKind::section, "all", 1e-4);
  set(cable, "e_pas", ParameterKind::section, "all", -65);
  set(cable, "Ra", ParameterKind::section, "all", 150);
  SweepProtocol protocol = step("p", 0, 200, 0.01, 200);
  std::get<model::NrnSquarePulse>(protocol.stimuli[0]).location = soma(0);
  protocol.recordings = {{"near", soma(0), "v", {}}, {"far", soma(1), "v", {}}};

  const auto model = prepare(cable, {protocol});
  const Trace trace = run(*model, Table<double>(1, 0), {{0, 0}}, 1)[0];

  const double d_cm = 2e-4, length_cm = 0.1, rm = 1e4, ra = 150;
  const double lambda = std::sqrt(rm * d_cm / (4 * ra));
  const double r_inf = 2 / std::numbers::pi * std::sqrt(rm * ra) * std::pow(d_cm, -1.5);
  const double near = 0.01e-9 * r_inf / std::tanh(length_cm / lambda) * 1e3;
  EXPECT_NEAR(trace.recordings[0].back() + 65, near, 2e-4 * near);
  EXPECT_NEAR(trace.recordings[1].back() + 65, near / std::cosh(length_cm / lambda), 2e-4 * near);
}

TEST_P(NativeSimulatorTest, ResultsDoNotDependOnBatchPositionOrThreads) {
  const CellModel model_description = spiking_cell();
  // Of different lengths, stimuli and numbers of recordings: the protocols share packs.
  std::vector<SweepProtocol> protocols = {step("a", 2, 20, 0.6, 25), step("b", 5, 5, 1.0, 12), step("c", 0, 0, 0, 7)};
  protocols[1].recordings.push_back({"b.soma.m", soma(), "m_hh", {}});
  protocols[2].stimuli.push_back(model::NrnCurrentPlayStimulus{{0, 3, 6}, {0, 0.9, 0.1}, soma(), {}});
  const auto model = prepare(model_description, protocols);
  const std::size_t n = static_cast<std::size_t>(nmodl::lanes_of(GetParam())) + 3;
  const Table<double> parameters = random_parameters(model_description, n);
  std::vector<Lane> forward, backward;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t p = 0; p < protocols.size(); ++p) forward.push_back({i, p});
  }
  backward.assign(forward.rbegin(), forward.rend());

  const std::vector<Trace> reference = run(*model, parameters, forward, 1);
  const std::vector<Trace> reversed = run(*model, parameters, backward, 1);
  const std::vector<Trace> threaded = run(*model, parameters, forward, 4);

  EXPECT_GT(*std::max_element(reference[0].recordings[0].begin(), reference[0].recordings[0].end()), 0) << "it spikes";
  for (std::size_t k = 0; k < forward.size(); ++k) {
    EXPECT_TRUE(same_bits(reference[k], reversed[forward.size() - 1 - k])) << "reversed, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], threaded[k])) << "4 threads, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], run(*model, parameters, {forward[k]}, 1)[0])) << "alone, lane " << k;
  }
}

TEST_P(NativeSimulatorTest, NonFiniteLaneIsReportedAndHarmsNoOther) {
  const CellModel model_description = spiking_cell();
  const auto model = prepare(model_description, {step("a", 2, 5, 0.6, 10)});
  Table<double> parameters = random_parameters(model_description, 3);
  const std::vector<Lane> lanes = {{0, 0}, {1, 0}, {2, 0}};
  const std::vector<Trace> good = run(*model, parameters, lanes, 1);
  parameters(1, 1) = std::nan("");

  const std::vector<Trace> traces = run(*model, parameters, lanes, 1);

  EXPECT_EQ(traces[1].status, LaneStatus::non_finite);
  EXPECT_EQ(describe({.status = traces[1].status, .failed_at_ms = traces[1].failed_at_ms}),
            "a recorded value became non-finite at 0.025 ms");
  EXPECT_TRUE(same_bits(traces[0], good[0]));
  EXPECT_TRUE(same_bits(traces[2], good[2]));
}

TEST_P(NativeSimulatorTest, TimeLimitEndsAProtocol) {
  const CellModel model_description = spiking_cell();
  SweepProtocol endless = step("long", 2, 5, 0.6, 1e5);
  endless.timeout_s = 0.01;
  const auto model = prepare(model_description, {endless});

  const Trace trace = run(*model, random_parameters(model_description, 1), {{0, 0}}, 1)[0];

  EXPECT_EQ(trace.status, LaneStatus::timed_out);
  EXPECT_THAT(describe({.status = trace.status, .failed_at_ms = 12.5}),
              "the time limit passed at 12.5 ms of model time");
  EXPECT_LT(trace.failed_at_ms, 1e5);
}

TEST_P(NativeSimulatorTest, TimeLimitIsOneOfEachLane) {
  folder_.write(
      "busy.mod",
      "NEURON { SUFFIX busy NONSPECIFIC_CURRENT i RANGE turns }\nPARAMETER { turns = 0 }\nASSIGNED { left i v }\n"
      "BREAKPOINT {\n  left = turns\n  WHILE (left > 0) { left = left - 1 }\n  i = left\n}\n");
  CellModel model_description = spiking_cell();
  model_description.mechanism_directories.push_back(folder_.path());
  insert(model_description, "busy", "somatic");
  free(model_description, "turns_busy", ParameterKind::range, "somatic", 0, 1e9);
  SweepProtocol limited = step("short", 2, 5, 0.6, 10);
  limited.timeout_s = 0.25;
  const auto model = prepare(model_description, {limited});
  Table<double> parameters = random_parameters(model_description, 3);
  for (std::size_t row = 0; row < 3; ++row) parameters(row, parameters.columns() - 1) = row == 1 ? 3e6 : 0;

  const std::vector<Trace> traces = run(*model, parameters, {{0, 0}, {1, 0}, {2, 0}}, 1);

  EXPECT_EQ(traces[0].status, LaneStatus::ok);
  EXPECT_EQ(traces[1].status, LaneStatus::timed_out);
  EXPECT_EQ(traces[2].status, LaneStatus::ok);
  EXPECT_TRUE(same_bits(traces[0], run(*model, parameters, {{0, 0}}, 1)[0])) << "as if it had been alone";
}

TEST_P(NativeSimulatorTest, RecordsStatesIonsAndParameters) {
  const CellModel model_description = spiking_cell();
  SweepProtocol protocol = step("a", 2, 5, 0.6, 10);
  for (const char* variable : {"m_hh", "ina", "ena", "gnabar_hh"})
    protocol.recordings.push_back({variable, soma(), variable, {}});
  const auto model = prepare(model_description, {protocol});
  const Table<double> parameters = random_parameters(model_description, 2);

  const std::vector<Trace> traces = run(*model, parameters, {{0, 0}, {1, 0}}, 1);

  for (std::size_t i = 0; i < 2; ++i) {
    const std::vector<double>& m = traces[i].recordings[1];
    EXPECT_NEAR(m.front(), 0.0529, 1e-3) << "m at -65 mV";
    EXPECT_GT(*std::max_element(m.begin(), m.end()), 0.9);
    EXPECT_LT(*std::min_element(traces[i].recordings[2].begin(), traces[i].recordings[2].end()), -0.1);
    EXPECT_EQ(traces[i].recordings[3].back(), 50);
    const double given = parameters(i, 0);
    EXPECT_EQ(traces[i].recordings[4].back(), GetParam() == NumericMode::single ? static_cast<float>(given) : given);
  }
}

TEST_P(NativeSimulatorTest, FreeWeightsOfNetstimsAreTheIndividualsOwn) {
  CellModel description = spiking_cell();
  description.point_processes = {{.name = "syn", .suffix = "ExpSyn", .locations = {soma()}}};
  SweepProtocol protocol{.name = "events"};
  protocol.stimuli = {model::NrnNetStimStimulus{
      .locations = {{.name = "syn", .pprocess_mech = "syn"}}, .total_duration_ms = 20, .number = 3, .start_ms = 2}};
  protocol.recordings = {{"events.soma.v", soma(), "v", {}}};
  CellParameter weight{.name = "weight",
                       .param_name = "weight",
                       .kind = ParameterKind::meta,
                       .bounds = std::array{0.0, 0.1},
                       .object = model::StimulusTarget{"events", 0},
                       .attr_name = "weight"};
  const Table<double> others = random_parameters(description, 1);
  const double weights[] = {0.001, 0.02, 0};
  for (const StepKind step : {StepKind::fixed, StepKind::variable}) {
    const NativeSimulator simulator({.numeric = GetParam(), .toolchain = {}, .step = step});
    CellModel free = description;
    free.parameters.push_back(weight);
    Table<double> parameters(3, others.columns() + 1);
    for (std::size_t i = 0; i < 3; ++i) {
      std::ranges::copy(others.row(0), parameters.row(i).begin());
      parameters(i, others.columns()) = weights[i];
    }

    const auto together = run(*simulator.prepare(free, std::vector{protocol}), parameters, {{0, 0}, {1, 0}, {2, 0}}, 1);

    for (std::size_t i = 0; i < 3; ++i) {
      SweepProtocol alone = protocol;
      std::get<model::NrnNetStimStimulus>(alone.stimuli[0]).weight = weights[i];
      const auto expected = run(*simulator.prepare(description, std::vector{alone}), others, {{0, 0}}, 1);
      EXPECT_TRUE(same_bits(together[i], expected[0])) << "weight " << weights[i];
    }
    EXPECT_FALSE(same_bits(together[0], together[1]));
  }
}

INSTANTIATE_TEST_SUITE_P(Modes, NativeSimulatorTest,
                         testing::Values(NumericMode::strict, NumericMode::fast, NumericMode::single),
                         [](const auto& mode) { return std::string(name_of(mode.param)); });

/// Single precision beside double, both with the fixed step.
class FloatFixedStepTest : public NativeSimulatorTest {
 protected:
  struct Pair {
    Trace exact, single;
  };
  std::vector<Pair> run_both(const CellModel& description, const SweepProtocol& protocol,
                             std::size_t individuals) const {
    const Table<double> parameters = random_parameters(description, individuals);
    std::vector<Lane> lanes;
    for (std::size_t i = 0; i < individuals; ++i) lanes.push_back({i, 0});
    const auto in = [&](NumericMode numeric) {
      const NativeSimulator simulator({.dt_ms = 0.025, .numeric = numeric, .step = StepKind::fixed});
      return run(*simulator.prepare(description, std::vector{protocol}), parameters, lanes, 1);
    };
    const std::vector<Trace> exact = in(NumericMode::fast), single = in(GetParam());
    std::vector<Pair> pairs;
    for (std::size_t i = 0; i < individuals; ++i) pairs.push_back({exact[i], single[i]});
    return pairs;
  }
  Pair run_both(const CellModel& description, const SweepProtocol& protocol) const {
    return run_both(description, protocol, 1).front();
  }
  /// The largest difference of a recording, as a part of its largest value.
  static double difference(const Pair& pair, std::size_t recording = 0) {
    double worst = 0, size = 0;
    const auto &exact = pair.exact.recordings[recording], &single = pair.single.recordings[recording];
    EXPECT_EQ(exact.size(), single.size());
    for (std::size_t k = 0; k < exact.size(); ++k) {
      worst = std::max(worst, std::fabs(exact[k] - single[k]));
      size = std::max(size, std::fabs(exact[k]));
    }
    return worst / size;
  }
  CellModel with_mod(const char* name, const char* text) {
    folder_.write(std::string(name) + ".mod", text);
    CellModel result = cell(single_swc);
    result.mechanism_directories.push_back(folder_.path());
    insert(result, "pas", "all");
    insert(result, name, "somatic");
    return result;
  }
};
INSTANTIATE_TEST_SUITE_P(Single, FloatFixedStepTest, testing::Values(NumericMode::single));

TEST_P(FloatFixedStepTest, SpikesAsDoubleDoes) {
  const Pair pair = run_both(spiking_cell(), step("a", 2, 200, 0.6, 210));
  const auto spikes = [](const Trace& trace) {
    const auto& v = trace.recordings[0];
    std::size_t count = 0;
    for (std::size_t k = 1; k < v.size(); ++k) count += v[k - 1] < 0 && v[k] >= 0;
    return count;
  };
  ASSERT_GE(spikes(pair.exact), 2U);
  EXPECT_EQ(spikes(pair.single), spikes(pair.exact));
  EXPECT_LT(difference(pair), 1e-3);
  EXPECT_GT(difference(pair), 0) << "is this float?";
}

/// Each step changes the state by less than a float near 1 can show.
TEST_P(FloatFixedStepTest, FollowsStatesThatChangeByLessThanTheirLastDigit) {
  const char* const slow =
      "NEURON { SUFFIX slow RANGE x, y }\nSTATE { x y }\nASSIGNED { v }\nBREAKPOINT { SOLVE s METHOD cnexp }\n"
      "INITIAL { x = 1  y = 1 }\nDERIVATIVE s {\n  x' = (2 - x)/1e6\n  y' = 1e-6\n}\n";
  SweepProtocol protocol = step("a", 2, 0, 0, 500);
  protocol.recordings = {{"x", soma(), "x_slow", {}}, {"y", soma(), "y_slow", {}}};
  const Pair pair = run_both(with_mod("slow", slow), protocol);
  EXPECT_GT(pair.exact.recordings[0].back() - 1, 4.9e-4);
  EXPECT_LT(difference(pair, 0), 1.5e-7);
  EXPECT_LT(difference(pair, 1), 1.5e-7);
}

/// The same of a scheme, which is solved in double.
TEST_P(FloatFixedStepTest, FollowsSlowSchemes) {
  const char* const scheme =
      "NEURON { SUFFIX scheme RANGE c, o }\nSTATE { c o }\nASSIGNED { v }\nBREAKPOINT { SOLVE k METHOD sparse }\n"
      "INITIAL { c = 1  o = 1 }\nKINETIC k { ~ c <-> o (2e-6, 1e-6) }\n";
  SweepProtocol protocol = step("a", 2, 0, 0, 500);
  protocol.recordings = {{"o", soma(), "o_scheme", {}}};
  const Pair pair = run_both(with_mod("scheme", scheme), protocol);
  EXPECT_GT(pair.exact.recordings[0].back() - 1, 4.9e-4);
  EXPECT_LT(difference(pair), 1.5e-7);
}

/// Where all lanes of a row are computed at once, each takes its own branch, as it does where they are not (a mechanism
/// with a TABLE). What the branches compute is continuous, so that rounding decides nothing.
TEST_P(FloatFixedStepTest, EachLaneTakesItsOwnBranches) {
  const auto branches = [](const std::string& first) {
    return std::string(
               "NEURON { SUFFIX branches NONSPECIFIC_CURRENT i RANGE g, x }\nPARAMETER { g = 1e-4 celsius }\n") +
           "ASSIGNED { v i inf tau x }\nSTATE { m }\nINITIAL { m = 0.5 }\n"
           "BREAKPOINT {\n  LOCAL factor\n  SOLVE s METHOD cnexp\n  factor = 1\n"
           "  if (v > -70 && !(v >= -60)) { factor = 1 + (v + 70)/5 } else { if (v >= -60) { factor = 3 } }\n"
           "  i = g*m*factor*(v + 90)\n}\n"
           "DERIVATIVE s { rates()  m' = (inf - m)/tau }\n"
           "PROCEDURE rates() {\n  x = " +
           first +
           "\n"
           "  if (v < -65) {\n    LOCAL half\n    half = fabs(v + 65)/2\n    x = -65 - half\n"
           "    if (x < -70 || x == -1000) { tau = 2 + exp((x + 70)/10) } else { tau = 3 }\n"
           "  } else {\n    tau = 3 + (x + 65)/20\n  }\n  inf = 1/(1 + exp(-(x + 62)/6))\n}\n"
           "FUNCTION same(u) {\n  TABLE DEPEND celsius FROM -100 TO 100 WITH 200\n  same = u\n}\n";
  };
  SweepProtocol protocol = step("a", 5, 60, 0.05, 120);
  protocol.stimuli.push_back(model::NrnSquarePulse{-0.05, 70, 30, 120, soma(), {}});
  protocol.recordings.push_back({"m", soma(), "m_branches", {}});
  for (const std::string& text : {branches("v"), branches("same(v)")}) {
    CellModel description = with_mod("branches", text.c_str());
    free(description, "g_pas", ParameterKind::range, "all", 1e-5, 4e-4);
    free(description, "g_branches", ParameterKind::range, "somatic", 1e-5, 4e-4);
    double lowest = 0, highest = -1e3;
    for (const Pair& pair : run_both(description, protocol, 16)) {
      EXPECT_LT(difference(pair, 0), 1e-5);
      EXPECT_LT(difference(pair, 1), 1e-5);
      const auto [low, high] = std::minmax_element(pair.exact.recordings[0].begin(), pair.exact.recordings[0].end());
      lowest = std::min(lowest, *low);
      highest = std::max(highest, *high);
    }
    EXPECT_LT(lowest, -78);
    EXPECT_GT(highest, -60);
  }
}

/// Conductances are derivatives: a difference over 0.001 mV would be noise, and v would show it.
TEST_P(FloatFixedStepTest, TakesCurrentsOfAllKinds) {
  const char* const currents =
      "NEURON { SUFFIX leaks USEION ca READ cai, cao WRITE ica USEION k READ ek WRITE ik NONSPECIFIC_CURRENT i "
      "RANGE g }\n"
      "PARAMETER { g = 1e-4 celsius }\nASSIGNED { v cai cao ica ek ik i }\n"
      "BREAKPOINT {\n  ica = 1e-6 * ghk(v, cai, cao, 2)\n  ik = g/(1 + exp(-(v + 40)/5)) * (v - ek)\n"
      "  i = g * tab(v) * (v + 20)\n}\n"
      "FUNCTION tab(u) {\n  TABLE DEPEND celsius FROM -100 TO 100 WITH 200\n  tab = 1 + u * u/1e4\n}\n";
  SweepProtocol protocol = step("a", 2, 50, 0.2, 80);
  protocol.recordings.push_back({"ik", soma(), "ik_leaks", {}});
  protocol.recordings.push_back({"ica", soma(), "ica_leaks", {}});
  const Pair pair = run_both(with_mod("leaks", currents), protocol);
  EXPECT_LT(difference(pair, 0), 1e-6);
  EXPECT_LT(difference(pair, 1), 1e-5);
  EXPECT_LT(difference(pair, 2), 1e-5);
}

}  // namespace
}  // namespace cellwright::simulate
