#pragma once

namespace cellwright::numeric {

/// How the engine's numbers are computed.
enum class NumericMode {
  strict,  ///< libm, no fused multiply-add, NEURON's order of operations: for parity
  fast     ///< lane_math, fused multiply-add, fewer divisions
};

}  // namespace cellwright::numeric
