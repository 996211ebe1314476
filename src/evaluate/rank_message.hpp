#pragma once
/// What ranks say to one another while they evaluate: rows of individuals out, scores back, signs of life.

#include <cstdint>
#include <string>
#include <string_view>

#include "cellwright/evaluate/crew.hpp"

namespace cellwright::evaluate {

enum class RankMessageKind : char { chunk = 'C', result = 'R', failure = 'F', alive = 'A', end = 'E' };

/// @throws DistributionError "rank-message" if the bytes are no message.
RankMessageKind kind_of(std::string_view bytes);

std::string pack_chunk(const Chunk& chunk);
Chunk unpack_chunk(std::string_view bytes);

/// Scores, or the failure; `place` does not travel.
std::string pack_result(const FinishedChunk& result);
/// A failure comes back as a DistributionError with the diagnostics of the first one. @param place of the sender.
FinishedChunk unpack_result(std::string_view bytes, std::size_t place, const std::string& place_name);

std::string pack_alive();
std::string pack_end(int status);
int unpack_end(std::string_view bytes);

}  // namespace cellwright::evaluate
