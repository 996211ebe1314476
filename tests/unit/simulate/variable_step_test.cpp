#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>
#include <numbers>
#include <numeric>

#include <gmock/gmock.h>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/numeric/python_random.hpp"
#include "cellwright/simulate/native_simulator.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::simulate {
namespace {

using model::CellModel;
using model::ParameterKind;
using model::SweepProtocol;

const char* const branched_swc =
    "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n"
    "4 3 20 0 0 1 3\n5 3 120 0 0 1 4\n6 3 120 0 0 0.8 5\n7 3 200 80 0 0.8 6\n8 3 120 0 0 0.8 5\n9 3 200 -80 0 0.8 8\n";
const char* const single_swc = "1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n";

struct Trace {
  LaneStatus status = LaneStatus::ok;
  double failed_at_ms = 0;
  std::size_t steps = 0;
  std::vector<double> time_ms;
  std::vector<std::vector<double>> recordings;
};

bool same_bits(const Trace& a, const Trace& b) {
  return a.status == b.status && a.steps == b.steps && a.time_ms == b.time_ms && a.recordings == b.recordings;
}

std::vector<Trace> run(const PreparedModel& model, const Table<double>& parameters, std::vector<Lane> lanes,
                       std::size_t threads = 1) {
  std::vector<Trace> traces(lanes.size());
  auto executor = parallel::make_executor(threads);
  model.run({parameters.view(), std::move(lanes)}, *executor, [&](std::size_t lane, const LaneResponses& responses) {
    Trace& trace = traces[lane];
    trace.status = responses.status;
    trace.failed_at_ms = responses.failed_at_ms;
    trace.steps = responses.steps;
    trace.time_ms.assign(responses.time_ms.begin(), responses.time_ms.end());
    for (const auto& values : responses.recordings) trace.recordings.emplace_back(values.begin(), values.end());
  });
  return traces;
}

/// Times at which a recording rises through 0.
std::vector<double> spikes(const Trace& trace, std::size_t recording = 0) {
  std::vector<double> times;
  const std::vector<double>& v = trace.recordings[recording];
  for (std::size_t k = 1; k < v.size(); ++k) {
    if (v[k - 1] < 0 && v[k] >= 0)
      times.push_back(trace.time_ms[k - 1] +
                      (trace.time_ms[k] - trace.time_ms[k - 1]) * (0 - v[k - 1]) / (v[k] - v[k - 1]));
  }
  return times;
}

class VariableStepTest : public testing::Test {
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
  static void set(CellModel& cell, const char* name, const char* seclist, double value) {
    cell.parameters.push_back(
        {std::string(name) + "." + seclist, name, ParameterKind::range, {list(seclist)}, value, {}, {}, {}});
  }
  static SweepProtocol step(const char* name, double delay, double duration, double amplitude, double total) {
    SweepProtocol protocol;
    protocol.name = name;
    protocol.stimuli.push_back(model::NrnSquarePulse{amplitude, delay, duration, total, soma(), {}});
    protocol.recordings.push_back({std::string(name) + ".soma.v", soma(), "v", {}});
    return protocol;
  }
  static std::unique_ptr<PreparedModel> prepare(const CellModel& cell, const std::vector<SweepProtocol>& protocols,
                                                double atol = default_atol, double sample_ms = 0,
                                                NumericMode numeric = NumericMode::fast) {
    return NativeSimulator({.numeric = numeric, .step = StepKind::variable, .atol = atol, .sample_ms = sample_ms})
        .prepare(cell, protocols);
  }
  CellModel spiking_cell() {
    CellModel result = cell(branched_swc);
    insert(result, "pas", "all");
    insert(result, "hh", "somatic");
    set(result, "e_pas", "all", -65);
    const auto free = [&](const char* name, ParameterKind kind, const char* seclist, double low, double high) {
      result.parameters.push_back(
          {std::string(name) + "." + seclist, name, kind, {list(seclist)}, {}, std::array{low, high}, {}, {}});
    };
    free("gnabar_hh", ParameterKind::range, "somatic", 0.08, 0.2);
    free("g_pas", ParameterKind::section, "all", 1e-5, 1e-4);
    free("cm", ParameterKind::section, "basal", 0.8, 1.6);
    free("Ra", ParameterKind::section, "all", 80, 200);
    return result;
  }
  static Table<double> random_parameters(const CellModel& cell, std::size_t individuals) {
    const auto free = cell.free_parameters();
    Table<double> table(individuals, free.size());
    numeric::PythonRandom random(7);
    for (std::size_t i = 0; i < individuals; ++i) {
      for (std::size_t p = 0; p < free.size(); ++p)
        table(i, p) = (*free[p]->bounds)[0] + ((*free[p]->bounds)[1] - (*free[p]->bounds)[0]) * random.random();
    }
    return table;
  }
  test::TemporaryFolder folder_;
};

TEST_F(VariableStepTest, PassiveCompartmentFollowsTheExactSolution) {
  CellModel passive = cell(single_swc);
  insert(passive, "pas", "all");
  set(passive, "g_pas", "all", 2e-4);
  set(passive, "e_pas", "all", -70);

  double last_error = HUGE_VAL;
  for (const double atol : {1e-4, 1e-6, 1e-8}) {
    const Trace trace = run(*prepare(passive, {step("p", 1, 3, 0.1, 6)}, atol), Table<double>(1, 0), {{0, 0}})[0];
    const double area = std::numbers::pi * 20 * 20, tau = 0.001 / 2e-4, change = 0.1 * 100 / area / 2e-4;
    double error = 0;
    for (std::size_t k = 0; k < trace.time_ms.size(); ++k) {
      const double t = trace.time_ms[k];
      double v = -70 + 5 * std::exp(-t / tau);
      if (t > 1) v += change * (1 - std::exp(-(t - 1) / tau));
      if (t > 4) v -= change * (1 - std::exp(-(t - 4) / tau));
      error = std::max(error, std::fabs(v - trace.recordings[0][k]));
    }
    EXPECT_LT(error, 5000 * atol) << "at " << atol;
    EXPECT_LT(error, last_error / 5) << "at " << atol;
    last_error = error;
    EXPECT_EQ(trace.time_ms.back(), 6.0);
    EXPECT_EQ(std::count(trace.time_ms.begin(), trace.time_ms.end(), 1.0), 1);
    EXPECT_EQ(std::count(trace.time_ms.begin(), trace.time_ms.end(), 4.0), 1);
  }
}

/// More nodes than mechanisms visit at once, most of them without any.
TEST_F(VariableStepTest, NodesWithoutMechanismsTakePart) {
  CellModel bare = cell("1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n4 3 20 0 0 1 3\n5 3 8020 0 0 1 4\n");
  insert(bare, "pas", "somatic");
  set(bare, "g_pas", "somatic", 0.001);
  set(bare, "e_pas", "somatic", -65);
  SweepProtocol protocol = step("p", 0, 5000, 0.1, 5000);
  protocol.recordings.push_back({"p.end.v", model::NrnSeclistCompLocation{"end", "basal", 0, 0.99, {}}, "v", {}});
  const auto model = prepare(bare, {protocol});
  const Trace trace = run(*model, Table<double>(1, 0), {{0, 0}})[0];
  ASSERT_EQ(trace.status, LaneStatus::ok);
  const double soma_cm2 = std::numbers::pi * 20e-4 * 20e-4, expected = -65 + 0.1e-6 / (0.001 * soma_cm2);
  EXPECT_NEAR(trace.recordings[0].back(), expected, 1e-3);
  EXPECT_NEAR(trace.recordings[1].back(), expected, 1e-3);
}

TEST_F(VariableStepTest, SpikeTimesConverge) {
  const CellModel description = spiking_cell();
  const Table<double> parameters = random_parameters(description, 1);
  const auto at = [&](double atol) {
    return spikes(run(*prepare(description, {step("a", 2, 50, 0.6, 60)}, atol, 0.01), parameters, {{0, 0}})[0]);
  };
  const std::vector<double> exact = at(1e-9);
  ASSERT_GE(exact.size(), 3U);
  double last = HUGE_VAL;
  for (const double atol : {1e-4, 1e-5, 1e-6}) {
    const std::vector<double> times = at(atol);
    ASSERT_EQ(times.size(), exact.size());
    double worst = 0;
    for (std::size_t k = 0; k < times.size(); ++k) worst = std::max(worst, std::fabs(times[k] - exact[k]));
    EXPECT_LT(worst, 1000 * atol) << "ms at " << atol;
    EXPECT_LT(worst, last);
    last = worst;
  }
}

/// Rounding to float is far below these tolerances.
TEST_F(VariableStepTest, FloatIsAsExactAsDouble) {
  const CellModel description = spiking_cell();
  const Table<double> parameters = random_parameters(description, 1);
  const auto at = [&](double atol, NumericMode numeric) {
    return spikes(
        run(*prepare(description, {step("a", 2, 50, 0.6, 60)}, atol, 0.01, numeric), parameters, {{0, 0}})[0]);
  };
  const std::vector<double> exact = at(1e-9, NumericMode::fast);
  ASSERT_GE(exact.size(), 3U);
  for (const double atol : {1e-4, 1e-5}) {
    const std::vector<double> times = at(atol, NumericMode::single);
    ASSERT_EQ(times.size(), exact.size());
    double worst = 0;
    for (std::size_t k = 0; k < times.size(); ++k) worst = std::max(worst, std::fabs(times[k] - exact[k]));
    EXPECT_LT(worst, 1000 * atol) << "ms at " << atol;
    EXPECT_GT(worst, 0) << "is this float?";
  }
}

TEST_F(VariableStepTest, FloatRefusesTolerancesThatItHasNoDigitsFor) {
  const std::vector protocols{step("a", 2, 5, 0.6, 10)};
  EXPECT_NO_THROW(prepare(spiking_cell(), protocols, 1e-6, 0, NumericMode::single));
  try {
    prepare(spiking_cell(), protocols, 9e-7, 0, NumericMode::single);
    ADD_FAILURE() << "nothing was thrown";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("atol 9e-07 is too small for \"numeric\": \"float\" [config-atol]"));
  }
}

