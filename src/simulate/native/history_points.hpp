#pragma once

namespace cellwright::simulate::native {

/// The most points of a variable's history that a step uses.
inline constexpr int history_points = 5;

}  // namespace cellwright::simulate::native
