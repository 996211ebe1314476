// NET_RECEIVE, net_send, WATCH, artificial cells and POINTERs: mods compiled at run time and called by hand.
#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

using ::testing::ElementsAre;
using Request = TestBlock::Request;

class EventsInBothModes : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Events, EventsInBothModes, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

TEST_P(EventsInBothModes, ExpSynJumpsByTheWeightAndDecays) {
  const cw_mechanism& synapse = *find_builtin_mechanism("ExpSyn", GetParam());
  TestBlock block(synapse, 2);
  block.param("tau").at(1, 3) = 2.2;
  block.initialise();

  EXPECT_THAT(block.receive(1, 3, 11.443, 0, {0.004}), ElementsAre(0.004));
  EXPECT_EQ(block.var("g").at(1, 3), 0.004);
  EXPECT_EQ(block.var("g").at(1, 2), 0);
  EXPECT_EQ(block.var("g").at(0, 3), 0);
  block.state();
  EXPECT_NEAR(block.var("g").at(1, 3), 0.004 * std::exp(-0.025 / 2.2), 1e-17);
  block.current();
  EXPECT_NEAR(block.var("i").at(1, 3), 0.004 * std::exp(-0.025 / 2.2) * -65, 1e-14);
  EXPECT_NEAR(block.rhs.at(1, 3), 0.004 * std::exp(-0.025 / 2.2) * 65, 1e-14);
  EXPECT_EQ(synapse.kind, CW_POINT_PROCESS);
  EXPECT_EQ(synapse.n_weights, 1);
  EXPECT_STREQ(synapse.weight[0].name, "weight");
  EXPECT_EQ(synapse.net_init, nullptr);
}

TEST_P(EventsInBothModes, Exp2SynPeaksAtTheWeight) {
  TestBlock block(*find_builtin_mechanism("Exp2Syn", GetParam()), 1);
  block.param("tau1").fill_row(0, 0.5);
  block.param("tau2").fill_row(0, 3);
  block.dt.fill_row(0, 0.5 * 3 / 2.5 * std::log(6.0));  // to the peak
  block.initialise();

  block.receive(0, 0, 0, 0, {2});
  block.state();
  block.current();

  EXPECT_NEAR(block.var("g").at(0, 0), 2, 1e-14);
}

TEST_P(EventsInBothModes, Exp2SynKeepsItsTimeConstantsApart) {
  TestBlock block(*find_builtin_mechanism("Exp2Syn", GetParam()), 1);
  block.param("tau1").fill_row(0, 10);
  block.param("tau1").at(0, 1) = 1e-10;
  block.initialise();

  EXPECT_EQ(block.var("tau1").at(0, 0), 0.9999 * 10);
  EXPECT_EQ(block.var("tau1").at(0, 1), 10 * 1e-9);
}

// NEURON writes the node's voltage back where NET_RECEIVE assigns v; in other blocks v is a copy.
TEST_P(EventsInBothModes, NetReceiveSetsTheVoltage) {
  const CompiledMod mod(R"(
NEURON { POINT_PROCESS Reset NONSPECIFIC_CURRENT i RANGE reset }
PARAMETER { reset = -60 }
ASSIGNED { v i }
BREAKPOINT { v = v + 1 i = 0 }
NET_RECEIVE (w) { if (flag == 1) { v = reset } else { state_discontinuity(v, w) } }
)",
                        GetParam());
  TestBlock block(*mod, 2);
  block.v.fill_row(0, -65);
  block.v.fill_row(1, -65);
  block.initialise();

  block.receive(1, 3, 2, 0, {40});
  block.receive(1, 2, 2, 1, {40});
  block.current();

  EXPECT_EQ(block.v.at(1, 3), 40);
  EXPECT_EQ(block.v.at(1, 2), -60);
  EXPECT_EQ(block.v.at(1, 1), -65);
  EXPECT_EQ(block.v.at(0, 3), -65);
}

// ---------------------------------------------------------------------------------------------- a depressing synapse

