#include "cellwright/text/python_expression.hpp"

#include <cmath>

#include <fmt/format.h>

#include "text/python_expression_parser.hpp"
#include "text/python_functions.hpp"

namespace cellwright::text {
namespace {

using Node = PythonExpression::Node;

/// Integers beyond this are no longer exact in a double; %.17g writes them with an exponent from 1e17 on.
constexpr double largest_plain_integer = 1e17;

PythonValue from_text_of(double value) {
  if (!std::isfinite(value)) throw PythonValueError{"a value is not finite"};
  const bool integer = value == std::trunc(value) && std::fabs(value) < largest_plain_integer;
  return {integer ? value + 0.0 : value, integer};
}

double python_modulo(double a, double b) {
  const double r = std::fmod(a, b);
  return r != 0 && (r < 0) != (b < 0) ? r + b : r;
}

PythonValue divide(char kind, PythonValue a, PythonValue b) {
  if (b.number == 0) throw PythonValueError{"division by zero"};
  const bool integer = a.integer && b.integer;
  if (kind == '/') return {a.number / b.number, false};
  if (kind == '%') return {python_modulo(a.number, b.number), integer};
  return {std::floor(a.number / b.number), integer};
}

std::int64_t as_integer(PythonValue value, const char* operation) {
  if (!value.integer) throw PythonValueError{fmt::format("'{}' needs whole numbers", operation)};
  return static_cast<std::int64_t>(value.number);
}

PythonValue bitwise(BinaryOperator operation, PythonValue a, PythonValue b) {
  const std::int64_t x = as_integer(a, operator_text(operation)), y = as_integer(b, operator_text(operation));
  const auto integer = [](std::int64_t value) { return PythonValue{static_cast<double>(value), true}; };
  switch (operation) {
    case BinaryOperator::bit_and:
      return integer(x & y);
    case BinaryOperator::bit_or:
      return integer(x | y);
    case BinaryOperator::bit_xor:
      return integer(x ^ y);
    default:
      break;
  }
  if (y < 0) throw PythonValueError{"negative shift count"};
  const double factor = std::ldexp(1.0, static_cast<int>(std::min<std::int64_t>(y, 1100)));
  return {operation == BinaryOperator::shift_left ? a.number * factor : std::floor(a.number / factor), true};
}

PythonValue binary(BinaryOperator operation, PythonValue a, PythonValue b) {
  const bool integer = a.integer && b.integer;
  switch (operation) {
    case BinaryOperator::add:
      return {a.number + b.number, integer};
    case BinaryOperator::subtract:
      return {a.number - b.number, integer};
    case BinaryOperator::multiply:
      return {a.number * b.number, integer};
    case BinaryOperator::divide:
      return divide('/', a, b);
    case BinaryOperator::floor_divide:
      return divide('f', a, b);
    case BinaryOperator::modulo:
      return divide('%', a, b);
    case BinaryOperator::power:
      return python_power(a, b);
    default:
      return bitwise(operation, a, b);
  }
}

bool compare(Comparison comparison, double a, double b) {
  switch (comparison) {
    case Comparison::less:
      return a < b;
    case Comparison::less_equal:
      return a <= b;
    case Comparison::greater:
      return a > b;
    case Comparison::greater_equal:
      return a >= b;
    case Comparison::equal:
      return a == b;
    case Comparison::not_equal:
      return a != b;
  }
  return false;
}

/// Evaluates one expression with one set of values.
class Evaluation {
 public:
  explicit Evaluation(std::span<const double> values) : values_(values) {}

  PythonValue operator()(const Node& node) const {
    return std::visit([this](const auto& n) { return visit(n); }, node.content);
  }

 private:
  PythonValue visit(const NumberNode& n) const { return n.value; }
  PythonValue visit(const PlaceholderNode& n) const { return from_text_of(values_[n.index]); }
  PythonValue visit(const UnaryNode& n) const {
    const PythonValue value = (*this)(*n.operand);
    if (n.operation == '-') return {value.integer ? 0.0 - value.number : -value.number, value.integer};
    if (n.operation == '+') return value;
    if (n.operation == '!') return {value.number == 0 ? 1.0 : 0.0, true};
    return {static_cast<double>(~as_integer(value, "~")), true};
  }
  PythonValue visit(const BinaryNode& n) const {
    // "{value}**2" is text to Python: a minus sign in front of the number binds looser than **.
    const auto* base = std::get_if<PlaceholderNode>(&n.left->content);
    if (n.operation == BinaryOperator::power && base && !n.left->parenthesised && std::signbit(values_[base->index])) {
      const PythonValue positive = from_text_of(-values_[base->index]);
      const PythonValue power = python_power(positive, (*this)(*n.right));
      return {-power.number, power.integer};
    }
    const PythonValue left = (*this)(*n.left);
    return binary(n.operation, left, (*this)(*n.right));
  }
  PythonValue visit(const CompareNode& n) const {
    PythonValue left = (*this)(*n.operands[0]);
    for (std::size_t k = 0; k < n.comparisons.size(); ++k) {
      const PythonValue right = (*this)(*n.operands[k + 1]);
      if (!compare(n.comparisons[k], left.number, right.number)) return {0, true};
      left = right;
    }
    return {1, true};
  }
  PythonValue visit(const LogicNode& n) const {
    const PythonValue left = (*this)(*n.left);
    return (left.number != 0) == n.is_or ? left : (*this)(*n.right);
  }
  PythonValue visit(const ConditionalNode& n) const {
    return (*this)((*this)(*n.condition).number != 0 ? *n.if_true : *n.if_false);
  }
  PythonValue visit(const CallNode& n) const {
    std::vector<PythonValue> arguments;
    for (const auto& argument : n.arguments) arguments.push_back((*this)(*argument));
    return call_python_function(*n.function, arguments);
  }

  std::span<const double> values_;
};

}  // namespace

PythonExpression::PythonExpression(std::string_view text, std::vector<std::string> placeholders, const SourceSpan& span)
    : text_(text),
      placeholders_(std::move(placeholders)),
      span_(span),
      root_(parse_python_expression(text_, placeholders_, span_)) {}

double PythonExpression::evaluate(std::span<const double> values) const {
  if (values.size() != placeholders_.size()) throw InternalError("PythonExpression::evaluate: wrong number of values");
  try {
    return Evaluation(values)(*root_).number;
  } catch (const PythonValueError& error) {
    std::string with;
    for (std::size_t k = 0; k < values.size(); ++k)
      with += fmt::format("{}{} = {}", k == 0 ? "" : ", ", placeholders_[k], values[k]);
    throw ConfigError(Diagnostic{
        .code = "expression-value",
        .message = fmt::format("'{}' has no value{}{}: {}", text_, with.empty() ? "" : " for ", with, error.reason),
        .span = span_});
  }
}

bool PythonExpression::uses(std::size_t index) const { return node_uses(*root_, index); }

}  // namespace cellwright::text
