#pragma once
/// From a lowered mechanism to the C++ text that implements the mechanism ABI (abi/mechanism_abi.h).

#include <string>

#include "cellwright/nmodl/mechanism_description.hpp"
#include "cellwright/numeric/numeric_mode.hpp"

namespace cellwright::nmodl {

using numeric::NumericMode;

/// Version of the generator: part of every cache key, raised whenever the generated text changes its meaning.
inline constexpr int generator_version = 21;

/// C++ text of one mechanism. The text is the same for all modes, which CELLWRIGHT_FAST (1 or 0) and CELLWRIGHT_REAL
/// (double or float: of the rows; with float the implicit step and the fixed step's phases compute in it, but for what
/// needs double, see passes/single_step.hpp) select; it includes
/// "cellwright/abi/mechanism_abi.h", "cellwright/numeric/lane_math.hpp" and "cellwright/numeric/lane_rows.hpp" only.
/// @param entry_symbol  name of the one external symbol, of type cw_library_entry.
/// @throws NmodlError for a construct that cannot be translated (code "nmodl-unsupported"), with its place.
std::string generate_cpp(const MechanismDescription& mechanism,
                         const std::string& entry_symbol = "cellwright_mechanisms");

}  // namespace cellwright::nmodl