const char* const depressing = R"(
NEURON { POINT_PROCESS Dep NONSPECIFIC_CURRENT i RANGE tau, g, high, count, tau_rec GLOBAL gain }
PARAMETER { tau = 2 tau_rec = 100 gain = 3 }
ASSIGNED { v i high count flags }
STATE { g }
INITIAL { g = 0 high = 0 count = 0 net_send(1.5, 9) }
BREAKPOINT { SOLVE s METHOD cnexp i = g*v }
DERIVATIVE s { g' = -g/tau }
NET_RECEIVE (w (uS), left, last (ms)) {
  LOCAL used
  INITIAL {
    left = 1
    last = -gain*t
  }
  if (flag == 0) {
    left = 1 - (1 - left)*exp(-(t - last)/tau_rec)
    used = 0.5*left
    left = left - used
    last = t
    state_discontinuity(g, g + w*used*gain)
    net_send(0.7, 1)
    net_move(t + 2)
    WATCH (g > 0.25*gain) 2, (v + 1 < g - 60) high + 3
  } else if (flag == 1) {
    high = v
    net_event(t + gain)
  } else if (flag == 2) {
    bump(t)
  }
}
PROCEDURE bump(when) { count = count + when }
)";

TEST_P(EventsInBothModes, WeightsPersistAndSelfEventsAreAskedFor) {
  const CompiledMod mod(depressing, GetParam());
  ASSERT_EQ(mod->n_weights, 3);
  EXPECT_STREQ(mod->weight[2].name, "last");
  ASSERT_EQ(mod->n_watches, 2);
  TestBlock block(*mod, 3);
  block.t.fill_row(0, 0.25);
  block.initialise();
  ASSERT_EQ(block.requests.size(), 3U * lanes);
  EXPECT_EQ(block.requests.back(), (Request{'s', 2, lanes - 1, 1.75, 9, -1}));
  block.requests.clear();

  std::vector<double> weights = {0.1, 7, 7};
  const cw_net_call call{1, 2, 3, 0.5, 0, weights.data()};
  mod->net_init(&block.block, &call);
  EXPECT_THAT(weights, ElementsAre(0.1, 1, -1.5));

  weights = block.receive(1, 2, 4, 0, weights, 3);
  const double left = 1 - 0 * std::exp(-5.5 / 100);
  EXPECT_DOUBLE_EQ(weights[1], left / 2);
  EXPECT_EQ(weights[2], 4);
  EXPECT_DOUBLE_EQ(block.var("g").at(1, 2), 0.1 * 0.5 * left * 3);
  EXPECT_THAT(block.requests, ElementsAre(Request{'s', 1, 2, 4.7, 1, 3}, Request{'m', 1, 2, 6, 0, 0},
                                          Request{'w', 1, 2, 0, 2, 0}, Request{'w', 1, 2, 0, 3, 1}));
  weights = block.receive(1, 2, 14, 0, weights, 3);
  EXPECT_DOUBLE_EQ(weights[1], (1 - (1 - left / 2) * std::exp(-10.0 / 100)) / 2);
}

TEST_P(EventsInBothModes, FlagTellsTheEventsApart) {
  const CompiledMod mod(depressing, GetParam());
  TestBlock block(*mod, 1);
  block.v.at(0, 1) = -70;

  block.receive(0, 1, 2, 1, {0, 0, 0});
  block.receive(0, 1, 5, 2, {0, 0, 0});

  EXPECT_EQ(block.var("high").at(0, 1), -70);
  EXPECT_EQ(block.var("high").at(0, 0), 0);
  EXPECT_EQ(block.var("count").at(0, 1), 5);
  EXPECT_THAT(block.requests, ElementsAre(Request{'e', 0, 1, 5, 0, 0}));
}

TEST_P(EventsInBothModes, WatchReturnsTheDifferenceThatMustTurnPositive) {
  const CompiledMod mod(depressing, GetParam());
  TestBlock block(*mod, 2);
  block.var("g").at(1, 4) = 1;
  block.v.at(1, 4) = -61.5;

  EXPECT_DOUBLE_EQ(mod->watch(&block.block, 1, 4, 0), 0.25);
  EXPECT_DOUBLE_EQ(mod->watch(&block.block, 1, 3, 0), -0.75);
  EXPECT_DOUBLE_EQ(mod->watch(&block.block, 1, 4, 1), (1 - 60) - (-61.5 + 1));
}