class VariableStepInBothPrecisions : public VariableStepTest, public testing::WithParamInterface<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Precisions, VariableStepInBothPrecisions,
                         testing::Values(NumericMode::fast, NumericMode::single),
                         [](const auto& mode) { return std::string(name_of(mode.param)); });

TEST_P(VariableStepInBothPrecisions, ResultsDoNotDependOnNeighboursOrderOrThreads) {
  const CellModel description = spiking_cell();
  const auto model =
      prepare(description, {step("a", 2, 20, 0.6, 25), step("b", 5, 5, 1.0, 12)}, default_atol, 0, GetParam());
  const auto n = 2 * static_cast<std::size_t>(nmodl::lanes_of(GetParam())) + 5;
  Table<double> parameters = random_parameters(description, n);
  parameters(3, 1) = std::nan("");
  std::vector<Lane> forward;
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t p = 0; p < 2; ++p) forward.push_back({i, p});
  }
  const std::vector<Lane> backward(forward.rbegin(), forward.rend());

  const std::vector<Trace> reference = run(*model, parameters, forward);
  const std::vector<Trace> reversed = run(*model, parameters, backward);
  const std::vector<Trace> threaded = run(*model, parameters, forward, 3);

  EXPECT_FALSE(spikes(reference[0]).empty());
  for (std::size_t k = 0; k < forward.size(); ++k) {
    if (forward[k].individual == 3) {
      EXPECT_EQ(reference[k].status, LaneStatus::non_finite);
      continue;
    }
    ASSERT_EQ(reference[k].status, LaneStatus::ok);
    EXPECT_TRUE(same_bits(reference[k], reversed[forward.size() - 1 - k])) << "reversed, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], threaded[k])) << "3 threads, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], run(*model, parameters, {forward[k]})[0])) << "alone, lane " << k;
  }
}

