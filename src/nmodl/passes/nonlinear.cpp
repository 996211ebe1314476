#include "nmodl/passes/nonlinear.hpp"

#include <fmt/format.h>

#include "nmodl/passes/symbolic.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {

std::optional<NonlinearReason> nonlinear_reason(const Expression& e, const Name& x) {
  using Kind = NonlinearReason::Kind;
  if (!depends_on(e, x) || linear_form(e, x)) return std::nullopt;
  std::optional<NonlinearReason> inner;
  for_each_child(e, [&](const Expression& child) {
    if (!inner) inner = nonlinear_reason(child, x);
  });
  if (inner) return inner;
  if (const auto* call = std::get_if<Call>(&e.node)) {
    return NonlinearReason{Kind::argument, fmt::format("'{}' is an argument of {}()", x.name, call->name), e.place};
  }
  const auto* binary = std::get_if<Binary>(&e.node);
  if (binary == nullptr) {
    return NonlinearReason{Kind::other, fmt::format("'{}' cannot be told from its other elements", x.name), e.place};
  }
  switch (binary->op) {
    case BinaryOperator::multiply:
      return NonlinearReason{Kind::product, fmt::format("'{}' stands on both sides of a product", x.name), e.place};
    case BinaryOperator::divide:
      return NonlinearReason{Kind::denominator, fmt::format("'{}' stands in a denominator", x.name), e.place};
    case BinaryOperator::power:
      return NonlinearReason{Kind::power, fmt::format("'{}' stands in a power", x.name), e.place};
    default:
      return NonlinearReason{Kind::other, fmt::format("'{}' stands in a comparison", x.name), e.place};
  }
}

}  // namespace cellwright::nmodl
