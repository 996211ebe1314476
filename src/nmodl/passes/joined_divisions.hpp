#pragma once
/// Two divisions for the price of one: a division costs as much as ten multiplications.
///
///   minf = a/s,  inverse_tau = b/d   ->   per = 1/(s*d),  minf = per*d*a,  inverse_tau = per*s*b

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "nmodl/passes/flatten.hpp"

namespace cellwright::nmodl {

/// The block with further assignments at its end, of variables that it has assigned: the same values up to round-off
/// while v is usual (CW_USUAL_V), in single precision, too.
/// @param flat      from Flattener::flatten, without Equations
/// @param together  sets of variables; what those of one set are divided by is brought together where that saves a
///   division.
/// @param names     the Flattener, for further names
/// @returns nothing where it saves none.
std::optional<Block> with_joined_divisions(const Block& flat, const std::vector<std::set<std::string>>& together,
                                           Flattener& names);

}  // namespace cellwright::nmodl
