#pragma once
/// Exponentials whose argument is known to be small wherever v is usual: most rates are exp((v - v_half)/slope).

#include <string_view>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

/// exp(x) that may be computed without limits while |v| <= CW_USUAL_V at every node of the cell.
inline constexpr std::string_view usual_exp = "usual_exp";

/// Renames exp to usual_exp where intervals of v, numbers and what has been assigned from them show that |x| <= 80.
/// @param block  where calls of functions of the mechanism have been put in place; a call that is still there may
///   change everything.
/// @returns whether there is one now.
bool mark_usual_exponentials(Block& block);

}  // namespace cellwright::nmodl
