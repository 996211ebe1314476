#pragma once
/// What is known to be small wherever v is usual. Above all arguments of exponentials: most rates are
/// exp((v - v_half)/slope).

#include <map>
#include <string>
#include <string_view>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// exp(x) that may be computed without limits while |v| <= CW_USUAL_V at every node of the cell.
inline constexpr std::string_view usual_exp = "usual_exp";

/// 2^x under the same condition.
inline constexpr std::string_view usual_exp2 = "usual_exp2";

/// Renames exp to usual_exp where intervals of v, numbers and what has been assigned from them show that |x| <= 80.
/// @param block  where calls of functions of the mechanism have been put in place; a call that is still there may
///   change everything.
/// @returns whether there is one now.
bool mark_usual_exponentials(Block& block);

/// usual_exp(x) -> usual_exp2(x/ln 2), where the factor is part of numbers that x has (collect_factors.hpp). Also where
/// x is assigned to a LOCAL that is read for nothing else.
void use_powers_of_two(Block& block);

struct Interval {
  double low, high;
};

/// What is known of the values that variables have at the end of a block while v is usual, and celsius between -50 and
/// 100 degrees. As for mark_usual_exponentials, but that equations change nothing.
std::map<std::string, Interval> usual_values(const Block& block);

}  // namespace cellwright::nmodl
