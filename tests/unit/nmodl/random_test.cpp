// Streams of random numbers, and the built-in mechanisms NetStim and SEClamp, against figures of NEURON 9.0.2 (PyPI).
#include <algorithm>
#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl::test {
namespace {

class RandomInBothModes : public ::testing::TestWithParam<NumericMode> {};
INSTANTIATE_TEST_SUITE_P(Random, RandomInBothModes, ::testing::Values(NumericMode::strict, NumericMode::fast),
                         [](const auto& test) { return test.param == NumericMode::strict ? "strict" : "fast"; });

const char* const draws = R"(
NEURON { POINT_PROCESS Draws RANDOM r RANGE a, b, c, d, e, f, g, h, s }
PARAMETER { s = 5 }
ASSIGNED { a b c d e f g h }
INITIAL {
  random_setseq(r, s)
  a = random_uniform(r)
  b = random_uniform(r, -2, 3)
  c = random_negexp(r, 4)
  d = random_normal(r)
  e = random_normal(r, 2, 3)
  f = random_ipick(r)
  g = random_dpick(r)
  h = more()
}
FUNCTION more() { if (a < 2 || random_uniform(r) < 2) { more = random_uniform(r) } }
)";

// The mod above without h, compiled by nrnivmodl; then
//   p = h.Draws(section(.5)); p.r.set_ids(11, 22, 33); h.finitialize(-65); [repr(getattr(p, x)) for x in "abcdefg"]
TEST_P(RandomInBothModes, DrawsAreNeurons) {
  const CompiledMod mod(draws, GetParam());
  ASSERT_EQ(mod->n_randoms, 1);
  EXPECT_STREQ(mod->random[0].name, "r");
  TestBlock block(*mod, 2);
  block.set_stream(0, 1, 2, 11, 22, 33);
  block.initialise();

  EXPECT_EQ(block.var("a").at(1, 2), 0.008729362392628249);
  EXPECT_DOUBLE_EQ(block.var("b").at(1, 2), 0.2296550736693539);
  EXPECT_DOUBLE_EQ(block.var("c").at(1, 2), 1.9155539232046694);
  EXPECT_DOUBLE_EQ(block.var("d").at(1, 2), -1.0783084689460771);
  EXPECT_DOUBLE_EQ(block.var("e").at(1, 2), 1.5510309056107219);
  EXPECT_EQ(block.var("f").at(1, 2), 626463627.0);
  EXPECT_EQ(block.var("g").at(1, 2), 0.9772675382026313);
  EXPECT_NE(block.var("a").at(1, 1), block.var("a").at(1, 2));  // ids 0, 0, 0
}

// r = h.Random(); r.Random123(11, 22, 33); r.uniform(0, 1); [r.repick() for _ in range(6)]  (uniform draws one itself)
TEST_P(RandomInBothModes, TheSequenceCountsWords) {
  const CompiledMod mod(draws, GetParam());
  const double expected[] = {0.7531715736833468,  0.6078376391418656,   0.9383277504382823,
                             0.29950714919261934, 0.008729362392628249, 0.44593101473387076};
  for (int i = 0; i < 6; ++i) {
    TestBlock block(*mod, 1);
    block.param("s").fill_row(0, i + 1);
    block.set_stream(0, 0, 0, 11, 22, 33);
    block.initialise();
    EXPECT_EQ(block.var("a").at(0, 0), expected[i]);
  }
}

/// a < 2 is true: the second side of || must not draw.
TEST_P(RandomInBothModes, ASecondConditionThatDrawsRunsOnlyIfItMust) {
  const CompiledMod mod(draws, GetParam());
  TestBlock block(*mod, 1);
  block.set_stream(0, 0, 0, 11, 22, 33);
  block.initialise();
  const double last = block.var("h").at(0, 0);
  const cw_random& stream = block.randoms[0][0];

  EXPECT_EQ(stream.counter[0] * 4 + stream.next, 14 + 1U);  // NEURON: p.r.get_seq() is 14 before h
  EXPECT_EQ(last, (stream.words[(14 + 1 - 1) % 4] + 1.0) * (1 / 4294967297.0));
}

/// Lets a NetStim of one instance and lane send itself events until `stop`; returns what it sends out.
std::vector<double> event_times(TestBlock& block, double stop) {
  std::vector<double> times;
  block.initialise();
  std::erase_if(block.requests, [](const auto& request) { return request.lane != 0; });
  for (std::size_t i = 0; i < block.requests.size(); ++i) {
    const auto request = block.requests[i];
    if (request.kind == 'e') times.push_back(request.time);
    if (request.kind == 's' && request.time < stop) block.receive(0, 0, request.time, request.flag, {0}, -1);
  }
  return times;
}

