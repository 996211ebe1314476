#pragma once
/// The rewriting for the fast numeric mode: the same values up to round-off with fewer exponentials and divisions,
/// which are what a step of a channel costs.

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// exp(u) and exp(-u) of the same u become E and 1/E; quotients over c - 1/E, c + 1/E lose the inner division; divisors
/// that come back become one reciprocal. Within straight runs of assignments; new LOCALs are called `cw_...`.
///
/// An E that overflows (rates hundreds of multiples of their slope away from their midpoint) gives NaN where the
/// original gave a finite number: such a lane fails as non-finite.
Block share_rates(const Block& block);

/// m' = (minf - m)/mtau with minf = a/(a + b) and 1/mtau = (a + b)*q becomes a*q - m/mtau, which needs no division by
/// a + b. @param block  flattened right-hand sides, of which the equations are rewritten.
Block cancel_quotients(Block block);

/// The mechanism as the fast mode computes it: share_rates on all its statements, and for each time constant `tau` that
/// the solved equations divide by a variable `cw_inverse_tau`, set wherever tau is: 1/((1/(a + b))/q) is (a + b)*q.
MechanismDescription for_fast_mode(const MechanismDescription& mechanism);

}  // namespace cellwright::nmodl