/// In each of three packs one cell still spikes when all others are done: the packs become one.
TEST_P(VariableStepInBothPrecisions, PacksWithFewLanesLeaveThemToOthers) {
  const CellModel description = spiking_cell();
  const auto model = prepare(description, {step("a", 2, 995, 0.3, 1000)}, default_atol, 0, GetParam());
  const auto lanes_of_pack = static_cast<std::size_t>(nmodl::lanes_of(GetParam()));
  Table<double> parameters = random_parameters(description, 3 * lanes_of_pack);
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < parameters.rows(); ++i) {
    if (i % lanes_of_pack != 0) parameters(i, 0) = 0;  // no sodium current
    lanes.push_back({i, 0});
  }
  StepProfile profile;
  const auto executor = parallel::make_executor(3);
  std::vector<std::size_t> steps(lanes.size());
  model->run({.parameters = parameters.view(), .lanes = lanes, .profile = &profile}, *executor,
             [&](std::size_t lane, const LaneResponses& responses) {
               EXPECT_EQ(responses.status, LaneStatus::ok);
               steps[lane] = responses.steps;
             });
  for (const std::size_t k : {std::size_t{0}, lanes_of_pack, 2 * lanes_of_pack})
    EXPECT_EQ(steps[k], run(*model, parameters, {lanes[k]})[0].steps);
  EXPECT_EQ(profile.steps, std::accumulate(steps.begin(), steps.end(), std::size_t{0}));
  const std::size_t longest = *std::ranges::max_element(steps);
  EXPECT_GT(longest, 5000U);
  EXPECT_LT(profile.pack_steps, longest * 3 / 2) << "three packs to the end would take about three times";
}

