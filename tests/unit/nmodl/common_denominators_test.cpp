// Equations without the divisions of their rates, as text. Their numbers: implicit_step_test.cpp.
#include "nmodl/passes/common_denominators.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

struct Rewritten {
  std::string text;
  std::size_t n_states;  ///< with a denominator
};

/// The equations of a DERIVATIVE block, with what they are computed from.
Rewritten rewritten(const std::string& body) {
  const MechanismDescription mechanism = compile_front_end(R"(
NEURON { SUFFIX s RANGE k }
PARAMETER { k = 5 }
ASSIGNED { v (mV) a b c tau celsius }
STATE { m h }
BREAKPOINT { SOLVE states METHOD cnexp }
PROCEDURE tabled(x) { TABLE c FROM -100 TO 100 WITH 200  c = x }
DERIVATIVE states { )" + body + " }",
                                                           "s.mod");
  Flattener flattener(mechanism);
  const Block flat = flattener.flatten(mechanism.solves.front().right_hand_sides);
  const CommonDenominators result = with_common_denominators(flat, flattener);
  return {print_nmodl(result.block), result.states.size()};
}

/// Without the assignments that are not needed any more.
std::string lines_of(const Rewritten& result, const std::vector<std::string>& beginnings) {
  std::string text;
  std::istringstream stream(result.text);
  for (std::string line; std::getline(stream, line);) {
    for (const std::string& beginning : beginnings) {
      if (line.starts_with(beginning)) text += line + "\n";
    }
  }
  return text;
}

TEST(CommonDenominators, TheRatesOfATrapAreDividedOnceByTheStep) {
  const Rewritten result =
      rewritten("c = 1/(1 - exp(-(v + 40)/10))  a = 0.25*(v + 40)*c  b = exp(-(v + 40)/10)*c  m' = 2*a - 2*(a + b)*m");
  EXPECT_EQ(result.n_states, 1U);
  EXPECT_EQ(lines_of(result, {"divisor", "a_top", "b_top", "m_", "m' ="}),
            "divisor = 1 - exp(-(v + 40)/10)\n"
            "a_top = v + 40\n"
            "b_top = exp(-(v + 40)/10)\n"
            "m_a = 0.25*a_top\n"
            "m_b = 0.25*a_top + b_top\n"
            "m_denominator = 0.5*divisor\n"
            "m' = m_a - m_b*m\n");
}

TEST(CommonDenominators, ASteadyStateAndATimeConstantAreBroughtTogether) {
  const Rewritten result = rewritten("a = 1/(1 + exp(-v/10))  tau = 2 + 1/(1 + exp(v/20))  m' = (a - m)/tau");
  EXPECT_EQ(result.n_states, 1U);
  EXPECT_EQ(lines_of(result, {"divisor", "tau_top", "m_", "m' ="}),
            "divisor = 1 + exp(-v/10)\n"
            "divisor_2 = 1 + exp(v/20)\n"
            "tau_top = 2*divisor_2 + 1\n"
            "divisor_3 = tau_top\n"
            "m_a = divisor_2\n"
            "m_b = divisor_2*divisor\n"
            "m_denominator = divisor*divisor_3\n"
            "m' = m_a - m_b*m\n");
}

TEST(CommonDenominators, WhatAVariableWasMadeOfMayChangeBehindIt) {
  const Rewritten result =
      rewritten("a = v/(2 + exp(v/10))  IF (v == 3) { v = v + 0.001 }  b = 1/(2 + exp(v/10))  m' = a - b*m");
  EXPECT_EQ(lines_of(result, {"divisor", "a_top", "m_", "m' ="}),
            "divisor = 2 + exp(v/10)\n"
            "a_top = v\n"
            "divisor_2 = 2 + exp(v/10)\n"
            "m_a = a_top*divisor_2\n"
            "m_b = divisor\n"
            "m_denominator = divisor*divisor_2\n"
            "m' = m_a - m_b*m\n");
}

TEST(CommonDenominators, ACallMayChangeAnything) {
  const Rewritten result = rewritten("c = 3  a = 1/(v*v + c*c)  tabled(v)  b = 1/(v*v + c*c)  m' = a - b*m");
  EXPECT_THAT(result.text, testing::HasSubstr("divisor_2 = v*v + c*c\n"));
  EXPECT_EQ(result.n_states, 0U);  // whose size nobody knows
}

TEST(CommonDenominators, WhatIsNotUnderstoodStaysAsItIs) {
  for (const char* body : {
           "a = v/2  m' = a - m",                                              // nothing to divide by
           "IF (v > 0) { a = 1/(1 + v*v) } ELSE { a = 0 }  m' = a - m",        // assigned under a condition
           "a = 1/(1 + exp(-v/k))  m' = a - m",                                // may be of any size
           "a = 1/(1 + exp(-v/4))/(1 + exp(-v/4))  m' = a - m",                // too large
           "a = 1/(2 + v*v)/(3 + v*v)/(4 + v*v)/(5 + v*v)  m' = a - m",        // four of them
           "a = 1/(2 + v*v)  IF (v > 0) { m' = a - m } ELSE { m' = a - 2*m }"  // one or the other
       }) {
    const Rewritten result = rewritten(body);
    EXPECT_EQ(result.n_states, 0U) << body;
    EXPECT_THAT(result.text, testing::Not(testing::HasSubstr("m_b*m"))) << body;
  }
}

TEST(CommonDenominators, EachStateHasItsOwn) {
  const Rewritten result = rewritten("a = 1/(2 + v*v)  m' = a - m  h' = v - h");
  EXPECT_EQ(result.n_states, 1U);
  EXPECT_THAT(result.text, testing::HasSubstr("h' = v - h\n"));
}

}  // namespace
}  // namespace cellwright::nmodl
