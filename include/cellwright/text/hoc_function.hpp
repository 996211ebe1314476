#pragma once
/// The language of PythonExpression in NEURON's language hoc.

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::text {

/// The definition `func NAME() { ... }` of a hoc function of one argument that computes the expression.
///
/// hoc computes in doubles only and has fewer functions than Python's `math`: exp, log, log10, sqrt, sin, cos, atan,
/// atan2, tanh, erf, erfc, abs, powers, int, floor and ceil go over, as do comparisons, `and`, `or`, `not`,
/// conditionals, min and max. `&` and `|` go over between truth values only.
/// @param expression    a PythonExpression's text. @param placeholders  its placeholders. @param span  where it stands.
/// @param argument      the index of the placeholder that becomes the function's argument.
/// @param values        one per placeholder: the numbers written in place of the others, with 17 digits.
/// @note hoc compares with a tolerance unless float_epsilon is tiny.
/// @throws ConfigError "hoc-expression" for what hoc cannot say, and what PythonExpression's constructor throws.
std::string hoc_function(const std::string& name, const std::string& expression,
                         const std::vector<std::string>& placeholders, std::size_t argument,
                         std::span<const double> values, const SourceSpan& span = {});

}  // namespace cellwright::text
