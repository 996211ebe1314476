#pragma once
/// Gates that v hardly moves within a step of an implicit method.
///
/// Such a step takes a gate's value at the v that it predicts, and how the gate follows when the new v turns out
/// otherwise by dv: by h*f'*dv, f' the derivative of its rate by v. Where f' is small that is far below the error that
/// dv itself stands for, and need not be computed. Of L5PC's gates, in 1/(ms mV): h of Nap_Et2, Ca_HVA and K_Pst at
/// most 0.00006, Ih 0.00025, Im 0.00097, h of K_Tst and Ca_LVAst 0.0016, SKv3_1 0.008, h of NaTs2_t 0.02, its m 0.5.

#include "nmodl/passes/derivatives.hpp"

namespace cellwright::nmodl {

/// Sets DerivedState::slow of the gates for which |f'| is known to be at most 0.001/(ms mV), at their steady states for
/// all v from -100 to 50 mV: states with x' = a - b*x that depend on v, numbers and celsius (up to 40 degrees) alone,
/// and stay between 0 and 1.
void find_slow_gates(const MechanismDescription& mechanism, DerivativePlan& plan);

}  // namespace cellwright::nmodl
