#include "simulate/native/random_stream.hpp"

namespace cellwright::simulate::native {
namespace {

/// Philox 4x32 with 10 rounds.
std::array<std::uint32_t, 4> philox(std::array<std::uint32_t, 4> x, std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t factor_0 = 0xD2511F53, factor_2 = 0xCD9E8D57;
  constexpr std::uint32_t bump_0 = 0x9E3779B9, bump_1 = 0xBB67AE85;
  for (int round = 0; round < 10; ++round) {
    const std::uint64_t p0 = factor_0 * x[0], p2 = factor_2 * x[2];
    x = {static_cast<std::uint32_t>(p2 >> 32) ^ x[1] ^ key[0], static_cast<std::uint32_t>(p2),
         static_cast<std::uint32_t>(p0 >> 32) ^ x[3] ^ key[1], static_cast<std::uint32_t>(p0)};
    key[0] += bump_0;
    key[1] += bump_1;
  }
  return x;
}

}  // namespace

cw_random start_stream(const std::array<std::uint32_t, 3>& ids, std::uint32_t sequence, std::uint32_t globalindex) {
  cw_random stream{};
  stream.key[0] = globalindex;
  stream.counter[0] = sequence;
  stream.counter[1] = ids[2];
  stream.counter[2] = ids[0];
  stream.counter[3] = ids[1];
  const auto words = philox({sequence, ids[2], ids[0], ids[1]}, {globalindex, 0});
  for (std::size_t k = 0; k < words.size(); ++k) stream.words[k] = words[k];
  stream.is_set = 1;
  return stream;
}

}  // namespace cellwright::simulate::native
