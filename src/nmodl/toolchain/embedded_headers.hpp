#pragma once
/// The headers that generated code includes, as text: the program must not need its source tree.

#include <string_view>

namespace cellwright::nmodl {

extern const std::string_view mechanism_abi_text;  ///< cellwright/abi/mechanism_abi.h
extern const std::string_view lane_math_text;      ///< cellwright/numeric/lane_math.hpp
extern const std::string_view lane_rows_text;      ///< cellwright/numeric/lane_rows.hpp

}  // namespace cellwright::nmodl
