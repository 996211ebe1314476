// Numbers of products and sums as one factor.
#include "nmodl/passes/collect_factors.hpp"

#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"

namespace cellwright::nmodl {
namespace {

std::string collected(const std::string& expression) {
  const MechanismDescription mechanism = compile_front_end(
      "NEURON { SUFFIX s RANGE a, x, y } ASSIGNED { a x y v (mV) } BREAKPOINT { a = " + expression + " }", "s.mod");
  Block block = mechanism.breakpoint;
  collect_factors(block);
  return print_nmodl(std::get<Assignment>(block.back().node).value);
}

TEST(CollectFactors, OneNumberStandsInFrontOfAProduct) {
  EXPECT_EQ(collected("2*(x/4)*y"), "0.5*(x*y)");
  EXPECT_EQ(collected("-(-0.5*x)*(2*y)"), "x*y");
  EXPECT_EQ(collected("3*x/(6*y)"), "0.5*(x/y)");
  EXPECT_EQ(collected("x/(-8)"), "-0.125*x");
}

TEST(CollectFactors, WhatASumsPartsShareStandsInFrontOfIt) {
  EXPECT_EQ(collected("-(3*x) - 3*y"), "-3*(x + y)");
  EXPECT_EQ(collected("4*x - 4*y"), "4*(x - y)");
  EXPECT_EQ(collected("2*(-x - 32)"), "-2*(x + 32)");
  EXPECT_EQ(collected("2*x + 3*y"), "2*x + 3*y");
  EXPECT_EQ(collected("x - -2*y"), "x + 2*y");
  EXPECT_EQ(collected("1 + 2"), "3");
}

TEST(CollectFactors, FunctionsAndPowersAreLookedInto) {
  EXPECT_EQ(collected("2*exp(-x/4)*3"), "6*exp(-0.25*x)");
  EXPECT_EQ(collected("(2*x*4)^2*2"), "2*(8*x)^2");
}

TEST(CollectFactors, NothingIsDividedByZero) { EXPECT_EQ(collected("x/(0*y)"), "x/0"); }

}  // namespace
}  // namespace cellwright::nmodl
