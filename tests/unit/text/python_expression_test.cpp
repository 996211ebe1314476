#include "cellwright/text/python_expression.hpp"

#include <array>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::text {
namespace {

const std::vector<std::string> names = {"distance", "value"};

struct Case {
  const char* text;
  double distance, value;
  double expected;  ///< CPython 3.11: float(eval(text with %.17g of the values))
};

const Case cases[] = {
    {"{value}**2", 100.0, -5.0, -25.0},
    {"({value})**2", 100.0, -5.0, 25.0},
    {"-{value}**2", 1.0, -5.0, 25.0},
    {"2**-1", 0.0, 0.0, 0.5},
    {"2**{value}", 0.0, -2.0, 0.25},
    {"7//2", 0.0, 0.0, 3.0},
    {"-7//2", 0.0, 0.0, -4.0},
    {"-7%3", 0.0, 0.0, 2.0},
    {"7.5%-2", 0.0, 0.0, -0.5},
    {"(-0.8696 + 2.087*math.exp(({distance})*0.0031))*{value}", 909.2833450667896, 8e-05, 0.002728075214096729},
    {"{value}*(1+{distance}/100)", 37.5, 0.1, 0.1375},
    {"{value} if {distance} < 100 else 0", 50.0, 3.0, 3.0},
    {"{value} if {distance} < 100 else 0", 150.0, 3.0, 0.0},
    {"1 < {distance} < 100", 50.0, 0.0, 1.0},
    {"1 < {distance} < 100", 100.0, 0.0, 0.0},
    {"({distance} > 10) & ({distance} < 20)", 15.0, 0.0, 1.0},
    {"int({distance} > 10)*{value}", 15.0, 2.5, 2.5},
    {"not {distance}", 0.0, 1.0, 1.0},
    {"{distance} or {value}", 0.0, 4.0, 4.0},
    {"{distance} and {value}", 0.0, 4.0, 0.0},
    {"abs({value}) + math.pi", 0.0, -1.5, 4.641592653589793},
    {"max(1, {value}, {distance})", 3.0, 2.0, 3.0},
    {"min(1, {value}, {distance})", 3.0, 2.0, 1.0},
    {"math.log({distance}, 10)", 1000.0, 0.0, 2.9999999999999996},
    {"math.log({distance})", 7.0, 0.0, 1.9459101490553132},
    {"1/3*{value}", 0.0, 0.1, 0.03333333333333333},
    {"2**3**2", 0.0, 0.0, 512.0},
    {"~5 + (6 ^ 3) | 8", 0.0, 0.0, -1.0},
    {"1 << 4 >> 2", 0.0, 0.0, 4.0},
    {"round(2.5) + round(3.5)", 0.0, 0.0, 6.0},
    {"int(-2.7)", 0.0, 0.0, -2.0},
    {"math.floor(-2.5) // 2", 0.0, 0.0, -2.0},
    {"5 - -{value}", 0.0, -0.25, 4.75},
    {"pow({value}, 3)", 0.0, -2.0, -8.0},
    {"math.tanh({distance}/300)", 123.4, 0.0, 0.38960421208886553},
    {"1e-3*{distance} + .5", 8.0, 0.0, 0.508},
    {"1 if True else 2 if False else 3", 0.0, 0.0, 1.0},
    {"{value}/{distance}", 3.0, 1.0, 0.3333333333333333},
    {"math.sqrt({distance})*-1", 2.0, 0.0, -1.4142135623730951},
    {"{value} - 1 == {distance}", 1.0, 2.0, 1.0},
    {"not 1 == 2", 0.0, 0.0, 1.0},
    {"3 - 2 - 1", 0.0, 0.0, 0.0},
    {"2 * 3 % 4", 0.0, 0.0, 2.0},
    {"1e22 // 3", 0.0, 0.0, 3.3333333333333335e+21},
    {"-2 ** 2", 0.0, 0.0, -4.0},
    {"+{value}", 0.0, -0.0, 0.0},
};

TEST(PythonExpression, GivesPythonsNumbers) {
  for (const Case& c : cases) {
    const PythonExpression expression(c.text, names);
    EXPECT_EQ(expression.evaluate(std::array{c.distance, c.value}), c.expected) << c.text;
  }
}

TEST(PythonExpression, KnowsWhichPlaceholdersItUses) {
  const PythonExpression expression("2*{value}", names);

  EXPECT_FALSE(expression.uses(0));
  EXPECT_TRUE(expression.uses(1));
}

std::string parse_error(const std::string& text) {
  try {
    PythonExpression expression(text, names, {"parameters.json", 4, 12, 1});
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PythonExpression, RefusesWhatItDoesNotKnow) {
  const std::string at = "parameters.json:4:12: error: ";
  EXPECT_EQ(parse_error("math.exq(1)"), at + "'math.exq(1)': the name 'math.exq' is not known at 'math.exq(1)' "
                                             "(position 1) [expression-name]\n  fix: did you mean 'math.exp'?");
  EXPECT_EQ(
      parse_error("__import__('os')"),
      at + "'__import__('os')': the name '__import__' is not known at '__import__('' (position 1) [expression-name]\n"
           "  fix: only arithmetic, comparisons and the functions of `math` are allowed");
  EXPECT_EQ(parse_error("{valu}*2"),
            at + "'{valu}*2': there is no value '{valu}' at '{valu}*2' (position 1) [expression-placeholder]\n"
                 "  fix: did you mean '{value}'?");
  EXPECT_EQ(parse_error("2{value}"), at + "'2{value}': unexpected text at '{value}' (position 2) [expression-syntax]");
  EXPECT_EQ(parse_error("{value}2"),
            at + "'{value}2': the placeholder would merge with the text beside it at '{value}2' (position 1) "
                 "[expression-placeholder]\n  fix: put an operator or a space between them");
  EXPECT_EQ(parse_error("1 +"), at + "'1 +': a value is missing at its end (position 4) [expression-syntax]");
  EXPECT_EQ(parse_error("(1"), at + "'(1': expected ')' at its end (position 3) [expression-syntax]");
  EXPECT_EQ(parse_error("math.exp(1, 2)"),
            at + "'math.exp(1, 2)': math.exp does not take 2 arguments at its end (position 15) [expression-syntax]");
  EXPECT_EQ(parse_error("1 if 2"), at + "'1 if 2': expected 'else' at its end (position 7) [expression-syntax]");
}

TEST(PythonExpression, RefusesDeepNestingInsteadOfOverflowingTheStack) {
  EXPECT_THAT(parse_error(std::string(100000, '(')), testing::HasSubstr("nested too deeply"));
  EXPECT_THAT(parse_error(std::string(100000, '-') + "1"), testing::HasSubstr("nested too deeply"));
}

std::string value_error(const std::string& text, double distance, double value) {
  try {
    PythonExpression(text, names).evaluate(std::array{distance, value});
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "no error";
}

TEST(PythonExpression, FailsWherePythonRaises) {
  EXPECT_EQ(
      value_error("{value}/{distance}", 0, 1),
      "error: '{value}/{distance}' has no value for distance = 0, value = 1: division by zero [expression-value]");
  EXPECT_EQ(value_error("math.log({distance})", -1, 0),
            "error: 'math.log({distance})' has no value for distance = -1, value = 0: math.log: math domain error "
            "[expression-value]");
  EXPECT_EQ(value_error("math.exp({distance})", 1000, 0),
            "error: 'math.exp({distance})' has no value for distance = 1000, value = 0: math.exp: math range error "
            "[expression-value]");
  EXPECT_EQ(value_error("({value})**0.5", 0, -1),
            "error: '({value})**0.5' has no value for distance = 0, value = -1: the power is a complex number "
            "[expression-value]");
  EXPECT_THAT(value_error("{value}", 0, std::numeric_limits<double>::quiet_NaN()),
              testing::HasSubstr("a value is not finite"));
}

}  // namespace
}  // namespace cellwright::text
