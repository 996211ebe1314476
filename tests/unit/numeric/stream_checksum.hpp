#pragma once
/// CRC-32 (zlib's) of a long stream of doubles, so that a test can compare all of it with Python's in one figure:
/// zlib.crc32(b''.join(struct.pack('<d', x) for x in stream)).

#include <bit>
#include <cstddef>
#include <cstdint>

namespace cellwright::numeric {

template <class Draw>
std::uint32_t stream_checksum(Draw draw, std::size_t count) {
  std::uint32_t crc = 0xFFFFFFFFU;
  for (std::size_t i = 0; i < count; ++i) {
    const auto bits = std::bit_cast<std::uint64_t>(static_cast<double>(draw()));
    for (int byte = 0; byte < 8; ++byte) {
      crc ^= static_cast<std::uint32_t>((bits >> (8 * byte)) & 0xFFU);
      for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1U) != 0 ? 0xEDB88320U : 0U);
    }
  }
  return ~crc;
}

}  // namespace cellwright::numeric
