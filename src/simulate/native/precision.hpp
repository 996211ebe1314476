#pragma once
/// The engine's sources that work on lanes are compiled twice (src/simulate/CMakeLists.txt): with rows of
/// CELLWRIGHT_LANES doubles and, where CELLWRIGHT_SINGLE is defined, with rows of twice as many floats. What they
/// define stands in an inline namespace of the precision's own. docs/decisions/0014-float.md

#include <cstddef>

#include "cellwright/abi/mechanism_abi.h"

#ifdef CELLWRIGHT_SINGLE
#define CELLWRIGHT_PRECISION single_precision
#else
#define CELLWRIGHT_PRECISION double_precision
#endif

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

#ifdef CELLWRIGHT_SINGLE
using Real = float;
inline constexpr std::size_t pack_lanes = 2 * CELLWRIGHT_LANES;
#else
using Real = double;
inline constexpr std::size_t pack_lanes = CELLWRIGHT_LANES;
#endif

/// The views of the ABI have pointers to cw_real, which here is double, and say in cw_mechanism.real_bytes what they
/// really point to: these two go from the engine's rows to a view and back.
inline cw_real* to_view(Real* rows) { return reinterpret_cast<cw_real*>(rows); }
inline const cw_real* to_view(const Real* rows) { return reinterpret_cast<const cw_real*>(rows); }
inline Real* from_view(cw_real* rows) { return reinterpret_cast<Real*>(rows); }

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
