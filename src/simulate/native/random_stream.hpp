#pragma once

#include <array>
#include <cstdint>

#include "cellwright/abi/mechanism_abi.h"

namespace cellwright::simulate::native {

/// A Random123 stream as NEURON starts it: Philox 4x32-10 with the counter (sequence, id3, id1, id2) and the key
/// (globalindex, 0). is_set is 1.
/// @see Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3" (SC 2011); neuron-semantics 5.10.
cw_random start_stream(const std::array<std::uint32_t, 3>& ids, std::uint32_t sequence, std::uint32_t globalindex);

}  // namespace cellwright::simulate::native