void set(TestBlock& block, const std::vector<std::pair<const char*, double>>& values) {
  for (const auto& [name, value] : values) block.param(name).fill_row(0, value);
}

// s = h.NetStim(); s.noise = 1; s.interval = 7; s.number = 9; s.start = 3; s.noiseFromRandom123(11, 22, 33)
// c = h.NetCon(s, None); c.record(times); h.tstop = 200; h.run()
TEST_P(RandomInBothModes, NetStimSendsNeuronsEvents) {
  const cw_mechanism& stim = *find_builtin_mechanism("NetStim", GetParam());
  EXPECT_EQ(stim.kind, CW_ARTIFICIAL_CELL);
  TestBlock noisy(stim, 1), mixed(stim, 1), regular(stim, 1);
  set(noisy, {{"noise", 1}, {"interval", 7}, {"number", 9}, {"start", 3}});
  set(mixed, {{"noise", 0.4}, {"interval", 7}, {"number", 5}, {"start", 3}});
  set(regular, {{"interval", 0.7}, {"number", 4}, {"start", 0.3}});
  noisy.set_stream(0, 0, 0, 11, 22, 33);
  mixed.set_stream(0, 0, 0, 1, 2, 3);

  const std::vector<double> expected_noisy = {18.053953894769492, 20.03818946024787, 23.52312177518765,
                                              23.96871361344215,  32.40803255244008, 65.59547318950453,
                                              71.24861029037561,  74.60082965598379, 86.9592424958505};
  const std::vector<double> expected_mixed = {3.0541060988883943, 11.380141267645541, 21.40548372457317,
                                              31.393296967750665, 36.29421813527565};
  const std::vector<double> expected_regular = {0.30000000000000004, 1.0, 1.7, 2.4};
  EXPECT_THAT(event_times(noisy, 200), ::testing::Pointwise(::testing::DoubleEq(), expected_noisy));
  EXPECT_THAT(event_times(mixed, 200), ::testing::Pointwise(::testing::DoubleEq(), expected_mixed));
  EXPECT_THAT(event_times(regular, 200), ::testing::Pointwise(::testing::DoubleEq(), expected_regular));
}

TEST_P(RandomInBothModes, NetStimIsSwitchedByEvents) {
  TestBlock block(*find_builtin_mechanism("NetStim", GetParam()), 1);
  set(block, {{"start", -1}, {"interval", 4}, {"number", 2}});
  block.initialise();
  EXPECT_TRUE(block.requests.empty());

  block.receive(0, 0, 20, 0, {1}, 5);
  ASSERT_EQ(block.requests.size(), 1U);
  EXPECT_EQ(block.requests[0], (TestBlock::Request{'s', 0, 0, 20, 1, 5}));
  block.receive(0, 0, 20, 1, {1}, 5);
  EXPECT_EQ(block.requests.back(), (TestBlock::Request{'s', 0, 0, 24, 1, 5}));
  block.receive(0, 0, 22, 0, {-1}, 5);
  block.receive(0, 0, 24, 1, {1}, 5);
  EXPECT_EQ(block.requests.size(), 3U);  // off: no more
}

TEST_P(RandomInBothModes, SEClampFollowsItsSteps) {
  const cw_mechanism& clamp = *find_builtin_mechanism("SEClamp", GetParam());
  TestBlock block(clamp, 1);
  set(block, {{"dur1", 1}, {"amp1", -60}, {"dur2", 2}, {"amp2", 10}, {"dur3", 1}, {"amp3", -80}, {"rs", 2}});
  block.initialise();
  const std::vector<std::pair<double, double>> expected = {
      {0.5, (-60 + 65) / 2.0}, {1.5, (10 + 65) / 2.0}, {3.5, (-80 + 65) / 2.0}, {4.5, 0}};
  for (const auto& [time, current] : expected) {
    block.t.fill_row(0, time);
    block.rhs.fill_row(0, 0);
    block.d.fill_row(0, 0);
    block.current();
    EXPECT_DOUBLE_EQ(block.var("i").at(0, 0), current);
    EXPECT_DOUBLE_EQ(block.rhs.at(0, 0), current);  // area 100
    EXPECT_NEAR(block.d.at(0, 0), current == 0 ? 0 : 0.5, 1e-9);
    block.v.fill_row(0, -64);
    block.state();
    EXPECT_DOUBLE_EQ(block.var("i").at(0, 0), current == 0 ? 0 : current - 0.5);
    block.v.fill_row(0, -65);
  }
}

}  // namespace
}  // namespace cellwright::nmodl::test
