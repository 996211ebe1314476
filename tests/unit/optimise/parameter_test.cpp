#include "cellwright/optimise/parameter.hpp"

#include "cellwright/base/error.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

template <class Function>
std::string message_of(Function&& function) {
  try {
    function();
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(Parameter, HoldsWhatItWasGiven) {
  const Parameter parameter("gna", {.value = 0.1, .bounds = Bounds{0.05, 0.125}});

  EXPECT_EQ(parameter.name(), "gna");
  EXPECT_EQ(parameter.value(), 0.1);
  EXPECT_FALSE(parameter.frozen());
  EXPECT_EQ(parameter.lower_bound(), 0.05);
  EXPECT_EQ(parameter.upper_bound(), 0.125);
}

TEST(Parameter, NeedsNeitherValueNorBounds) {
  Parameter parameter("any");

  parameter.set_value(1e300);

  EXPECT_EQ(parameter.value(), 1e300);
  EXPECT_EQ(parameter.lower_bound(), std::nullopt);
  EXPECT_EQ(parameter.upper_bound(), std::nullopt);
}

TEST(Parameter, AcceptsBothEndsOfItsBounds) {
  Parameter parameter("x", -1.0, 2.0);

  EXPECT_NO_THROW(parameter.set_value(-1.0));
  EXPECT_NO_THROW(parameter.set_value(2.0));
}

TEST(Parameter, RefusesAValueOutsideOfItsBoundsAndKeepsTheOldOne) {
  Parameter parameter("x", {.value = 0.5, .bounds = Bounds{0.0, 1.0}});

  EXPECT_EQ(message_of([&] { parameter.set_value(1.5); }),
            "error: parameter 'x' has value 1.5 outside of its bounds [0, 1] [parameter-bounds]");
  EXPECT_EQ(message_of([&] { parameter.set_value(std::nan("")); }),
            "error: parameter 'x' has value nan outside of its bounds [0, 1] [parameter-bounds]");
  EXPECT_EQ(parameter.value(), 0.5);
}

TEST(Parameter, ChecksTheInitialValueAndTheBoundsThemselves) {
  EXPECT_EQ(message_of([] {
              Parameter("x", {.value = -1.0, .bounds = Bounds{0.0, 1.0}});
            }),
            "error: parameter 'x' has value -1 outside of its bounds [0, 1] [parameter-bounds]");
  EXPECT_EQ(message_of([] { Parameter("x", 3.0, 1.0); }),
            "error: parameter 'x' has the lower bound 3 above the upper bound 1 [parameter-bounds]\n"
            "  fix: write the smaller bound first");
  EXPECT_EQ(message_of([] { Parameter("x", std::nan(""), 1.0); }),
            "error: parameter 'x' has bounds [nan, 1]: a bound is not a number [parameter-bounds]");
}

TEST(Parameter, CannotChangeWhileFrozen) {
  Parameter parameter("x", 0.0, 1.0);
  parameter.freeze(0.25);

  const std::string expected =
      "error: parameter 'x' is frozen at 0.25, its value cannot change [parameter-frozen]\n"
      "  fix: unfreeze it first";
  EXPECT_EQ(message_of([&] { parameter.set_value(0.5); }), expected);
  EXPECT_EQ(message_of([&] { parameter.freeze(0.5); }), expected);
  EXPECT_EQ(parameter.value(), 0.25);
}

TEST(Parameter, DoesNotFreezeOutsideOfItsBounds) {
  Parameter parameter("x", 0.0, 1.0);

  EXPECT_THROW(parameter.freeze(2.0), ConfigError);

  EXPECT_FALSE(parameter.frozen());
}

TEST(Parameter, HasNoValueAfterUnfreezing) {
  Parameter parameter("x", {.value = 0.5, .frozen = true, .bounds = Bounds{0.0, 1.0}});

  parameter.unfreeze();

  EXPECT_FALSE(parameter.frozen());
  EXPECT_EQ(parameter.value(), std::nullopt);
}

TEST(Parameter, ShowsItsValueWhenFrozenAndItsBoundsWhenFree) {
  EXPECT_EQ(Parameter("x", {.value = 0.5, .frozen = true}).to_string(), "x: value = 0.5");
  EXPECT_EQ(Parameter("x", {.frozen = true}).to_string(), "x: value = none");
  EXPECT_EQ(Parameter("x", {.value = 0.5, .bounds = Bounds{0.0, 1.0}}).to_string(), "x: value = [0, 1]");
  EXPECT_EQ(Parameter("x").to_string(), "x: value = any");
}

}  // namespace
}  // namespace cellwright::optimise
