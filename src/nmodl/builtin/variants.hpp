#pragma once
/// The built-in mechanisms were compiled for several instruction sets; this says for which.

#include <string>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/nmodl/codegen.hpp"
#include "cellwright/numeric/instruction_set.hpp"

namespace cellwright::nmodl {

using numeric::InstructionSet;

/// A built-in for an instruction set; in the strict mode there is one for all. nullptr if there is no such mechanism.
const cw_mechanism* find_builtin_variant(const std::string& name, NumericMode mode, InstructionSet instruction_set);

}  // namespace cellwright::nmodl
