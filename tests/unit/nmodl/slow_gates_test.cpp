// Gates that v hardly moves within a step.
#include "nmodl/passes/slow_gates.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

/// Whether `m` is slow.
bool is_slow(const std::string& body) {
  const MechanismDescription mechanism = compile_front_end(R"(
NEURON { SUFFIX s RANGE k  USEION ca READ cai }
PARAMETER { k = 5 }
ASSIGNED { v (mV) cai a b q celsius }
STATE { m }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { )" + body + " }",
                                                           "s.mod");
  return plan_derivatives(mechanism, true).states.front().slow;
}

TEST(SlowGates, AreThoseWhoseRateHardlyDependsOnV) {
  EXPECT_TRUE(is_slow("m' = (1/(1 + exp(-(v + 40)/10)) - m)/50"));   // 0.025/50 per ms and mV
  EXPECT_FALSE(is_slow("m' = (1/(1 + exp(-(v + 40)/10)) - m)/20"));  // 0.025/20
  EXPECT_FALSE(is_slow("m' = (1/(1 + exp(-(v + 40)/2)) - m)/50"));   // 0.125/50
  EXPECT_TRUE(is_slow("IF (v < -40) { a = 0 } ELSE { a = (v + 40)/200 } m' = (a - m)/100"));
}

TEST(SlowGates, AreJudgedWhereTheyAreFastest) {
  EXPECT_FALSE(is_slow("a = 0.02*exp(v/10) m' = a*(1 - m) - 0.02*exp(-v/10)*m"));
  EXPECT_FALSE(is_slow("q = 3^((celsius - 23)/10) m' = q*(1/(1 + exp(-(v + 40)/10)) - m)/50"));
  EXPECT_TRUE(is_slow("q = 3^((celsius - 23)/10) m' = q*(1/(1 + exp(-(v + 40)/10)) - m)/500"));
}

TEST(SlowGates, AreKnownToBeGates) {
  EXPECT_FALSE(is_slow("m' = (1/(1 + exp(-(v + 40)/k)) - m)/500"));         // k may have any value
  EXPECT_FALSE(is_slow("m' = (1/(1 + exp(-(v + 40)/10)) - m)/500 + cai"));  // another way to depend on v
  EXPECT_FALSE(is_slow("m' = (20/(1 + exp(-(v + 40)/10)) - m)/50000"));     // not between 0 and 1
  EXPECT_FALSE(is_slow("m' = (0.5 - m)/500"));                              // nothing to leave out
}

}  // namespace
}  // namespace cellwright::nmodl
