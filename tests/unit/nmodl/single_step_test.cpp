// What the fixed step computes in single precision, and what it leaves to double.
#include "nmodl/passes/single_step.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/codegen.hpp"
#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

SingleStepPlan planned(const std::string& text) { return plan_single_step(compile_front_end(text, "test.mod")); }

const std::string channel_head =
    "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE g }\nPARAMETER { g = 1 }\nASSIGNED { v i minf }\nSTATE { m n[2] }\n";

TEST(SingleStep, CurrentsHaveTheirDerivativeByVAlone) {
  const SingleStepPlan plan = planned(channel_head +
                                      "BREAKPOINT { SOLVE s METHOD cnexp  minf = v/2  i = g*m*minf*(v + 70) }\n"
                                      "DERIVATIVE s { m' = -m }\n");
  ASSERT_TRUE(plan.current);
  ASSERT_EQ(plan.current->outputs.size(), 2U);
  EXPECT_EQ(plan.current->outputs[0].direction, -1);
  EXPECT_EQ(print_nmodl(plan.current->outputs[0].value), "i");
  EXPECT_EQ(plan.current->outputs[1].direction, 0);
  EXPECT_EQ(print_nmodl(plan.current->outputs[1].value), "i_dv");
  EXPECT_THAT(print_nmodl(plan.current->body), HasSubstr("i_dv = "));
  EXPECT_THAT(print_nmodl(plan.current->body), HasSubstr("minf = v/2")) << "recordings may look at it";
}

TEST(SingleStep, StatesAdvanceByTheirChange) {
  const SingleStepPlan plan = planned(channel_head +
                                      "BREAKPOINT { SOLVE s METHOD cnexp  i = g*m*n[0]*(v + 70) }\n"
                                      "DERIVATIVE s { rates()  m' = (minf - m)/5  n[0]' = 1  n[1]' = -n[1]/minf }\n"
                                      "PROCEDURE rates() { minf = 1/(1 + exp(-v)) }\n");
  ASSERT_TRUE(plan.state);
  const std::string text = print_nmodl(*plan.state);
  EXPECT_THAT(text, HasSubstr("minf = 1/(1 + exp(-v))")) << "put in place";
  EXPECT_THAT(text, HasSubstr("advance_m("));
  EXPECT_THAT(text, Not(HasSubstr("m = m +")));
  ASSERT_EQ(plan.rests.size(), 3U);
  EXPECT_EQ(plan.rests[0].state, "m");
  EXPECT_EQ(plan.rests[0].element, -1);
  EXPECT_EQ(plan.rests[2].state, "n");
  EXPECT_EQ(plan.rests[2].element, 1);
  EXPECT_NE(plan.rests[1].advance, plan.rests[2].advance);
}

TEST(SingleStep, SystemsComputeInDoubleAndKeepTheRestsOfAllStates) {
  const SingleStepPlan plan = planned(
      "NEURON { SUFFIX x RANGE c }\nSTATE { c o }\nASSIGNED { v }\n"
      "BREAKPOINT { SOLVE k METHOD sparse }\nKINETIC k { ~ c <-> o (1, 2) }\n");
  EXPECT_FALSE(plan.current);
  EXPECT_FALSE(plan.state);
  ASSERT_EQ(plan.rests.size(), 2U);
  EXPECT_THAT(plan.rests[0].advance, IsEmpty());
}

TEST(SingleStep, LoopsThatAreLeftAndRandomNumbersComputeInDouble) {
  const SingleStepPlan loop = planned(
      "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE n }\nPARAMETER { n = 2 }\nASSIGNED { v i k }\n"
      "BREAKPOINT { k = n  WHILE (k > 0) { k = k - 1 }  i = k }\n");
  EXPECT_FALSE(loop.current);
  const SingleStepPlan noise = planned(
      "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANDOM r }\nASSIGNED { v i }\nBREAKPOINT { i = random_normal(r) }\n");
  EXPECT_FALSE(noise.current);
}

/// Several instances go through what computes rates before they go through what follows from it.
bool goes_in_two_parts(const std::string& text) {
  return generate_cpp(compile_front_end(text, "test.mod")).find("constexpr int together") != std::string::npos;
}

