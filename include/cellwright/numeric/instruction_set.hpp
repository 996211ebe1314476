#pragma once
/// What the lanes of this processor can do.

#include <cstdint>
#include <string>

namespace cellwright::numeric {

/// x86-64-v2 (or whatever the platform's baseline is), v3 (AVX2, FMA), v4 (AVX-512).
enum class InstructionSet : std::uint8_t { baseline, v3, v4 };

/// Whether the environment variable CELLWRIGHT_INSTRUCTION_SET chooses one: v2, v3 or v4. For machines that must give
/// the same bits in `fast` mode although their processors differ, and for tests.
bool instruction_set_is_chosen();

/// The best one that this processor has, or the one that is chosen.
/// @throws ConfigError "instruction-set" if what is chosen is no such word or more than the processor has.
InstructionSet best_instruction_set();

/// The same for people: for example "x86-64 with AVX-512". It counts for the last bits of `fast` results.
std::string instruction_set();

}  // namespace cellwright::numeric
