#include "cellwright/numeric/mersenne_twister.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

constexpr std::size_t n = MersenneTwister::state_size;
constexpr std::size_t m = 397;

std::uint32_t twist(std::uint32_t upper, std::uint32_t lower) {
  const std::uint32_t mixed = (upper & 0x80000000U) | (lower & 0x7fffffffU);
  return (mixed >> 1) ^ ((lower & 1U) != 0 ? 0x9908b0dfU : 0U);
}

}  // namespace

MersenneTwister::MersenneTwister(const State& state) : state_(state) {
  if (state.index <= n) return;
  throw CheckpointError(
      Diagnostic{.code = "random-state",
                 .message = fmt::format("random state has index {}; 0 to {} are possible", state.index, n),
                 .fix = "the checkpoint is damaged; use an older one"});
}

MersenneTwister MersenneTwister::from_word(std::uint32_t seed) {
  MersenneTwister engine;
  auto& words = engine.state_.words;
  words[0] = seed;
  for (std::size_t i = 1; i < n; ++i) {
    words[i] = 1812433253U * (words[i - 1] ^ (words[i - 1] >> 30)) + static_cast<std::uint32_t>(i);
  }
  return engine;
}

MersenneTwister MersenneTwister::from_key(std::span<const std::uint32_t> key) {
  MersenneTwister engine = from_word(19650218U);
  auto& words = engine.state_.words;
  std::size_t i = 1;
  const auto mixed = [&](std::uint32_t factor) { return words[i] ^ ((words[i - 1] ^ (words[i - 1] >> 30)) * factor); };
  const auto advance = [&] {
    if (++i < n) return;
    words[0] = words[n - 1];
    i = 1;
  };
  std::size_t j = 0;
  for (std::size_t k = std::max(n, key.size()); k > 0; --k) {
    words[i] = mixed(1664525U) + key[j] + static_cast<std::uint32_t>(j);
    advance();
    j = j + 1 < key.size() ? j + 1 : 0;
  }
  for (std::size_t k = n - 1; k > 0; --k) {
    words[i] = mixed(1566083941U) - static_cast<std::uint32_t>(i);
    advance();
  }
  words[0] = 0x80000000U;
  return engine;
}

void MersenneTwister::refill() {
  auto& words = state_.words;
  for (std::size_t i = 0; i < n; ++i) words[i] = words[(i + m) % n] ^ twist(words[i], words[(i + 1) % n]);
  state_.index = 0;
}

std::uint32_t MersenneTwister::next() {
  if (state_.index >= n) refill();
  std::uint32_t y = state_.words[state_.index++];
  y ^= y >> 11;
  y ^= (y << 7) & 0x9d2c5680U;
  y ^= (y << 15) & 0xefc60000U;
  return y ^ (y >> 18);
}

double MersenneTwister::next_double() {
  const std::uint32_t high = next() >> 5;
  const std::uint32_t low = next() >> 6;
  return (static_cast<double>(high) * 67108864.0 + static_cast<double>(low)) / 9007199254740992.0;
}

}  // namespace cellwright::numeric
