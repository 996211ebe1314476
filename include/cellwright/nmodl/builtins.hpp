#pragma once
/// The functions that NMODL expressions may call without declaring them: one table row each.

#include <span>
#include <string_view>

namespace cellwright::nmodl {

struct Builtin {
  std::string_view spelling;
  int arity;
  /// d f(x)/dx as NMODL text in the name x (two arguments x, y: `derivative_y` by the second); "" where the
  /// derivative is zero almost everywhere.
  std::string_view derivative;
  std::string_view derivative_y;
  /// Name of the function in the lane maths (double -> double, same argument order).
  std::string_view lane_function;
};

/// All rows, in alphabetical order.
std::span<const Builtin> builtins();
/// The row of a spelling or nullptr.
const Builtin* find_builtin(std::string_view spelling);

}  // namespace cellwright::nmodl
