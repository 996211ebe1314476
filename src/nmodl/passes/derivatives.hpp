#pragma once
/// What a mechanism gives an implicit variable step: right-hand sides and currents with their derivatives, as blocks.

#include "nmodl/passes/tangent.hpp"

namespace cellwright::nmodl {

/// One number that a derivative function computes.
struct DerivativeOutput {
  enum class Kind {
    rate,    ///< x' of a STATE whose equation is not of the form a - b*x; `of` indexes DerivativePlan::states
    rate_a,  ///< a of x' = a - b*x
    rate_b,
    denominator,  ///< d of d*x' = a - b*x, only in usual_rates
    current,      ///< `of` indexes MechanismDescription::currents
    ion_value,    ///< an ion's concentration or reversal potential that BREAKPOINT assigns; `of` indexes ion_values
    time          ///< an argument of at_time(), or -1; `of` counts them
  } kind;
  int of = 0;
  int direction = -1;  ///< index into DerivativePlan::directions; -1: the value itself
  Expression value;    ///< at the end of the block
};

struct DerivativeBlock {
  Block body;  ///< lowered, with calls of table slopes
  std::vector<DerivativeOutput> outputs;
};

/// A STATE with an equation; an array STATE has one for each element that has an equation.
struct DerivedState {
  std::string name;
  int element = -1;  ///< -1: scalar
  bool linear = false;
  bool slow = false;  ///< a gate that v hardly moves within a step (slow_gates.hpp)
};

struct DerivativePlan {
  std::string reason;                 ///< why there is nothing here; empty: there is
  std::vector<Direction> directions;  ///< v, the states in the order of `states`, ion variables that are read
  std::vector<DerivedState> states;
  std::vector<std::string> ion_values;
  DerivativeBlock rates, currents, times;
  /// The rates as an implicit step computes them fastest wherever v is usual: d*x' = a - b*x, with d where it is not 1
  /// (common_denominators.hpp). Empty where no such equation is known, and where states are solved for together.
  DerivativeBlock usual_rates;
  std::vector<TableSlope> slopes;
};

/// Never throws for a mechanism that can only run with a fixed step: `reason` then says why. Reasons: its equations or
/// currents read dt, it SOLVEs a PROCEDURE, draws random numbers, keeps a value from step to step, or calls what has no
/// derivative.
///
/// BREAKPOINT and DERIVATIVE may pass values to each other through ASSIGNEDs (`rates(v)` in the one, `minf` in the
/// other): the statements that compute them are then part of both blocks, so that all is a function of v, states and
/// ions.
/// @param fast  `mechanism` is one that for_fast_mode has made: equations lose divisions that cancel.
DerivativePlan plan_derivatives(const MechanismDescription& mechanism, bool fast = false);

/// The plan as NMODL text, for tests and for reading.
std::string print_derivatives(const MechanismDescription& mechanism, const DerivativePlan& plan);

}  // namespace cellwright::nmodl
