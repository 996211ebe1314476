#pragma once
/// Why the right side of an equation is not linear in its STATE.

#include <optional>
#include <string>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

struct NonlinearReason {
  enum class Kind { argument, product, denominator, power, other } kind;
  std::string text;  ///< such as "'m' stands in a denominator"
  Place place;
};

/// The innermost place that is to blame; nothing if the expression is linear in x.
std::optional<NonlinearReason> nonlinear_reason(const Expression& expression, const Name& x);

}  // namespace cellwright::nmodl