// -------------------------------------------------------------------------------------------------- artificial cells

const char* const integrator = R"(
NEURON { ARTIFICIAL_CELL Adder RANGE tau, m, dur POINTER seen }
PARAMETER { tau = 10 dur = 4 }
ASSIGNED { m t0 on seen }
INITIAL { m = 0 t0 = t on = 0 net_send(dur, 1) }
NET_RECEIVE (w) {
  m = m*exp(-(t - t0)/tau)
  t0 = t
  if (flag == 1) {
    on = 1
  } else if (nrn_pointing(seen)) {
    m = m + w*seen
    seen = seen + 1
    if (m > 1 && on) { net_event(t) m = 0 }
  } else {
    m = m + w
  }
}
FUNCTION M() { M = m*exp(-(t - t0)/tau) }
)";

TEST_P(EventsInBothModes, ArtificialCellsNeedNoNode) {
  const CompiledMod mod(integrator, GetParam());
  EXPECT_EQ(mod->kind, CW_ARTIFICIAL_CELL);
  EXPECT_EQ(mod->current, nullptr);
  EXPECT_EQ(mod->state, nullptr);
  TestBlock block(*mod, 2);
  block.block.node = nullptr;
  block.block.v = nullptr;
  block.block.area = nullptr;
  block.block.diam = nullptr;
  block.initialise();
  EXPECT_EQ(block.requests[3], (Request{'s', 0, 3, 4, 1, -1}));

  block.receive(1, 0, 1, 0, {0.6});
  block.receive(1, 0, 3, 0, {0.6});

  EXPECT_DOUBLE_EQ(block.var("m").at(1, 0), 0.6 * std::exp(-0.2) + 0.6);
}

TEST_P(EventsInBothModes, PointersAreReadAndWritten) {
  const CompiledMod mod(integrator, GetParam());
  ASSERT_EQ(mod->n_pointers, 1);
  EXPECT_STREQ(mod->pointer[0].name, "seen");
  TestBlock block(*mod, 2);
  Rows target(1, 5);
  block.targets[0][1] = target.data();
  block.initialise();
  block.requests.clear();

  block.receive(1, 6, 2, 1, {0});
  block.receive(1, 6, 2, 0, {0.5});

  EXPECT_EQ(target.at(0, 6), 6);
  EXPECT_EQ(target.at(0, 5), 5);
  EXPECT_EQ(block.var("m").at(1, 6), 0);
  EXPECT_THAT(block.requests, ElementsAre(Request{'e', 1, 6, 2, 0, 0}));
}

const char* const gap = R"(
NEURON { POINT_PROCESS Gap ELECTRODE_CURRENT i RANGE r POINTER other }
PARAMETER { r = 4 }
ASSIGNED { v other i }
BREAKPOINT { i = (other - v)/r }
)";

TEST_P(EventsInBothModes, CurrentsReadPointersLaneByLane) {
  const CompiledMod mod(gap, GetParam());
  TestBlock block(*mod, 2);
  Rows target(1);
  for (std::size_t lane = 0; lane < lanes; ++lane) target.at(0, lane) = static_cast<double>(lane);
  block.targets[0][1] = target.data();

  block.current();

  for (std::size_t lane = 0; lane < lanes; ++lane) {
    EXPECT_DOUBLE_EQ(block.var("i").at(1, lane), (static_cast<double>(lane) + 65) / 4);
    EXPECT_TRUE(std::isnan(block.var("i").at(0, lane)));  // no target
  }
}

TEST_P(EventsInBothModes, AtTimeIsTrueInOneStep) {
  const CompiledMod mod(
      "NEURON { SUFFIX once RANGE n }\nASSIGNED { n }\nSTATE { x }\nINITIAL { n = 0 }\n"
      "BREAKPOINT { if (at_time(1)) { n = n + t } }",
      GetParam());
  TestBlock block(*mod, 1);
  block.initialise();
  for (int step = 1; step < 80; ++step) {
    block.t.fill_row(0, 0.025 * step);
    block.state();
  }
  EXPECT_DOUBLE_EQ(block.var("n").at(0, 0), 1);
}

}  // namespace
}  // namespace cellwright::nmodl::test
