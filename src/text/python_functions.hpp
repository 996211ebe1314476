#pragma once
/// The functions and constants that a PythonExpression may use, one table row each.

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "text/python_expression_nodes.hpp"

namespace cellwright::text {

struct PythonFunction {
  std::string_view name;  ///< as written: "math.exp", "abs"
  std::size_t least_arguments, most_arguments;
  PythonValue (*call)(std::span<const PythonValue> arguments);
};

const PythonFunction* find_python_function(std::string_view name);
std::optional<PythonValue> find_python_constant(std::string_view name);
/// All names, for suggestions.
std::vector<std::string> python_names();

/// Calls and turns what Python would raise (domain, overflow) into a PythonValueError.
PythonValue call_python_function(const PythonFunction& function, std::span<const PythonValue> arguments);

/// a ** b by Python's rules: whole numbers stay whole, a complex result and 0 to a negative power are errors.
PythonValue python_power(PythonValue a, PythonValue b);

}  // namespace cellwright::text
