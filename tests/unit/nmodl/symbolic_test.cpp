#include "nmodl/passes/symbolic.hpp"

#include <cmath>
#include <map>

#include <gmock/gmock.h>

#include "cellwright/nmodl/builtins.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {
namespace {

Expression parse(const std::string& text) {
  const Module module = parse_nmodl("BREAKPOINT { r = " + text + " }", "case.mod");
  return std::get<Assignment>(std::get<CodeBlock>(module.items.front().node).body.front().node).value;
}

using Values = std::map<std::string, double>;

double call(const std::string& name, const std::vector<double>& x) {
  if (name == "exp") return std::exp(x[0]);
  if (name == "log") return std::log(x[0]);
  if (name == "log10") return std::log10(x[0]);
  if (name == "sin") return std::sin(x[0]);
  if (name == "cos") return std::cos(x[0]);
  if (name == "tan") return std::tan(x[0]);
  if (name == "asin") return std::asin(x[0]);
  if (name == "acos") return std::acos(x[0]);
  if (name == "atan") return std::atan(x[0]);
  if (name == "atan2") return std::atan2(x[0], x[1]);
  if (name == "sinh") return std::sinh(x[0]);
  if (name == "cosh") return std::cosh(x[0]);
  if (name == "tanh") return std::tanh(x[0]);
  if (name == "sqrt") return std::sqrt(x[0]);
  if (name == "fabs") return std::fabs(x[0]);
  if (name == "floor") return std::floor(x[0]);
  if (name == "ceil") return std::ceil(x[0]);
  if (name == "fmod") return std::fmod(x[0], x[1]);
  if (name == "pow") return std::pow(x[0], x[1]);
  throw std::runtime_error("no function " + name);
}

double evaluate(const Expression& e, const Values& values) {
  if (const auto* number = std::get_if<Number>(&e.node)) return number->value;
  if (const auto* name = std::get_if<Name>(&e.node)) return values.at(name->name);
  if (const auto* unary = std::get_if<Unary>(&e.node)) return -evaluate(*unary->operand, values);
  if (const auto* function = std::get_if<Call>(&e.node)) {
    std::vector<double> arguments;
    for (const Expression& argument : function->arguments) arguments.push_back(evaluate(argument, values));
    return call(function->name, arguments);
  }
  const auto& binary = std::get<Binary>(e.node);
  const double left = evaluate(*binary.left, values);
  const double right = evaluate(*binary.right, values);
  switch (binary.op) {
    case BinaryOperator::add:
      return left + right;
    case BinaryOperator::subtract:
      return left - right;
    case BinaryOperator::multiply:
      return left * right;
    case BinaryOperator::divide:
      return left / right;
    default:
      return std::pow(left, right);
  }
}

void expect_derivative(const std::string& text) {
  const Expression e = parse(text);
  const auto derivative = differentiate(e, {"x", {}});
  ASSERT_TRUE(derivative) << text;
  for (const double x : {0.13, 0.42, 0.77}) {
    Values values = {{"x", x}, {"y", 1.7}};
    const double h = 1e-5;
    const double exact = evaluate(*derivative, values);
    values["x"] = x + h;
    const double above = evaluate(e, values);
    values["x"] = x - h;
    const double below = evaluate(e, values);
    EXPECT_NEAR(exact, (above - below) / (2 * h), 2e-8 * (1 + std::fabs(exact))) << text << " at " << x;
  }
}

TEST(Differentiate, EveryBuiltinAgainstFiniteDifferences) {
  for (const Builtin& builtin : builtins()) {
    const std::string name(builtin.spelling);
    if (builtin.arity == 1) {
      expect_derivative(name + "(x)");
      expect_derivative("y*" + name + "(x*x*0.9)");
    } else {
      expect_derivative(name + "(x + 2, y)");
      expect_derivative(name + "(y + 1, x + 1.1)");
      expect_derivative(name + "(x + 1, x*x + 0.8)");
    }
  }
}

TEST(Differentiate, OperatorsAgainstFiniteDifferences) {
  for (const char* text : {"x", "y", "-x*x", "x/(1 + x)", "(y - x)/exp(-x/y)", "x^3", "x^-2", "2^x", "x^x",
                           "(x + y)^(x*y)", "1 - x - x*y/x"}) {
    expect_derivative(text);
  }
}

TEST(Differentiate, IsReadable) {
  const auto text = [](const char* e) { return print_nmodl(*differentiate(parse(e), {"x", {}})); };
  EXPECT_EQ(text("3*x + y"), "3");
  EXPECT_EQ(text("g*x^4"), "g*(4*x^3)");
  EXPECT_EQ(text("exp(-x/k)"), "-1/k*exp(-x/k)");
  EXPECT_EQ(text("g*m*(x - e)"), "g*m");
  EXPECT_EQ(text("y"), "0");
}

TEST(Differentiate, RefusesWhatItCannotKnow) {
  EXPECT_FALSE(differentiate(parse("unknown(x)"), {"x", {}}));
  EXPECT_FALSE(differentiate(parse("x < 2"), {"x", {}}));
  EXPECT_TRUE(differentiate(parse("unknown(y) + x"), {"x", {}}));
}

TEST(LinearForm, SplitsWhatIsLinear) {
  const auto form = linear_form(parse("2*(inf - 3*x)/tau - x*f(y)"), {"x", {}});

  ASSERT_TRUE(form);
  EXPECT_EQ(print_nmodl(*form->a), "2*-3/tau - f(y)");
  EXPECT_EQ(print_nmodl(*form->b), "2*inf/tau");
}

TEST(LinearForm, RefusesTheRest) {
  for (const char* text : {"x*x", "1/x", "exp(x)", "x^2", "2^x", "f(x)", "x < 1", "(1 - x)*(2 + x)"}) {
    EXPECT_FALSE(linear_form(parse(text), {"x", {}})) << text;
  }
}

TEST(LinearTarget, CancelsCommonFactors) {
  const auto target = [](const char* text) {
    const Expression e = parse(text);
    return print_nmodl(linear_target(e, {"x", {}}, *linear_form(e, {"x", {}})));
  };
  EXPECT_EQ(target("(inf - x)/tau"), "inf");
  EXPECT_EQ(target("-(x - inf)*q/tau"), "inf");
  EXPECT_EQ(target("a*(1 - x) - b*x"), "a/(a + b)");
  EXPECT_EQ(target("influx - (x - rest)/tau"), "(influx + rest/tau)/(1/tau)");
}

TEST(Simplify, LeavesOutNeutralElements) {
  EXPECT_EQ(print_nmodl(simplify(parse("0 + 1*(a - 0)/1 + 0*b"))), "a");
  EXPECT_EQ(print_nmodl(simplify(parse("--a*(b^1)"))), "a*b");
}

}  // namespace
}  // namespace cellwright::nmodl
