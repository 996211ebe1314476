#pragma once
/// Looking up the variables of mechanisms by name.

#include <cstdint>
#include <string>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/compile/compiled_model.hpp"

namespace cellwright::compile {

/// Calls visit(slot, variable) for each row of a variable table; the rows of an array follow one another.
template <class Visit>
void for_each_variable(const cw_variable* variables, std::int32_t count, Visit visit) {
  for (std::int32_t k = 0; k < count; ++k) visit(static_cast<std::size_t>(k), variables[k]);
}

/// How users call a variable: "gbar_HHna" of a density mechanism, "tau" of a point process.
inline std::string user_name(const cw_mechanism& mechanism, const cw_variable& variable) {
  return mechanism.kind == CW_DENSITY ? std::string(variable.name) + "_" + mechanism.name : variable.name;
}

/// The row of the variable that users call `name` in one of a mechanism's tables, or -1.
inline int find_variable(const cw_mechanism& mechanism, const cw_variable* variables, std::int32_t count,
                         const std::string& name) {
  int found = -1;
  for_each_variable(variables, count, [&](std::size_t slot, const cw_variable& v) {
    if (name == user_name(mechanism, v)) found = static_cast<int>(slot);
  });
  return found;
}

/// The row of a global variable: name_SUFFIX for every kind of mechanism, or -1.
inline int find_global(const cw_mechanism& mechanism, const std::string& name) {
  int found = -1;
  for_each_variable(mechanism.global, mechanism.n_globals, [&](std::size_t slot, const cw_variable& v) {
    if (name == std::string(v.name) + "_" + mechanism.name) found = static_cast<int>(slot);
  });
  return found;
}

inline ValueSource constant(double value) { return {.constant = value}; }

}  // namespace cellwright::compile
