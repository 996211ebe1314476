#pragma once

#include "cellwright/abi/mechanism_abi.h"

namespace cellwright::simulate::native {

/// The most points of a variable's history that a step uses.
inline constexpr int history_points = CW_HISTORY_POINTS;

}  // namespace cellwright::simulate::native
