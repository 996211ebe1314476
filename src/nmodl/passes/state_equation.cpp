#include "nmodl/passes/state_equation.hpp"

#include "nmodl/passes/symbolic.hpp"

namespace cellwright::nmodl {

StateEquation analyse_equation(const Module& module, const Equation& equation, const Place& place) {
  StateEquation result;
  result.state = equation.state.name;
  if (equation.state.index) {
    if (const auto index = literal_value(*equation.state.index)) result.element = static_cast<int>(*index);
  }
  result.rhs = equation.rhs;
  const auto form = linear_form(equation.rhs, equation.state);
  result.linear = form.has_value();
  if (form) {
    result.a = form->a;
    result.b = form->b;
    if (form->a && form->b) result.target = linear_target(equation.rhs, equation.state, *form);
  }
  result.span = span_of(module, place);
  return result;
}

}  // namespace cellwright::nmodl
