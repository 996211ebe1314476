#pragma once
/// The language of BluePyOpt's distance distributions: a Python expression with {placeholders}, parsed, never executed.
///
/// BluePyOpt writes numbers into the text and lets Python evaluate it. This parser takes the same texts and gives the
/// same numbers, but knows only: numbers; {placeholders}; + - * / // % **, unary + - ~, & | ^ << >>; comparisons (also
/// chained), `and`, `or`, `not`; `a if c else b`; parentheses; abs, int, float, bool, min, max, pow, round (to a whole
/// number); True, False; math.pi, math.e, math.tau, math.inf, math.nan and the functions of `math` with one or two real
/// arguments.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::text {

/// A parsed expression. Immutable and cheap to copy; evaluation is thread-safe.
///
/// @note As Python would see them, placeholders are text: a number without fraction and exponent in its %.17g form is
/// an
///   integer, and a negative value binds loosely, so that "{value}**2" with -5 gives -25. A placeholder that touches a
///   letter, digit or dot is refused: it would merge with it.
/// @note Integers are exact up to 2^53 only; Python's are unlimited.
class PythonExpression {
 public:
  /// @param text the expression.
  /// @param placeholders the names that may stand in braces, in the order in which evaluate() gets their values.
  /// @param span where the text stands, for messages.
  /// @throws ConfigError "expression-syntax", "expression-name" (an unknown name, with the nearest one) or
  ///   "expression-placeholder"; the message tells the position in the text.
  PythonExpression(std::string_view text, std::vector<std::string> placeholders, const SourceSpan& span = {});

  /// @param values one per placeholder.
  /// @throws ConfigError "expression-value" where Python would raise: division by zero, math domain, a value that is
  /// NaN
  ///   or infinite (its text is no number in Python), a complex result.
  double evaluate(std::span<const double> values) const;

  const std::string& text() const { return text_; }
  /// Whether placeholder number `index` occurs.
  bool uses(std::size_t index) const;

  struct Node;

 private:
  std::string text_;
  std::vector<std::string> placeholders_;
  SourceSpan span_;
  std::shared_ptr<const Node> root_;
};

}  // namespace cellwright::text