/// Mechanisms compute more simply while no v of the pack is above CW_USUAL_V.
TEST_P(VariableStepInBothPrecisions, UnusualVOfANeighbourChangesNothing) {
  const CellModel description = spiking_cell();
  const std::vector<SweepProtocol> protocols = {step("a", 2, 20, 0.6, 25), step("wild", 5, 5, 200, 12)};
  const Table<double> parameters = random_parameters(description, 2);
  for (const StepKind kind : {StepKind::variable, StepKind::fixed}) {
    const auto model = NativeSimulator({.numeric = GetParam(), .step = kind}).prepare(description, protocols);
    const std::vector<Trace> together = run(*model, parameters, {{0, 0}, {1, 1}});
    ASSERT_EQ(together[1].status, LaneStatus::ok);
    EXPECT_GT(*std::ranges::max_element(together[1].recordings[0]), CW_USUAL_V);
    EXPECT_FALSE(spikes(together[0]).empty());
    EXPECT_TRUE(same_bits(together[0], run(*model, parameters, {{0, 0}})[0]));
  }
}

TEST_P(VariableStepInBothPrecisions, ProfileAccountsForEveryStep) {
  const CellModel description = spiking_cell();
  const auto model =
      prepare(description, {step("a", 2, 20, 0.6, 25), step("b", 5, 5, 1.0, 12)}, default_atol, 0, GetParam());
  const auto lanes_of_pack = static_cast<std::size_t>(nmodl::lanes_of(GetParam()));
  const std::size_t n = lanes_of_pack + 3;
  const Table<double> parameters = random_parameters(description, n);
  std::vector<Lane> lanes;
  for (std::size_t i = 0; i < n; ++i) lanes.insert(lanes.end(), {{i, 0}, {i, 1}});
  for (const std::size_t threads : {std::size_t{1}, std::size_t{3}}) {
    StepProfile profile;
    std::size_t steps = 0, rejected = 0;
    std::mutex mutex;
    const auto executor = parallel::make_executor(threads);
    const auto start = std::chrono::steady_clock::now();
    model->run({.parameters = parameters.view(), .lanes = lanes, .profile = &profile}, *executor,
               [&](std::size_t, const LaneResponses& responses) {
                 const std::lock_guard lock(mutex);
                 steps += responses.steps;
                 rejected += responses.rejected_steps;
               });
    const double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

    EXPECT_EQ(profile.steps, steps);
    EXPECT_EQ(profile.rejected, rejected);
    EXPECT_EQ(std::accumulate(profile.order.begin(), profile.order.end(), std::size_t{0}), steps);
    EXPECT_GT(profile.order[4], steps / 2);
    EXPECT_GE(profile.places, steps + rejected);
    EXPECT_EQ(profile.places, profile.pack_steps * lanes_of_pack);
    EXPECT_NEAR(profile.model_ms, static_cast<double>(n) * (25 + 12), 1e-6);
    EXPECT_GT(profile.seconds[StepProfile::mechanisms], 0);
    EXPECT_LE(std::accumulate(profile.seconds.begin(), profile.seconds.end(), 0.0),
              wall * static_cast<double>(threads));
  }
}

