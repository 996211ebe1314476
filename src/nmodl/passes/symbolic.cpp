#include "nmodl/passes/symbolic.hpp"

#include <algorithm>
#include <cmath>

#include "nmodl/semantics/symbols.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

bool is_number(const Expression& e, double value) {
  const auto* number = std::get_if<Number>(&e.node);
  return number != nullptr && number->value == value;
}
bool is_minus_one(const Expression& e) {
  const auto* unary = std::get_if<Unary>(&e.node);
  return unary != nullptr && unary->op == UnaryOperator::negate && is_number(*unary->operand, 1);
}
const Unary* as_negation(const Expression& e) {
  const auto* unary = std::get_if<Unary>(&e.node);
  return unary != nullptr && unary->op == UnaryOperator::negate ? unary : nullptr;
}

/// What e is the exact negative of, if a minus sign stands in front of it or of its first factor: -x, -x*y, -x/y.
std::optional<Expression> negated(const Expression& e) {
  if (const Unary* minus = as_negation(e)) return *minus->operand;
  const auto* binary = std::get_if<Binary>(&e.node);
  if (binary == nullptr || (binary->op != BinaryOperator::multiply && binary->op != BinaryOperator::divide)) {
    return std::nullopt;
  }
  const Unary* minus = as_negation(*binary->left);
  if (minus == nullptr) return std::nullopt;
  return Expression{Binary{binary->op, minus->operand, binary->right}, e.place};
}

Expression make_binary(BinaryOperator op, Expression left, Expression right) {
  const Place place = left.place.line > 0 ? left.place : right.place;
  return {Binary{op, std::move(left), std::move(right)}, place};
}

}  // namespace

std::optional<double> value_of(BinaryOperator op, double left, double right) {
  switch (op) {
    case BinaryOperator::add:
      return left + right;
    case BinaryOperator::subtract:
      return left - right;
    case BinaryOperator::multiply:
      return left * right;
    case BinaryOperator::divide:
      return left / right;
    case BinaryOperator::power:
      return std::pow(left, right);
    default:
      return std::nullopt;
  }
}

Expression make_number(double value) {
  if (std::signbit(value)) return {Unary{UnaryOperator::negate, Expression{Number{-value, ""}, {}}}, {}};
  return {Number{value, ""}, {}};
}

Expression make_name(const std::string& name) { return {Name{name, {}}, {}}; }
bool is_one(const Expression& e) { return is_number(e, 1); }

Expression make_sum(Expression left, Expression right) {
  if (is_number(left, 0)) return right;
  if (is_number(right, 0)) return left;
  if (auto positive = negated(right)) return make_difference(std::move(left), std::move(*positive));
  return make_binary(BinaryOperator::add, std::move(left), std::move(right));
}

Expression make_difference(Expression left, Expression right) {
  if (is_number(right, 0)) return left;
  if (is_number(left, 0)) return make_negation(std::move(right));
  if (auto positive = negated(right)) return make_sum(std::move(left), std::move(*positive));
  return make_binary(BinaryOperator::subtract, std::move(left), std::move(right));
}

Expression make_product(Expression left, Expression right) {
  if (is_number(left, 0)) return left;
  if (is_number(right, 0)) return right;
  if (is_number(left, 1)) return right;
  if (is_number(right, 1)) return left;
  if (is_minus_one(left)) return make_negation(std::move(right));
  if (is_minus_one(right)) return make_negation(std::move(left));
  return make_binary(BinaryOperator::multiply, std::move(left), std::move(right));
}

Expression make_quotient(Expression left, Expression right) {
  if (is_number(right, 1) || is_number(left, 0)) return left;
  if (is_minus_one(right)) return make_negation(std::move(left));
  return make_binary(BinaryOperator::divide, std::move(left), std::move(right));
}

Expression make_power(Expression base, Expression exponent) {
  if (is_number(exponent, 1)) return base;
  if (is_number(exponent, 0)) return make_number(1);
  return make_binary(BinaryOperator::power, std::move(base), std::move(exponent));
}

/// -(x - y) = y - x and -(-x - y) = x + y: exact in floating point but for the sign of a zero.
Expression make_negation(Expression operand) {
  if (is_number(operand, 0)) return operand;
  if (const Unary* minus = as_negation(operand)) return Expression(*minus->operand);
  if (auto* binary = std::get_if<Binary>(&operand.node); binary != nullptr && binary->op == BinaryOperator::subtract) {
    if (const Unary* minus = as_negation(*binary->left)) {
      return make_sum(Expression(*minus->operand), std::move(*binary->right));
    }
    return make_difference(std::move(*binary->right), std::move(*binary->left));
  }
  const Place place = operand.place;
  return {Unary{UnaryOperator::negate, std::move(operand)}, place};
}

Expression make_call(const std::string& name, Expression argument) {
  const Place place = argument.place;
  Call call{name, {}};
  call.arguments.push_back(std::move(argument));
  return {std::move(call), place};
}

