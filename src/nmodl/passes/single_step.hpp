#pragma once
/// What the fixed step's phases compute in single precision, and `state` in fast double: BREAKPOINT with its exact
/// derivative by v, for a difference over 0.001 mV would be rounding errors alone, and the solved blocks with all that
/// they call put in place.

#include <optional>

#include "nmodl/passes/derivatives.hpp"

namespace cellwright::nmodl {

/// A STATE, or an element of one, that the solved blocks assign. Its changes within a step are small beside it: what is
/// rounded off is kept for the next one.
struct KeptRest {
  std::string state;
  int element = -1;     ///< -1: scalar
  std::string advance;  ///< the procedure advance(change) of `SingleStepPlan::state`; "" without that
};

/// A part that is missing computes in double and stores floats: equations that are solved by iteration or as a system,
/// loops, what draws random numbers, C code with jumps, and a BREAKPOINT that calls what has no derivative.
struct SingleStepPlan {
  /// The currents at the end of BREAKPOINT (DerivativeOutput::Kind::current), each before its derivative by v, that
  /// direction 0 stands for; a derivative that is missing is zero. With CONDUCTANCE there are no derivatives.
  std::optional<DerivativeBlock> current;
  std::optional<Block> state;  ///< `x = x + change` is a call of x's KeptRest::advance
  /// The same with fewer divisions (joined_divisions.hpp), while v is usual; what recordings may look at is not
  /// right behind it. Nothing where it saves none.
  std::optional<Block> usual_state;
  std::vector<TableSlope> slopes;  ///< that `current` calls
  std::vector<KeptRest> rests;
};

/// Never throws for what computes in double.
SingleStepPlan plan_single_step(const MechanismDescription& mechanism);

}  // namespace cellwright::nmodl