TEST_F(VariableStepTest, RecordsStatesCurrentsAndAssigned) {
  const CellModel description = spiking_cell();
  SweepProtocol protocol = step("a", 2, 5, 0.6, 10);
  for (const char* variable : {"m_hh", "ina", "ina_hh", "minf_hh", "gnabar_hh"})
    protocol.recordings.push_back({variable, soma(), variable, {}});
  const Table<double> parameters = random_parameters(description, 1);
  const Trace trace = run(*prepare(description, {protocol}, 1e-7), parameters, {{0, 0}})[0];
  ASSERT_EQ(trace.status, LaneStatus::ok);

  std::size_t spiking = 0;
  for (std::size_t k = 0; k < trace.time_ms.size(); ++k) {
    const double v = trace.recordings[0][k], m = trace.recordings[1][k];
    EXPECT_NEAR(trace.recordings[2][k], trace.recordings[3][k], 1e-5) << "hh alone carries sodium";
    const double a = 0.1 * (v + 40) / (1 - std::exp(-(v + 40) / 10)), b = 4 * std::exp(-(v + 65) / 18);
    EXPECT_NEAR(trace.recordings[4][k], a / (a + b), 2e-3) << "at " << trace.time_ms[k];
    EXPECT_EQ(trace.recordings[5][k], parameters(0, 0));
    spiking += m > 0.9;
  }
  EXPECT_GT(spiking, 3U);
}

/// A pool that adds to the current that it reads, as the steps' equations must see it.
constexpr const char* pool_mod = R"(
NEURON { SUFFIX %s USEION ca READ ica, eca WRITE ica, cai RANGE g, follows }
PARAMETER { g = 1e-4 follows = 0 }
ASSIGNED { v ica eca }
STATE { cai m }
INITIAL { cai = 1e-4 m = 0 }
BREAKPOINT { SOLVE s METHOD cnexp ica = g*(1 + follows*(m - 1))*(v - eca) }
DERIVATIVE s { cai' = -0.05*ica m' = (1 - m)/3 }
)";

std::string pool(const char* suffix) {
  std::string text = pool_mod;
  return text.replace(text.find("%s"), 2, suffix);
}

/// One compartment of which a leak holds the voltage at -70 mV, with a calcium potential of 130 mV.
class VariableStepCurrents : public VariableStepTest {
 protected:
  CellModel held(std::initializer_list<const char*> mechanisms) {
    CellModel description = cell(single_swc);
    insert(description, "pas", "all");
    set(description, "e_pas", "all", -70);
    set(description, "g_pas", "all", 100);
    for (const char* mechanism : mechanisms) insert(description, mechanism, "all");
    description.parameters.push_back({"v_init", "v_init", ParameterKind::global, {}, -70.0, {}, {}, {}});
    description.mechanism_directories.push_back(folder_.path());
    return description;
  }
  static SweepProtocol recording(std::initializer_list<const char*> variables) {
    SweepProtocol protocol = step("a", 0, 0, 0, 12);
    for (const char* variable : variables) protocol.recordings.push_back({variable, soma(), variable, {}});
    return protocol;
  }
};

TEST_F(VariableStepCurrents, AreReadWithTheMechanismsOwnPart) {
  folder_.write("pool.mod", pool("pool"));
  for (const double follows : {0.0, 1.0}) {
    CellModel description = held({"pool"});
    set(description, "follows_pool", "all", follows);
    const SweepProtocol protocol = recording({"cai", "ica", "eca"});
    const Trace trace = run(*prepare(description, {protocol}, 1e-8), Table<double>(1, 0), {{0, 0}})[0];
    ASSERT_EQ(trace.status, LaneStatus::ok);

    double integral = 0;  // of the recorded current, trapezia
    for (std::size_t k = 1; k < trace.time_ms.size(); ++k) {
      const double width = trace.time_ms[k] - trace.time_ms[k - 1];
      integral += width * (trace.recordings[2][k] + trace.recordings[2][k - 1]) / 2;
    }
    const double influx = trace.recordings[1].back() - trace.recordings[1].front();
    EXPECT_GT(influx, 0.003);
    EXPECT_NEAR(influx, -0.05 * integral, 1e-3 * influx) << follows;
  }
}

TEST_F(VariableStepCurrents, ThatNeedEachOtherAreRefused) {
  folder_.write("a.mod", pool("a"));
  std::string other = pool("b");
  other.replace(other.find("WRITE ica, cai"), 14, "WRITE ica     ");
  other.replace(other.find("STATE { cai m }"), 15, "STATE { own m }");
  other.replace(other.find("cai = 1e-4"), 10, "own = 1e-4");
  other.replace(other.find("cai' ="), 6, "own' =");
  folder_.write("b.mod", other);
  try {
    prepare(held({"a", "b"}), {recording({"cai"})});
    FAIL() << "accepted";
  } catch (const ModelError& error) {
    EXPECT_THAT(error.diagnostics().front().message,
                "mechanism 'b' runs with the fixed step only: its equations need the ica that 'a' adds, and those of "
                "'a' need its own");
  }
}

