#pragma once
/// The built-in mechanisms were compiled for several instruction sets; this says for which, and which fits.

#include <string>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/nmodl/codegen.hpp"

namespace cellwright::nmodl {

/// x86-64-v2 (or whatever the platform's baseline is), v3 (AVX2, FMA), v4 (AVX-512).
enum class InstructionSet { baseline, v3, v4 };

/// The best one that this processor has and the program was built with.
InstructionSet best_instruction_set();

/// A built-in for an instruction set; in the strict mode there is one for all. nullptr if there is no such mechanism.
const cw_mechanism* find_builtin_variant(const std::string& name, NumericMode mode, InstructionSet instruction_set);

}  // namespace cellwright::nmodl
