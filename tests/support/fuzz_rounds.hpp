#pragma once

#include <cstdlib>

namespace cellwright::test {

/// How many inputs a fuzzing test tries: `quick` of them, times CELLWRIGHT_FUZZ_FACTOR where `make fuzz` sets it.
inline int fuzz_rounds(int quick) {
  const char* factor = std::getenv("CELLWRIGHT_FUZZ_FACTOR");
  return factor ? quick * std::atoi(factor) : quick;
}

}  // namespace cellwright::test