TEST_F(VariableStepCurrents, AreRecordedAtTheVoltageOfTheirTime) {
  folder_.write("instant.mod", R"(
NEURON { SUFFIX instant USEION na READ ena WRITE ina RANGE again }
ASSIGNED { v ina ena minf again }
STATE { h }
INITIAL { rates() h = 0.5 }
BREAKPOINT { SOLVE s METHOD cnexp ina = 1e-5*minf*h*(v - ena) again = ina }
DERIVATIVE s { rates() h' = (0.5 - h)/10 }
PROCEDURE rates() { minf = 1/(1 + exp(-(v + 50)/5)) }
)");
  CellModel description = held({"instant"});
  description.parameters[1].value = 1e-4;  // g_pas
  SweepProtocol protocol = recording({"ina", "ena", "again_instant"});
  protocol.stimuli = {model::NrnSquarePulse{0.05, 1, 8, 12, soma(), {}}};
  const Trace trace = run(*prepare(description, {protocol}, 1e-7), Table<double>(1, 0), {{0, 0}})[0];
  ASSERT_EQ(trace.status, LaneStatus::ok);

  double highest = -100;
  for (std::size_t k = 1; k < trace.time_ms.size(); ++k) {
    const double v = trace.recordings[0][k], ena = trace.recordings[2][k];
    const double expected = 1e-5 * 0.5 / (1 + std::exp(-(v + 50) / 5)) * (v - ena);
    EXPECT_NEAR(trace.recordings[1][k], expected, 1e-3 * std::fabs(expected) + 1e-8) << "at " << trace.time_ms[k];
    EXPECT_EQ(trace.recordings[3][k], trace.recordings[1][k]);
    highest = std::max(highest, v);
  }
  EXPECT_GT(highest, -50);
}

class VariableStepJumps : public VariableStepCurrents, public testing::WithParamInterface<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Precisions, VariableStepJumps, testing::Values(NumericMode::fast, NumericMode::single),
                         [](const auto& test) { return test.param == NumericMode::fast ? "fast" : "float"; });

/// A current that is there between two times, alone in a compartment with a leak: v has an exact solution.
TEST_P(VariableStepJumps, StepsEndAtTimesThatMechanismsTell) {
  folder_.write("between.mod", R"(
NEURON { SUFFIX between NONSPECIFIC_CURRENT i RANGE first, last, size, i }
PARAMETER { first = 3.125 last = 7.25 size = 0.002 }
ASSIGNED { i until }
INITIAL { until = last }
BREAKPOINT { at_time(first) if (size) { at_time(until) } if (t < first || t >= until) { i = 0 } else { i = -size } }
)");
  CellModel description = held({"between"});
  description.parameters[1].value = 1e-4;  // g_pas: a time constant of 10 ms
  const SweepProtocol protocol = recording({"i_between"});
  const Trace trace = run(*prepare(description, {protocol}, 1e-6, 0, GetParam()), Table<double>(1, 0), {{0, 0}})[0];
  ASSERT_EQ(trace.status, LaneStatus::ok);

  const auto exact = [](double t) {
    const double on = std::max(0.0, std::min(t, 7.25) - 3.125), off = std::max(0.0, t - 7.25);
    return -70 + 20 * (1 - std::exp(-on / 10)) * std::exp(-off / 10);
  };
  std::size_t jumps = 0;
  for (std::size_t k = 0; k < trace.time_ms.size(); ++k) {
    const double t = trace.time_ms[k];
    EXPECT_NEAR(trace.recordings[0][k], exact(t), 0.005) << "at " << t;
    const bool again = k > 0 && trace.time_ms[k - 1] == t;
    const bool on = (t > 3.125 || (t == 3.125 && again)) && (t < 7.25 || (t == 7.25 && !again));
    EXPECT_FLOAT_EQ(static_cast<float>(trace.recordings[1][k]), on ? -0.002F : 0.0F) << "at " << t << again;
    jumps += again;
  }
  EXPECT_EQ(jumps, 2U);
}

TEST_F(VariableStepCurrents, JumpsAtTimesThatMoveAreRefused) {
  folder_.write("moving.mod", R"(
NEURON { SUFFIX moving NONSPECIFIC_CURRENT i }
ASSIGNED { v i }
BREAKPOINT { at_time(3 + v/100) i = 0.001*v }
)");
  try {
    prepare(held({"moving"}), {recording({"v"})});
    FAIL() << "accepted";
  } catch (const ModelError& error) {
    EXPECT_THAT(error.diagnostics().front().message,
                "mechanism 'moving' runs with the fixed step only: what it says by at_time() depends on 'v'");
  }
}

