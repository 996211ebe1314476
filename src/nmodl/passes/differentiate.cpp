#include "cellwright/nmodl/builtins.hpp"
#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"
#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {
namespace {

/// Puts the arguments of a call for x and y of a derivative's text.
void substitute_arguments(Expression& formula, const std::vector<Expression>& arguments) {
  if (const auto* name = std::get_if<Name>(&formula.node)) {
    const std::size_t which = name->name == "x" ? 0 : 1;
    const Expression argument = arguments[which];
    formula = argument;
    return;
  }
  for_each_child(formula, [&](Expression& child) { substitute_arguments(child, arguments); });
}

std::optional<Expression> differentiate_call(const Call& call, const Name& variable) {
  const Builtin* builtin = find_builtin(call.name);
  if (builtin == nullptr || call.arguments.size() != static_cast<std::size_t>(builtin->arity)) return std::nullopt;
  Expression sum = make_number(0);
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const auto inner = differentiate(call.arguments[i], variable);
    if (!inner) return std::nullopt;
    const std::string_view text = i == 0 ? builtin->derivative : builtin->derivative_y;
    if (text.empty() || *inner == make_number(0)) continue;
    std::optional<Expression> outer = parse_derivative(text);
    if (!outer) return std::nullopt;
    substitute_arguments(*outer, call.arguments);
    sum = make_sum(std::move(sum), make_product(*inner, std::move(*outer)));
  }
  return sum;
}

/// f^g: g*f^(g - 1)*f' for a constant g, else f^g*(g'*log(f) + g*f'/f).
Expression differentiate_power(const Expression& f, const Expression& g, const Expression& df, const Expression& dg) {
  const Expression zero = make_number(0);
  if (dg == zero) {
    Expression exponent = make_difference(g, make_number(1));
    if (const auto* number = std::get_if<Number>(&g.node)) exponent = make_number(number->value - 1);
    return make_product(make_product(g, make_power(f, std::move(exponent))), df);
  }
  Expression from_exponent = make_product(dg, make_call("log", f));
  Expression from_base = make_quotient(make_product(g, df), f);
  return make_product(make_power(f, g), make_sum(std::move(from_exponent), std::move(from_base)));
}

std::optional<Expression> differentiate_binary(const Binary& node, const Name& variable) {
  const Expression& f = *node.left;
  const Expression& g = *node.right;
  const auto df = differentiate(f, variable);
  const auto dg = differentiate(g, variable);
  if (!df || !dg) return std::nullopt;
  switch (node.op) {
    case BinaryOperator::add:
      return make_sum(*df, *dg);
    case BinaryOperator::subtract:
      return make_difference(*df, *dg);
    case BinaryOperator::multiply:
      return make_sum(make_product(*df, g), make_product(f, *dg));
    case BinaryOperator::divide:
      if (*dg == make_number(0)) return make_quotient(*df, g);
      return make_quotient(make_difference(make_product(*df, g), make_product(f, *dg)), make_product(g, g));
    case BinaryOperator::power:
      return differentiate_power(f, g, *df, *dg);
    default:
      return std::nullopt;
  }
}

}  // namespace

std::optional<Expression> parse_derivative(std::string_view text) {
  const Module empty;
  DiagnosticList problems;
  Reporter reporter(empty, problems);
  return Parser(text, 0, reporter).parse_single_expression();
}

std::optional<Expression> differentiate(const Expression& expression, const Name& variable) {
  if (!depends_on(expression, variable)) return make_number(0);
  if (const auto* name = std::get_if<Name>(&expression.node)) {
    if (*name == variable) return make_number(1);
    return std::nullopt;
  }
  if (const auto* unary = std::get_if<Unary>(&expression.node)) {
    const auto inner = differentiate(*unary->operand, variable);
    if (!inner || unary->op != UnaryOperator::negate) return std::nullopt;
    return make_negation(*inner);
  }
  if (const auto* binary = std::get_if<Binary>(&expression.node)) return differentiate_binary(*binary, variable);
  if (const auto* call = std::get_if<Call>(&expression.node)) return differentiate_call(*call, variable);
  return std::nullopt;
}

}  // namespace cellwright::nmodl
