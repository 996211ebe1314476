#pragma once
/// Fewer multiplications by numbers, for what may differ in the last bits.

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// The numbers of each product and quotient as one in front of it, and what a sum's parts have in common in front of
/// the sum:  2*(x/4)*y -> 0.5*(x*y),  -(3*x) - 3*y -> -3*(x + y).
Expression collect_factors(const Expression& expression);

/// Of all values that a block assigns.
void collect_factors(Block& block);

}  // namespace cellwright::nmodl
