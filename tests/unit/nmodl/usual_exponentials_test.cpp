// Which exponentials need no limits as long as v is usual.
#include "nmodl/passes/usual_exponentials.hpp"

#include <cmath>

#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

/// The body of the PROCEDURE `rates`, marked.
std::string marked(const std::string& body) {
  const std::string text = R"(
NEURON { SUFFIX s RANGE a, b, k }
PARAMETER { k = 5 }
ASSIGNED { v (mV) a b }
STATE { m }
BREAKPOINT { SOLVE states METHOD cnexp }
DERIVATIVE states { rates()  m' = a - m }
PROCEDURE rates() { )" + body +
                           R"( }
FUNCTION moves(x) { v = x  moves = 1 }
)";
  const MechanismDescription mechanism = compile_front_end(text, "s.mod");
  Block block = mechanism.find_function("rates")->body;
  mark_usual_exponentials(block);
  return print_nmodl(block);
}

TEST(UsualExponentials, AreThoseOfArgumentsThatStaySmallWithV) {
  EXPECT_EQ(marked("a = exp((v + 40)/5)  b = exp(-(v - 20)*0.1)/(1 + exp(-v/4))"),
            "a = usual_exp((v + 40)/5)\nb = usual_exp(-(v - 20)*0.1)/(1 + usual_exp(-v/4))\n");
}

TEST(UsualExponentials, AreNotThoseOfArgumentsThatMayBecomeLarge) {
  for (const char* body : {"a = exp(v)\n", "a = exp(v/3)\n", "a = exp(v/k)\n", "a = exp(v*v)\n",
                           "a = exp(v/(v + 300)*80)\n", "a = exp(2)\n", "a = exp(b/100)\n", "a = exp(40/v)\n"})
    EXPECT_EQ(marked(body), body);
}

TEST(UsualExponentials, FollowWhatIsAssigned) {
  EXPECT_EQ(marked("LOCAL x  x = (v + 40)/5  a = exp(x)  x = k  b = exp(x)"),
            "LOCAL x\nx = (v + 40)/5\na = usual_exp(x)\nx = k\nb = exp(x)\n");
  EXPECT_EQ(marked("IF (v == -40) {\n  v = v + 0.001\n}\na = exp(v/5)\n"),
            "IF (v == -40) {\n  v = v + 0.001\n}\na = usual_exp(v/5)\n");
  EXPECT_EQ(marked("IF (k > 0) {\n  v = k\n}\na = exp(v/5)\n"), "IF (k > 0) {\n  v = k\n}\na = exp(v/5)\n");
  EXPECT_EQ(marked("IF (k > 0) {\n  b = 1\n} ELSE {\n  b = v\n}\na = exp(b/5)\n"),
            "IF (k > 0) {\n  b = 1\n} ELSE {\n  b = v\n}\na = usual_exp(b/5)\n");
}

TEST(UsualExponentials, TrustNothingBehindLoopsAndCalls) {
  for (const char* body : {"WHILE (k > 0) {\n  v = 2*v\n}\na = exp(v/5)\n", "b = moves(k)\na = exp(v/5)\n",
                           "FROM i = 0 TO 3 {\n  v = 2*v\n}\na = exp(v/5)\n"})
    EXPECT_EQ(marked(body), body);
}

/// The same, with powers of two.
std::string in_powers_of_two(const std::string& body) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { SUFFIX s RANGE a, b } ASSIGNED { v (mV) a b } BREAKPOINT { rates() } PROCEDURE rates() { " + body +
          " }",
      "s.mod");
  Block block = mechanism.find_function("rates")->body;
  mark_usual_exponentials(block);
  use_powers_of_two(block);
  return print_nmodl(block);
}

TEST(UsualExponentials, BecomePowersOfTwo) {
  EXPECT_EQ(in_powers_of_two("a = exp((v + 40)/8)  b = exp(v*v)"),
            "a = usual_exp2(0.18033688011112042*(v + 40))\nb = exp(v*v)\n");
  EXPECT_EQ(in_powers_of_two("LOCAL x  x = (v + 40)/8  a = exp(x)"),
            "LOCAL x\nx = 0.18033688011112042*(v + 40)\na = usual_exp2(x)\n");
  EXPECT_EQ(in_powers_of_two("LOCAL x  x = (v + 40)/8  a = x*exp(x)"),
            "LOCAL x\nx = (v + 40)/8\na = x*usual_exp2(1.4426950408889634*x)\n");
}

TEST(UsualExponentials, SayWhatElseIsKnown) {
  const MechanismDescription mechanism = compile_front_end(R"(
NEURON { SUFFIX s RANGE a, b, c, k }
PARAMETER { k = 5 }
ASSIGNED { v (mV) a b c celsius }
BREAKPOINT { rates() }
PROCEDURE rates() { a = exp(v/25.1)  b = 2^((celsius - 20)/10)  c = a*k }
)",
                                                           "s.mod");
  const auto values = usual_values(mechanism.find_function("rates")->body);
  EXPECT_DOUBLE_EQ(values.at("a").low, std::exp(-10.0));
  EXPECT_DOUBLE_EQ(values.at("a").high, std::exp(10.0));
  EXPECT_DOUBLE_EQ(values.at("b").low, std::pow(2, -7));
  EXPECT_DOUBLE_EQ(values.at("b").high, std::pow(2, 8));
  EXPECT_FALSE(values.contains("c"));
}

}  // namespace
}  // namespace cellwright::nmodl
