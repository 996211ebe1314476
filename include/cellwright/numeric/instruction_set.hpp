#pragma once
/// What the lanes of this processor can do.

#include <string>

namespace cellwright::numeric {

/// The instructions that count for the last bits of `fast` results, for people: for example "x86-64 with AVX-512".
std::string instruction_set();

}  // namespace cellwright::numeric
