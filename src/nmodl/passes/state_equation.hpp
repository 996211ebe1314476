#pragma once
/// The analysis of one x' = rhs for the description.

#include "nmodl/passes/pass.hpp"

namespace cellwright::nmodl {

StateEquation analyse_equation(const Module& module, const Equation& equation, const Place& place);

}  // namespace cellwright::nmodl
