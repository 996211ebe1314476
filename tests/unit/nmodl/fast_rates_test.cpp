#include "nmodl/passes/fast_rates.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

/// The body of the PROCEDURE `rates`, as the fast mode computes it.
std::string rewritten(const std::string& body) {
  const std::string text = R"(
NEURON { SUFFIX s RANGE a, b, c, k, tau }
PARAMETER { k = 5 }
ASSIGNED { v (mV) a b c tau }
STATE { m }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { rates()  m' = (c - m)/tau }
PROCEDURE rates() { )" + body +
                           " }";
  return print_nmodl(for_fast_mode(compile_front_end(text, "s.mod")).functions.front().body);
}

TEST(FastRates, an_exponential_and_its_reciprocal_are_computed_once) {
  EXPECT_EQ(rewritten("a = exp((v + 20)/5)  b = 3*exp(-(20 + v)/5)"),
            "LOCAL cw_exp0\n"
            "cw_exp0 = exp((v + 20)/5)\n"
            "a = cw_exp0\n"
            "b = 3*(1/cw_exp0)\n");
}

TEST(FastRates, the_pair_of_a_trap_shares_its_divisor) {
  EXPECT_EQ(rewritten("a = 0.1*(v + 40)/(1 - exp(-(v + 40)/k))  b = 0.2*(v + 40)/(exp((v + 40)/k) - 1)"),
            "LOCAL cw_exp0\n"
            "cw_exp0 = exp(-(v + 40)/k)\n"
            "LOCAL cw_per0\n"
            "cw_per0 = 1/(1 - cw_exp0)\n"
            "a = 0.1*(v + 40)*cw_per0\n"
            "b = 0.2*(v + 40)*cw_exp0*cw_per0\n");
}

TEST(FastRates, a_variable_that_changes_in_between_separates_the_pair) {
  const std::string body = "a = exp(c)\nc = c + 1\nb = exp(-c)\n";
  EXPECT_EQ(rewritten(body), body);
}

TEST(FastRates, what_may_not_run_is_left_alone) {
  const std::string body = "a = exp(c)\nIF (v > 0) {\n  b = exp(-c)\n}\n";
  EXPECT_EQ(rewritten(body), body);
}

TEST(FastRates, divisors_that_come_back_become_one_reciprocal) {
  EXPECT_EQ(rewritten("c = a/(a + b)  tau = (1/(a + b))/3"),
            "LOCAL cw_per0\n"
            "cw_per0 = 1/(a + b)\n"
            "c = a*cw_per0\n"
            "tau = cw_per0/3\n"
            "cw_inverse_tau = (a + b)*3\n");
}

TEST(FastRates, the_equation_multiplies_by_the_inverse_of_its_time_constant) {
  const auto mechanism = for_fast_mode(compile_front_end(R"(
NEURON { SUFFIX s RANGE c, tau }
ASSIGNED { v (mV) c tau }
STATE { m }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { c = v/10  tau = 2 + v*v  m' = (c - m)/tau }
)",
                                                         "s.mod"));
  EXPECT_THAT(print_nmodl(mechanism.solves.front().step),
              testing::StrEq("c = v/10\n"
                             "tau = 2 + v*v\n"
                             "cw_inverse_tau = 1/tau\n"
                             "m = m + (1 - exp(dt*-cw_inverse_tau))*(c - m)\n"));
}

TEST(FastRates, a_time_constant_from_a_table_or_from_before_is_divided_by) {
  const std::string table = R"(
NEURON { SUFFIX s GLOBAL c, tau }
ASSIGNED { v (mV) c tau }
STATE { m }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { rates(v)  m' = (c - m)/tau }
PROCEDURE rates(u) { TABLE c, tau FROM -100 TO 100 WITH 200  c = u  tau = 3 + u*u }
)";
  const std::string from_before = R"(
NEURON { SUFFIX s RANGE tau }
ASSIGNED { tau }
STATE { m }
INITIAL { tau = 3 }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { m' = -m/tau }
)";
  for (const std::string& text : {table, from_before}) {
    const auto mechanism = for_fast_mode(compile_front_end(text, "s.mod"));
    EXPECT_EQ(mechanism.find_variable("cw_inverse_tau"), nullptr) << text;
  }
}

/// Right-hand sides as the derivatives of the fast mode get them.
std::string cancelled(const std::string& rates, const std::string& equation) {
  const auto mechanism =
      for_fast_mode(compile_front_end("NEURON { SUFFIX s RANGE a, b, r, minf, mtau }\n"
                                      "ASSIGNED { v (mV) a b r minf mtau }\n"
                                      "STATE { m }\n"
                                      "BREAKPOINT { SOLVE states METHOD cnexp }\n"
                                      "DERIVATIVE states { " +
                                          rates + equation + " }\n",
                                      "s.mod"));
  return print_nmodl(cancel_quotients(mechanism.solves.front().right_hand_sides));
}

TEST(FastRates, the_sum_of_two_rates_cancels_in_the_equation) {
  const std::string rates = "a = exp(v/5)  b = exp(-v/7)  minf = a/(a + b)  mtau = (1/(a + b))/3  ";
  EXPECT_THAT(cancelled(rates, "m' = (minf - m)/mtau"), ::testing::HasSubstr("m' = a*3 - cw_inverse_mtau*m\n"));
}

TEST(FastRates, a_shared_reciprocal_cancels_too) {
  const std::string rates = "a = exp(v/5)  b = exp(-v/7)  r = 1/(a + b)  minf = a*r  mtau = 1/(a + b)  ";
  EXPECT_THAT(cancelled(rates, "m' = (minf - m)/mtau"), ::testing::HasSubstr("m' = a - cw_inverse_mtau*m\n"));
}

TEST(FastRates, a_gate_without_such_a_sum_keeps_its_equation) {
  const std::string rates = "minf = 1/(1 + exp(v/5))  mtau = 3 + exp(v/7)  ";
  EXPECT_THAT(cancelled(rates, "m' = (minf - m)/mtau"), ::testing::HasSubstr("m' = (minf - m)*cw_inverse_mtau\n"));
}

TEST(FastRates, a_sum_that_changes_in_between_does_not_cancel) {
  for (const char* change : {"a = a + 1  ", "b = 2*b  ", "minf = minf*minf  ", "IF (v > 0) { b = 0 }  "}) {
    const std::string rates = std::string("a = exp(v/5)  b = exp(-v/7)  minf = a/(a + b)  ") + change;
    EXPECT_THAT(cancelled(rates + "mtau = 1/(a + b)  ", "m' = (minf - m)/mtau"),
                ::testing::HasSubstr("m' = (minf - m)*cw_inverse_mtau\n"))
        << change;
  }
}

TEST(FastRates, the_numerator_may_not_change_either) {
  const std::string rates = "a = exp(v/5)  b = a + 1  minf = a/b  mtau = 1/b  a = 7  ";
  EXPECT_THAT(cancelled(rates, "m' = (minf - m)/mtau"), ::testing::HasSubstr("m' = (minf - m)*cw_inverse_mtau\n"));
}

}  // namespace
}  // namespace cellwright::nmodl
