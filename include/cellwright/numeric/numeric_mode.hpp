#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace cellwright::numeric {

/// How the engine's numbers are computed.
enum class NumericMode : std::uint8_t {
  strict,  ///< libm, no fused multiply-add, NEURON's order of operations: for parity
  fast,    ///< lane_math, fused multiply-add, fewer divisions
  single   ///< "float": as fast, and the rows of lanes are floats, twice as many lanes (docs/decisions/0014-float.md)
};

/// The mode's name in cell files, on the command line and in run directories.
constexpr std::string_view name_of(NumericMode mode) {
  return mode == NumericMode::strict ? "strict" : mode == NumericMode::single ? "float" : "fast";
}

/// The mode of that name; nothing if there is none.
constexpr std::optional<NumericMode> numeric_mode(std::string_view name) {
  for (const NumericMode mode : {NumericMode::strict, NumericMode::fast, NumericMode::single}) {
    if (name == name_of(mode)) return mode;
  }
  return std::nullopt;
}

}  // namespace cellwright::numeric
