#pragma once
/// The tree of a PythonExpression.

#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "cellwright/text/python_expression.hpp"

namespace cellwright::text {

/// A Python number: an int (also a bool) or a float.
struct PythonValue {
  double number = 0;
  bool integer = false;
};

/// Python would raise here.
struct PythonValueError {
  std::string reason;
};

struct PythonFunction;

enum class BinaryOperator {
  add,
  subtract,
  multiply,
  divide,
  floor_divide,
  modulo,
  power,
  bit_and,
  bit_or,
  bit_xor,
  shift_left,
  shift_right
};
enum class Comparison { less, less_equal, greater, greater_equal, equal, not_equal };

using NodePointer = std::unique_ptr<PythonExpression::Node>;

struct NumberNode {
  PythonValue value;
};
struct PlaceholderNode {
  std::size_t index;
};
struct UnaryNode {
  char operation;  ///< '-', '+', '~' or '!' for `not`
  NodePointer operand;
};
struct BinaryNode {
  BinaryOperator operation;
  NodePointer left, right;
};
struct CompareNode {
  std::vector<NodePointer> operands;  ///< one more than comparisons
  std::vector<Comparison> comparisons;
};
struct LogicNode {
  bool is_or;
  NodePointer left, right;
};
struct ConditionalNode {
  NodePointer condition, if_true, if_false;
};
struct CallNode {
  const PythonFunction* function;
  std::vector<NodePointer> arguments;
};

struct PythonExpression::Node {
  std::variant<NumberNode, PlaceholderNode, UnaryNode, BinaryNode, CompareNode, LogicNode, ConditionalNode, CallNode>
      content;
  bool parenthesised = false;
};

}  // namespace cellwright::text
