#pragma once
/// How many individuals the next chunk holds.

#include <cstddef>
#include <vector>

#include "cellwright/evaluate/crew.hpp"

namespace cellwright::evaluate {

/// What is known when a chunk is dealt.
struct DealState {
  std::size_t remaining = 0;   ///< individuals that were not dealt yet, at least 1
  double seconds_per_row = 0;  ///< at this place, as far as known; 0: not known
};

/// A chunk lasts this long where there is enough work: long beside a message, short beside what a death may cost.
inline constexpr double chunk_seconds = 2;

/// Rows of the next chunk for `places[place]`: not more than last `chunk_seconds` (where the speed is not known:
/// `rows_at_once`); with several places, not more than half of the place's share of what remains, so that the chunks
/// become smaller and all places end at about the same time; but enough for all its threads, as long as there is that
/// much for each place. A multiple of `lanes` but for the last one.
std::size_t chunk_size(const std::vector<Place>& places, std::size_t place, const DealState& state);

}  // namespace cellwright::evaluate