TEST(SingleStep, RatesAndWhatFollowsFromThemAreTwoLoopsWhereInstancesAreAlone) {
  const auto channel = [](const std::string& equations, const std::string& rates) {
    return channel_head + "BREAKPOINT { SOLVE s METHOD cnexp  i = g*m*(v + 70) }\nDERIVATIVE s { " + equations +
           " }\nPROCEDURE rates() { " + rates + " }\n";
  };
  EXPECT_TRUE(goes_in_two_parts(channel("rates()  m' = (minf - m)/5", "minf = 1/(1 + exp(-v))")));
  EXPECT_FALSE(goes_in_two_parts(channel("LOCAL x  x = exp(v)  m' = (x - m)/5", "minf = 1")))
      << "what is passed on must have a name of the mechanism's";
  EXPECT_FALSE(goes_in_two_parts(channel("m' = (v - m)/5", "minf = 1"))) << "nothing to pass on";
  EXPECT_FALSE(
      goes_in_two_parts("NEURON { SUFFIX x USEION ca READ ica WRITE cai RANGE depth }\nPARAMETER { depth = 0.1 }\n"
                        "ASSIGNED { ica drive }\nSTATE { cai }\nBREAKPOINT { SOLVE s METHOD cnexp }\n"
                        "DERIVATIVE s { drive = -ica/depth  cai' = drive - (cai - 1e-4)/80 }\n"))
      << "instances may share an ion";
}

/// Whether `state` or `current` may compute all lanes of a row at once.
bool has_rows(const std::string& text) {
  return generate_cpp(compile_front_end(text, "test.mod")).find("CW_LANES {") != std::string::npos;
}

TEST(SingleStep, LanesOfARowGoTogetherThroughSequencesOfAssignments) {
  const auto channel = [](const std::string& rates) {
    return channel_head + "BREAKPOINT { SOLVE s METHOD cnexp  i = g*tanh(m)*(v + 70) }\n" +
           "DERIVATIVE s { rates()  m' = (minf - m)/5 }\nPROCEDURE rates() { " + rates + " }\n";
  };
  EXPECT_TRUE(has_rows(channel("minf = 1/(1 + exp(-v))")));
  EXPECT_TRUE(has_rows(channel("if (v > 2 && !(v == 3)) { LOCAL x  x = v^2  minf = x } else { minf = fabs(v)/7 }")));
  EXPECT_FALSE(has_rows(channel("minf = log(v)"))) << "no function of rows";
  EXPECT_FALSE(has_rows(channel("minf = exp(-t)"))) << "a time has more digits than a float";
  EXPECT_FALSE(has_rows(channel("minf = n[v]"))) << "an element of its own for each lane";
  EXPECT_FALSE(has_rows(channel("minf = v > 3"))) << "a condition as a number";
  EXPECT_FALSE(has_rows(channel("minf = v  while (minf > 3) { minf = minf/2 }")));
}

TEST(SingleStep, BranchesOfRowsAreSelections) {
  const std::string text = generate_cpp(compile_front_end(
      channel_head +
          "BREAKPOINT { SOLVE s METHOD cnexp  i = g*tanh(m)*(v + 70) }\nDERIVATIVE s { rates()  m' = minf - m "
          "}\nPROCEDURE rates() { minf = 0  if (v > 2) { if (v < 9) { minf = v } } else { minf = 5 } }\n",
      "test.mod"));
  EXPECT_THAT(text, HasSubstr("const auto where0 = (f.x_v > real(2.0));"));
  EXPECT_THAT(text, HasSubstr("f.x_minf = cw_select((where0 & where1), f.x_v, f.x_minf);"));
  EXPECT_THAT(text, HasSubstr("f.x_minf = cw_select((!where0), real(5.0), f.x_minf);"));
}

TEST(SingleStep, ConductanceStatementsAreTheDerivative) {
  const SingleStepPlan plan = planned(
      "NEURON { SUFFIX x NONSPECIFIC_CURRENT i RANGE g }\nPARAMETER { g = 1 }\nASSIGNED { v i }\n"
      "BREAKPOINT { CONDUCTANCE g  i = g*(v + 70) }\n");
  ASSERT_TRUE(plan.current);
  EXPECT_EQ(plan.current->outputs.size(), 1U);
}

}  // namespace
}  // namespace cellwright::nmodl
