#include "cellwright/text/hoc_function.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "text/python_expression_nodes.hpp"
#include "text/python_expression_parser.hpp"
#include "text/python_functions.hpp"

namespace cellwright::text {
namespace {

using Node = PythonExpression::Node;

/// Functions of the same meaning and number of arguments.
constexpr std::pair<std::string_view, std::string_view> same_functions[] = {
    {"math.exp", "exp"},   {"math.log10", "log10"}, {"math.sqrt", "sqrt"}, {"math.sin", "sin"}, {"math.cos", "cos"},
    {"math.atan", "atan"}, {"math.atan2", "atan2"}, {"math.tanh", "tanh"}, {"math.erf", "erf"}, {"math.erfc", "erfc"},
    {"math.fabs", "abs"},  {"abs", "abs"},          {"math.trunc", "int"}, {"int", "int"},      {"float", ""},
};

std::string_view comparison_text(Comparison comparison) {
  switch (comparison) {
    case Comparison::less:
      return "<";
    case Comparison::less_equal:
      return "<=";
    case Comparison::greater:
      return ">";
    case Comparison::greater_equal:
      return ">=";
    case Comparison::equal:
      return "==";
    case Comparison::not_equal:
      return "!=";
  }
  throw InternalError("unknown comparison");
}

/// Writes the tree as an expression; what needs statements (conditionals, floor) goes in front of it.
class HocWriter {
 public:
  HocWriter(const std::string& expression, const SourceSpan& span, std::size_t argument, std::span<const double> values)
      : expression_(expression), span_(span), argument_(argument), values_(values) {}

  /// An expression without loose operators around it.
  std::string write(const Node& node) {
    return std::visit([this](const auto& n) { return visit(n); }, node.content);
  }
  const std::string& statements() const { return statements_; }
  const std::vector<std::string>& locals() const { return locals_; }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw ConfigError(Diagnostic{.code = "hoc-expression",
                                 .message = fmt::format("'{}' cannot be written in hoc: {}", expression_, what),
                                 .span = span_,
                                 .fix = "rewrite the distribution with + - * / **, comparisons, exp, log, sqrt"});
  }

  std::string number(double value) const {
    if (!std::isfinite(value)) refuse("a number is not finite");
    return std::signbit(value) ? fmt::format("({:.17g})", value) : fmt::format("{:.17g}", value);
  }
  void statement(const std::string& text) { statements_ += fmt::format("{:{}}{}\n", "", indent_, text); }
  std::string new_local() { return locals_.emplace_back(fmt::format("t{}", locals_.size() + 1)); }

  std::string visit(const NumberNode& n) { return number(n.value.number); }
  std::string visit(const PlaceholderNode& n) { return n.index == argument_ ? "$1" : number(values_[n.index]); }
  std::string visit(const UnaryNode& n) {
    if (n.operation == '~') refuse("it has no bit operators");
    return fmt::format("({}{})", n.operation, write(*n.operand));
  }

  std::string visit(const BinaryNode& n) {
    if (n.operation == BinaryOperator::power) return power(n);
    if (n.operation == BinaryOperator::floor_divide)
      return rounded(fmt::format("({} / {})", write(*n.left), write(*n.right)), '>', "- 1");
    const std::string left = write(*n.left), right = write(*n.right);
    return fmt::format("({} {} {})", left, operator_of(n), right);
  }
  std::string operator_of(const BinaryNode& n) const {
    switch (n.operation) {
      case BinaryOperator::add:
        return "+";
      case BinaryOperator::subtract:
        return "-";
      case BinaryOperator::multiply:
        return "*";
      case BinaryOperator::divide:
        return "/";
      case BinaryOperator::bit_and:
      case BinaryOperator::bit_or:
        if (is_truth_value(*n.left) && is_truth_value(*n.right))
          return n.operation == BinaryOperator::bit_and ? "&&" : "||";
        refuse("it has '&' and '|' between comparisons only");
      default:
        refuse(fmt::format("it has no operator '{}'", operator_text(n.operation)));
    }
  }
  /// As text, a negative number in front of ** binds loosely: see PythonExpression.
  std::string power(const BinaryNode& n) {
    const auto* base = std::get_if<PlaceholderNode>(&n.left->content);
    const bool loose =
        base != nullptr && base->index != argument_ && !n.left->parenthesised && std::signbit(values_[base->index]);
    if (loose) return fmt::format("(-({} ^ {}))", number(-values_[base->index]), write(*n.right));
    const std::string left = write(*n.left);
    return fmt::format("({} ^ {})", left, write(*n.right));
  }

