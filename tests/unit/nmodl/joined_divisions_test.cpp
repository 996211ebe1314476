// Divisions brought together: as text, and what the compiled `state` computes with and without them.
#include "nmodl/passes/joined_divisions.hpp"

#include <gmock/gmock.h>

#include "unit/nmodl/compiled_mod.hpp"

namespace cellwright::nmodl {
namespace {

using ::testing::HasSubstr;
using Sets = std::vector<std::set<std::string>>;

std::optional<Block> joined(const std::string& body, const Sets& together) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { SUFFIX s }\nASSIGNED { v a b minf inv }\nSTATE { m }\nBREAKPOINT { SOLVE states METHOD cnexp }\n"
      "DERIVATIVE states { " +
          body + " m' = -m }",
      "s.mod");
  Flattener flattener(mechanism);
  Block flat = flattener.flatten(mechanism.solves.front().right_hand_sides);
  std::erase_if(flat, [](const Statement& s) { return std::holds_alternative<Equation>(s.node); });
  return with_joined_divisions(flat, together, flattener);
}

TEST(JoinedDivisions, TwoQuotientsHaveOneDivision) {
  const auto block = joined("a = 2 + exp(v/50)  b = 3 + exp(-v/60)  minf = v/a  inv = 5/b", {{"minf", "inv"}});
  ASSERT_TRUE(block);
  EXPECT_THAT(print_nmodl(*block), HasSubstr("joined = 1/(divisor*divisor_2)\n"
                                             "inv = 5*divisor*joined\n"
                                             "minf = divisor_2*minf_top*joined\n"));
}

TEST(JoinedDivisions, WhatTwoRatesAreDividedByCancels) {
  const auto block = joined(
      "a = (v + 40)/(1 - exp(-(v + 40)/10))  b = exp(-(v + 40)/10)*(v + 40)/(1 - exp(-(v + 40)/10))\n"
      "minf = a/(a + b)  inv = a + b",
      {{"minf", "inv"}});
  ASSERT_TRUE(block);
  EXPECT_THAT(print_nmodl(*block), HasSubstr("inv = divisor_2*inv_top*joined\nminf = divisor*minf_top*joined\n"));
}

TEST(JoinedDivisions, OneDivisionStays) {
  EXPECT_FALSE(joined("a = 2 + exp(v/50)  minf = v/a  inv = 5/a", {{"minf", "inv"}}));
  EXPECT_FALSE(joined("a = 2 + exp(v/50)  b = 3 + exp(-v/60)  minf = v/a  inv = 5/b", {{"minf"}, {"inv"}}));
}

TEST(JoinedDivisions, WhatMayBeTooLargeOrTooSmallForFloatsStays) {
  EXPECT_FALSE(joined("a = 2 + exp(v)  b = 3 + exp(-v/60)  minf = v/a  inv = 5/b", {{"minf", "inv"}}));
  EXPECT_FALSE(joined("a = exp(-v*v/1000)  b = exp(-v*v/1000 - 1)  minf = 1/a  inv = 5/b", {{"minf", "inv"}}));
}

}  // namespace

namespace test {
namespace {

const std::string channel = R"(
NEURON { SUFFIX chan NONSPECIFIC_CURRENT i }
PARAMETER { g = 0.1 }
ASSIGNED { v i a b minf hinf mtau htau }
STATE { m h }
BREAKPOINT { SOLVE states METHOD cnexp  i = g*m*h*(v - 50) }
INITIAL { m = 0.2  h = 0.7 }
DERIVATIVE states {
  if (v == -32) { v = v + 0.0001 }
  a = 0.182*(v + 32)/(1 - exp(-(v + 32)/6))
  b = 0.124*(-v - 32)/(1 - exp(-(-v - 32)/6))
  minf = a/(a + b)
  mtau = 1/(a + b)/2.95
  hinf = 1/(1 + exp((v + 60)/7))
  htau = 1/(0.1 + 2/(1 + exp((v + 20)/9)))
  m' = (minf - m)/mtau
  h' = (hinf - h)/htau
}
)";
constexpr std::size_t instances = 40;

/// m and h of all instances and lanes after one step from v over the whole usual range and beyond.
struct Stepped {
  TestBlock block;
  std::int32_t usual;

  Stepped(const cw_mechanism& mechanism, double furthest_mv, bool known, bool lean = true)
      : block(mechanism, instances), usual(known) {
    block.block.v_is_usual = &usual;
    block.initialise();
    const std::size_t n = instances * static_cast<std::size_t>(lanes);
    for (std::size_t k = 0; k < n; ++k)
      block.v.data()[k] = furthest_mv * (2.0 * static_cast<double>(k) / static_cast<double>(n - 1) - 1.0);
    block.v.at(3, 1) = -32;
    (lean ? mechanism.lean_state : mechanism.state)(&block.block);
  }
  double value(const char* state, std::size_t k) { return block.var(state).data()[k]; }
};

void expect_near(Stepped& one, Stepped& other, double tolerance) {
  for (const char* const state : {"m", "h"}) {
    for (std::size_t k = 0; k < instances * static_cast<std::size_t>(lanes); ++k) {
      const double expected = other.value(state, k);
      EXPECT_NEAR(one.value(state, k), expected, tolerance) << state << " at " << other.block.v.data()[k];
    }
  }
}

TEST(JoinedDivisions, AStepIsThatOfTheStrictMode) {
  const CompiledMod fast(channel, NumericMode::fast), strict(channel, NumericMode::strict);
  Stepped expected(*strict, CW_USUAL_V, false), usual(*fast, CW_USUAL_V, true);
  expect_near(usual, expected, 1e-13);
  Stepped beyond(*fast, 2 * CW_USUAL_V, false), strictly_beyond(*strict, 2 * CW_USUAL_V, false);
  expect_near(beyond, strictly_beyond, 1e-13);
}

TEST(JoinedDivisions, NeighboursAndRecordingsChangeNoBit) {
  const CompiledMod fast(channel, NumericMode::fast);
  Stepped usual(*fast, CW_USUAL_V, true), not_known(*fast, CW_USUAL_V, false);
  expect_near(not_known, usual, 0);
  Stepped recorded(*fast, CW_USUAL_V, false, false);
  expect_near(recorded, usual, 0);
}

}  // namespace
}  // namespace test
}  // namespace cellwright::nmodl
