#pragma once
/// Equations without the divisions of their rates, for an implicit step that divides anyway.
///
///   alpha = k*(v - v0)/d,  beta = l*(v - v0)*e/d,  d = 1 - e:   m' = alpha*(1 - m) - beta*m
///   d m' = k*(v - v0) - (k*(v - v0) + l*(v - v0)*e)*m
///
/// The step's x = (A - H)/(a0 + B) has one division, where A = N/d and B = M/d had another: x = (N - H d)/(a0 d + M).
/// Nor have derivatives by v those of 1/d. Near d = 0 N and M are as small; at 0 itself, as before, the mechanism has
/// to move v aside.

#include <string>
#include <vector>

#include "nmodl/passes/flatten.hpp"

namespace cellwright::nmodl {

/// A STATE whose equation in the rewritten block is that of `denominator` times its derivative.
struct StateDenominator {
  Name state;
  std::string denominator;  ///< a variable that the block assigns
};

struct CommonDenominators {
  Block block;
  std::vector<StateDenominator> states;
};

/// Looks through what is assigned in straight runs; what an IF or a loop assigns, what a function returns, is taken as
/// it is. Rewrites the equations that are linear in their STATE, whose denominators are three at most, and whose parts
/// stay within 1e28 wherever v is usual, so that their products with the step's coefficients are finite in single
/// precision, too.
/// @param flat   from Flattener::flatten
/// @param names  the Flattener, for further names
CommonDenominators with_common_denominators(const Block& flat, Flattener& names);

}  // namespace cellwright::nmodl
