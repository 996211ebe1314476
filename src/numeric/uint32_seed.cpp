#include "cellwright/numeric/uint32_seed.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <string>

namespace cellwright::numeric {
namespace {

using Words = std::array<std::uint32_t, 4>;
constexpr std::size_t block_bytes = 64;
/// Left rotations: four to each round of sixteen steps.
constexpr std::array<int, 16> rotations = {7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21};

/// The message with a 1 bit, zeros and its length in bits, so that it fills whole blocks.
std::string padded(std::string_view text) {
  std::string message(text);
  message += '\x80';
  while (message.size() % block_bytes != block_bytes - 8) message += '\0';
  const std::uint64_t bits = 8 * static_cast<std::uint64_t>(text.size());
  for (int byte = 0; byte < 8; ++byte) message += static_cast<char>(bits >> (8 * byte) & 0xFF);
  return message;
}

std::uint32_t word(std::string_view block, std::size_t index) {
  std::uint32_t result = 0;
  for (std::size_t byte = 4; byte-- > 0;) result = result << 8 | static_cast<unsigned char>(block[4 * index + byte]);
  return result;
}

/// What the three untouched words contribute in a step, and which word of the block goes with it.
std::pair<std::uint32_t, std::size_t> mix(std::size_t step, std::uint32_t b, std::uint32_t c, std::uint32_t d) {
  switch (step / 16) {
    case 0:
      return {(b & c) | (~b & d), step};
    case 1:
      return {(d & b) | (~d & c), (5 * step + 1) % 16};
    case 2:
      return {b ^ c ^ d, (3 * step + 5) % 16};
    default:
      return {c ^ (b | ~d), 7 * step % 16};
  }
}

void add_block(std::string_view block, Words& state) {
  auto [a, b, c, d] = state;
  for (std::size_t step = 0; step < 64; ++step) {
    const auto [mixed, index] = mix(step, b, c, d);
    // RFC 1321: the whole part of 2^32 |sin(step)|, counted from 1.
    const auto constant = static_cast<std::uint32_t>(4294967296.0 * std::fabs(std::sin(static_cast<double>(step + 1))));
    const std::uint32_t turned =
        std::rotl(a + mixed + constant + word(block, index), rotations[step / 16 * 4 + step % 4]);
    a = d;
    d = c;
    c = b;
    b += turned;
  }
  const Words added{a, b, c, d};
  for (std::size_t k = 0; k < state.size(); ++k) state[k] += added[k];
}

}  // namespace

std::uint32_t uint32_seed(std::string_view text) {
  Words state{0x67452301, 0xEFCDAB89, 0x98BADCFE, 0x10325476};
  const std::string message = padded(text);
  for (std::size_t at = 0; at < message.size(); at += block_bytes)
    add_block(std::string_view(message).substr(at, block_bytes), state);
  // The digest is the words in little-endian order; its last four bytes read from the front are the last word reversed.
  const std::uint32_t last = state[3];
  return last >> 24 | (last >> 8 & 0xFF00) | (last << 8 & 0xFF0000) | last << 24;
}

}  // namespace cellwright::numeric