namespace {

Expression rebuild(const Binary& node) {
  Expression left = simplify(*node.left);
  Expression right = simplify(*node.right);
  switch (node.op) {
    case BinaryOperator::add:
      return make_sum(std::move(left), std::move(right));
    case BinaryOperator::subtract:
      return make_difference(std::move(left), std::move(right));
    case BinaryOperator::multiply:
      return make_product(std::move(left), std::move(right));
    case BinaryOperator::divide:
      return make_quotient(std::move(left), std::move(right));
    case BinaryOperator::power:
      return make_power(std::move(left), std::move(right));
    default:
      return make_binary(node.op, std::move(left), std::move(right));
  }
}

}  // namespace

Expression simplify(const Expression& expression) {
  if (const auto* binary = std::get_if<Binary>(&expression.node)) return rebuild(*binary);
  if (const Unary* minus = as_negation(expression)) return make_negation(simplify(*minus->operand));
  Expression result = expression;
  for_each_child(result, [](Expression& child) { child = simplify(child); });
  return result;
}

bool depends_on(const Expression& expression, const Name& variable) {
  bool found = false;
  walk_expression(expression, [&](const Expression& e) {
    const auto* name = std::get_if<Name>(&e.node);
    if (name == nullptr || name->name != variable.name) return;
    if (name->index && variable.index) {
      const auto a = literal_value(*name->index);
      const auto b = literal_value(*variable.index);
      if (a && b && *a != *b) return;
    }
    found = true;
  });
  return found;
}

namespace {

using Form = std::optional<LinearForm>;

template <class Builder>
std::optional<Expression> combine(const std::optional<Expression>& left, const std::optional<Expression>& right,
                                  const Builder& build, bool negate_lonely_right) {
  if (left && right) return build(*left, *right);
  if (left) return left;
  if (right) return negate_lonely_right ? make_negation(*right) : *right;
  return std::nullopt;
}

template <class Change>
Form mapped(const Form& form, const Change& change) {
  if (!form) return std::nullopt;
  LinearForm result;
  if (form->a) result.a = change(*form->a);
  if (form->b) result.b = change(*form->b);
  return result;
}

Form linear_binary(const Binary& node, const Name& x) {
  const bool left_depends = depends_on(*node.left, x);
  const bool right_depends = depends_on(*node.right, x);
  const Expression& left = *node.left;
  const Expression& right = *node.right;
  if (node.op == BinaryOperator::multiply && !(left_depends && right_depends)) {
    if (left_depends) return mapped(linear_form(left, x), [&](const Expression& e) { return make_product(e, right); });
    return mapped(linear_form(right, x), [&](const Expression& e) { return make_product(left, e); });
  }
  if (node.op == BinaryOperator::divide && !right_depends) {
    return mapped(linear_form(left, x), [&](const Expression& e) { return make_quotient(e, right); });
  }
  if (node.op != BinaryOperator::add && node.op != BinaryOperator::subtract) return std::nullopt;
  const Form l = linear_form(left, x);
  const Form r = linear_form(right, x);
  if (!l || !r) return std::nullopt;
  const bool difference = node.op == BinaryOperator::subtract;
  const auto build = [&](const Expression& p, const Expression& q) {
    return difference ? make_difference(p, q) : make_sum(p, q);
  };
  return LinearForm{combine(l->a, r->a, build, difference), combine(l->b, r->b, build, difference)};
}

}  // namespace

std::optional<LinearForm> linear_form(const Expression& rhs, const Name& x) {
  if (!depends_on(rhs, x)) {
    if (is_number(rhs, 0)) return LinearForm{};
    return LinearForm{std::nullopt, rhs};
  }
  if (const auto* name = std::get_if<Name>(&rhs.node)) {
    if (*name == x) return LinearForm{make_number(1), std::nullopt};
    return std::nullopt;  // an element whose index cannot be compared
  }
  if (const Unary* minus = as_negation(rhs)) {
    return mapped(linear_form(*minus->operand, x), [](const Expression& e) { return make_negation(e); });
  }
  if (const auto* binary = std::get_if<Binary>(&rhs.node)) return linear_binary(*binary, x);
  return std::nullopt;
}

Expression linear_target(const Expression& rhs, const Name& x, const LinearForm& form) {
  // Factors free of x multiply a and b alike: look below them.
  const Expression* inner = nullptr;
  if (const Unary* minus = as_negation(rhs)) inner = &*minus->operand;
  if (const auto* binary = std::get_if<Binary>(&rhs.node)) {
    const bool product = binary->op == BinaryOperator::multiply;
    if ((product || binary->op == BinaryOperator::divide) && !depends_on(*binary->right, x)) inner = &*binary->left;
    if (product && !depends_on(*binary->left, x)) inner = &*binary->right;
  }
  if (inner != nullptr) return linear_target(*inner, x, *linear_form(*inner, x));
  if (!form.b) return make_number(0);
  return make_quotient(*form.b, make_negation(*form.a));
}

}  // namespace cellwright::nmodl