  static bool is_truth_value(const Node& node) {
    if (std::holds_alternative<CompareNode>(node.content)) return true;
    if (const auto* unary = std::get_if<UnaryNode>(&node.content)) return unary->operation == '!';
    const auto* binary = std::get_if<BinaryNode>(&node.content);
    return binary != nullptr &&
           (binary->operation == BinaryOperator::bit_and || binary->operation == BinaryOperator::bit_or) &&
           is_truth_value(*binary->left) && is_truth_value(*binary->right);
  }

  std::string visit(const CompareNode& n) {
    std::vector<std::string> operands;
    for (const NodePointer& operand : n.operands) operands.push_back(write(*operand));
    std::vector<std::string> parts;
    for (std::size_t k = 0; k < n.comparisons.size(); ++k)
      parts.push_back(fmt::format("({} {} {})", operands[k], comparison_text(n.comparisons[k]), operands[k + 1]));
    return parts.size() == 1 ? parts.front() : fmt::format("({})", fmt::join(parts, " && "));
  }

  /// Writes statements that are carried out if a condition holds.
  template <class Body>
  void block(const std::string& head, const Body& body) {
    statement(head + " {");
    indent_ += 2;
    body();
    indent_ -= 2;
    statement("}");
  }
  void assign(const std::string& local, const Node& node) {
    const std::string value = write(node);
    statement(fmt::format("{} = {}", local, value));
  }

  /// Python's `and` and `or` give the operand that decides.
  std::string visit(const LogicNode& n) {
    const std::string result = new_local();
    assign(result, *n.left);
    block(fmt::format("if ({} {} 0)", result, n.is_or ? "==" : "!="), [&] { assign(result, *n.right); });
    return result;
  }
  std::string visit(const ConditionalNode& n) {
    const std::string condition = new_local(), result = new_local();
    assign(condition, *n.condition);
    block(fmt::format("if ({} != 0)", condition), [&] { assign(result, *n.if_true); });
    block(fmt::format("if ({} == 0)", condition), [&] { assign(result, *n.if_false); });
    return result;
  }

  /// floor and ceil from int, which cuts off. @param wrong_side  how the cut number stands to the number.
  std::string rounded(const std::string& value, char wrong_side, std::string_view correction) {
    const std::string exact = new_local(), result = new_local();
    statement(fmt::format("{} = {}", exact, value));
    statement(fmt::format("{} = int({})", result, exact));
    block(fmt::format("if ({} {} {})", result, wrong_side, exact),
          [&] { statement(fmt::format("{} = {} {}", result, result, correction)); });
    return result;
  }
  std::string extreme(const std::vector<std::string>& arguments, char better) {
    const std::string result = new_local();
    statement(fmt::format("{} = {}", result, arguments.front()));
    for (std::size_t k = 1; k < arguments.size(); ++k) {
      const std::string other = new_local();
      statement(fmt::format("{} = {}", other, arguments[k]));
      block(fmt::format("if ({} {} {})", other, better, result),
            [&] { statement(fmt::format("{} = {}", result, other)); });
    }
    return result;
  }
  std::string visit(const CallNode& n) {
    std::vector<std::string> arguments;
    for (const NodePointer& argument : n.arguments) arguments.push_back(write(*argument));
    const std::string_view name = n.function->name;
    for (const auto& [python, hoc] : same_functions) {
      if (python == name) return fmt::format("{}({})", hoc, fmt::join(arguments, ", "));
    }
    if (name == "math.floor") return rounded(arguments[0], '>', "- 1");
    if (name == "math.ceil") return rounded(arguments[0], '<', "+ 1");
    if (name == "min") return extreme(arguments, '<');
    if (name == "max") return extreme(arguments, '>');
    if (name == "pow" || name == "math.pow") return fmt::format("(({}) ^ ({}))", arguments[0], arguments[1]);
    if (name == "bool") return fmt::format("({} != 0)", arguments[0]);
    if (name == "math.log")
      return arguments.size() == 1 ? fmt::format("log({})", arguments[0])
                                   : fmt::format("(log({}) / log({}))", arguments[0], arguments[1]);
    refuse(fmt::format("it has no '{}'", name));
  }

  const std::string& expression_;
  const SourceSpan& span_;
  std::size_t argument_;
  std::span<const double> values_;
  std::string statements_;
  std::vector<std::string> locals_;
  int indent_ = 2;
};

}  // namespace

std::string hoc_function(const std::string& name, const std::string& expression,
                         const std::vector<std::string>& placeholders, std::size_t argument,
                         std::span<const double> values, const SourceSpan& span) {
  const auto root = parse_python_expression(expression, placeholders, span);
  HocWriter writer(expression, span, argument, values);
  const std::string result = writer.write(*root);
  const std::string locals = writer.locals().empty() ? "" : fmt::format(" local {}", fmt::join(writer.locals(), ", "));
  return fmt::format("func {}() {{{}\n{}  return {}\n}}\n", name, locals, writer.statements(), result);
}

}  // namespace cellwright::text