/// A compartment of 20 by 20 um in which a current oscillates, and a synapse whose current follows an event each
/// millisecond: v has an exact solution, and steps are short whether events come or not.
class VariableStepEvents : public VariableStepCurrents, public testing::WithParamInterface<NumericMode> {
 protected:
  static constexpr double leak = 1e-4, frequency = 8, swing = 0.001, decay_ms = 2, end_ms = 60;

  CellModel description() {
    folder_.write("wave.mod", R"(
NEURON { SUFFIX wave NONSPECIFIC_CURRENT i RANGE size, frequency }
PARAMETER { size = 0.001 frequency = 8 }
ASSIGNED { i }
STATE { x y }
INITIAL { x = 0 y = 1 }
BREAKPOINT { SOLVE turn METHOD derivimplicit i = -size*y }
DERIVATIVE turn { x' = frequency*y y' = -frequency*x }
)");
    folder_.write("drop.mod", R"(
NEURON { POINT_PROCESS drop NONSPECIFIC_CURRENT i RANGE i }
ASSIGNED { i }
STATE { g }
INITIAL { g = 0 }
BREAKPOINT { SOLVE decay METHOD cnexp i = -g }
DERIVATIVE decay { g' = -g/2 }
NET_RECEIVE(weight) { g = g + weight }
)");
    CellModel result = held({"wave"});
    result.parameters[1].value = leak;
    result.point_processes = {{.name = "syn", .suffix = "drop", .locations = {soma()}}};
    return result;
  }
  static SweepProtocol events(double weight, double number = 1e9) {
    SweepProtocol protocol{.name = "a"};
    protocol.stimuli = {model::NrnNetStimStimulus{.locations = {{"syn", "syn", {}}},
                                                  .total_duration_ms = end_ms,
                                                  .interval_ms = 1,
                                                  .number = number,
                                                  .start_ms = 5,
                                                  .weight = weight}};
    protocol.recordings = {{"v", soma(), "v", {}}, {"i", model::NrnPointProcessLocation{"syn", "syn", {}}, "i", {}}};
    return protocol;
  }
  /// @param arrived  the events at t itself count.
  static double exact_current(double weight, double t, bool arrived) {
    double g = 0;
    for (double event = 6; event < t || (arrived && event == t); ++event) g += std::exp((event - t) / decay_ms);
    return -weight * g;
  }
  static double exact_v(double weight, double t) {
    const double a = 1000 * leak, b = 1 / decay_ms, area = std::numbers::pi * 400;
    const double wave = 1000 * swing / (a * a + frequency * frequency) *
                        (a * std::cos(frequency * t) + frequency * std::sin(frequency * t) - a * std::exp(-a * t));
    double synapse = 0;
    for (double event = 6; event < t; ++event) synapse += std::exp(-a * (t - event)) - std::exp(-b * (t - event));
    return -70 + wave + weight * 1e5 / area / (b - a) * synapse;
  }
};
INSTANTIATE_TEST_SUITE_P(Precisions, VariableStepEvents, testing::Values(NumericMode::fast, NumericMode::single),
                         [](const auto& mode) { return std::string(name_of(mode.param)); });

/// Of weights that change nothing, a little (0.4 mV each) and so much that no step can keep the history.
TEST_P(VariableStepEvents, AreFollowedWhateverTheyChange) {
  const CellModel model = description();
  for (const double weight : {1e-9, 3e-3, 0.3}) {
    const Trace trace =
        run(*prepare(model, {events(weight)}, default_atol, 0, GetParam()), Table<double>(1, 0), {{0, 0}})[0];
    ASSERT_EQ(trace.status, LaneStatus::ok);
    std::size_t jumps = 0;
    for (std::size_t k = 0; k < trace.time_ms.size(); ++k) {
      const double t = trace.time_ms[k];
      const bool again = k > 0 && trace.time_ms[k - 1] == t;
      jumps += again;
      EXPECT_NEAR(trace.recordings[0][k], exact_v(weight, t), 0.006) << weight << " at " << t;
      EXPECT_NEAR(trace.recordings[1][k], exact_current(weight, t, again), 2e-4 * weight + 1e-5)
          << weight << " at " << t << again;
    }
    EXPECT_EQ(jumps, 55U) << "both sides of every event";
  }
}

/// 55 of them: a restart of the order costs about 9 steps.
TEST_P(VariableStepEvents, ThatChangeLittleCostFewSteps) {
  const CellModel model = description();
  const auto steps = [&](double weight, double number) {
    return run(*prepare(model, {events(weight, number)}, default_atol, 0, GetParam()), Table<double>(1, 0), {{0, 0}})[0]
        .steps;
  };
  const std::size_t without = steps(0, 0);
  EXPECT_GT(without, 500U);
  EXPECT_LT(steps(1e-9, 1e9), without + 4 * 55);
  EXPECT_LT(steps(3e-3, 1e9), without + 8 * 55);
}

/// Weak and strong ones at random times: what a lane tries behind them is its own affair.
TEST_P(VariableStepEvents, DoNotDependOnNeighboursOrderOrThreads) {
  description();  // its files
  CellModel model = spiking_cell();
  model.mechanism_directories.push_back(folder_.path());
  model.point_processes = {{.name = "weak", .suffix = "drop", .locations = {soma()}},
                           {.name = "strong", .suffix = "drop", .locations = {soma()}}};
  SweepProtocol protocol = step("a", 2, 20, 0.3, 25);
  for (const char* name : {"weak", "strong"}) {
    protocol.stimuli.push_back(model::NrnNetStimStimulus{.locations = {{name, name, {}}},
                                                         .total_duration_ms = 25,
                                                         .interval_ms = 1,
                                                         .number = 1e9,
                                                         .start_ms = 1,
                                                         .noise = 1,
                                                         .weight = name[0] == 'w' ? 1e-4 : 0.05});
  }
  const auto prepared = prepare(model, {protocol}, default_atol, 0, GetParam());
  const auto n = 2 * static_cast<std::size_t>(nmodl::lanes_of(GetParam())) + 3;
  const Table<double> parameters = random_parameters(model, n);
  std::vector<Lane> forward;
  for (std::size_t i = 0; i < n; ++i) forward.push_back({i, 0});
  const std::vector<Lane> backward(forward.rbegin(), forward.rend());

  const std::vector<Trace> reference = run(*prepared, parameters, forward);
  const std::vector<Trace> reversed = run(*prepared, parameters, backward);
  const std::vector<Trace> threaded = run(*prepared, parameters, forward, 3);

  EXPECT_FALSE(spikes(reference[0]).empty());
  for (std::size_t k = 0; k < n; ++k) {
    ASSERT_EQ(reference[k].status, LaneStatus::ok);
    EXPECT_TRUE(same_bits(reference[k], reversed[n - 1 - k])) << "reversed, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], threaded[k])) << "3 threads, lane " << k;
    EXPECT_TRUE(same_bits(reference[k], run(*prepared, parameters, {forward[k]})[0])) << "alone, lane " << k;
  }
}

TEST_F(VariableStepTest, ProtocolsChooseTheirStep) {
  const CellModel description = spiking_cell();
  SweepProtocol fixed = step("fixed", 2, 5, 0.6, 10), variable = step("variable", 2, 5, 0.6, 10);
  fixed.cvode_active = false;
  variable.cvode_active = true;
  const Table<double> parameters = random_parameters(description, 1);
  for (const StepKind settings : {StepKind::fixed, StepKind::variable}) {
    const auto model = NativeSimulator({.step = settings}).prepare(description, std::vector{fixed, variable});
    const std::vector<Trace> traces = run(*model, parameters, {{0, 0}, {0, 1}});
    EXPECT_EQ(traces[0].steps, 0U);
    EXPECT_EQ(traces[0].time_ms.size(), 401U);
    EXPECT_GT(traces[1].steps, 50U);
    EXPECT_NE(traces[1].time_ms.size(), 401U);
  }
}

TEST_F(VariableStepTest, TimeLimitEndsAProtocol) {
  const CellModel description = spiking_cell();
  SweepProtocol endless = step("long", 2, 1e6, 0.6, 1e6);
  endless.timeout_s = 0.01;
  const Trace trace = run(*prepare(description, {endless}), random_parameters(description, 1), {{0, 0}})[0];
  EXPECT_EQ(trace.status, LaneStatus::timed_out);
  EXPECT_LT(trace.failed_at_ms, 1e6);
}

}  // namespace
}  // namespace cellwright::simulate
