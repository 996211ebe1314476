#include "cellwright/numeric/python_random.hpp"

#include <bit>
#include <cmath>
#include <numbers>
#include <numeric>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::numeric {
namespace {

/// Python's key: the absolute value in 32-bit words, lowest first, without leading zero words (but one word at least).
MersenneTwister seeded(std::int64_t seed) {
  const std::uint64_t magnitude = seed < 0 ? 0 - static_cast<std::uint64_t>(seed) : static_cast<std::uint64_t>(seed);
  const std::array<std::uint32_t, 2> key{static_cast<std::uint32_t>(magnitude),
                                         static_cast<std::uint32_t>(magnitude >> 32)};
  return MersenneTwister::from_key(std::span(key).first(key[1] == 0 ? 1 : 2));
}

/// Population size up to which random.sample keeps a pool instead of a set of indices already taken.
std::size_t pool_limit(std::size_t count) {
  std::size_t limit = 21;
  if (count > 5)
    limit +=
        std::size_t{1} << (2 * static_cast<int>(std::ceil(std::log(3.0 * static_cast<double>(count)) / std::log(4.0))));
  return limit;
}

}  // namespace

PythonRandom::PythonRandom(std::int64_t seed) : engine_(seeded(seed)) {}

PythonRandom::PythonRandom(const State& state) : engine_(state.engine), gauss_next_(state.gauss_next) {}

std::uint64_t PythonRandom::getrandbits(int bits) {
  if (bits < 0 || bits > 64) throw InternalError(fmt::format("getrandbits: {} bits; 0 to 64 are possible", bits));
  if (bits == 0) return 0;
  if (bits <= 32) return engine_.next() >> (32 - bits);
  const std::uint64_t low = engine_.next();
  return low | (static_cast<std::uint64_t>(engine_.next() >> (64 - bits)) << 32);
}

std::uint64_t PythonRandom::randbelow(std::uint64_t n) {
  if (n == 0) throw InternalError("randbelow: the range is empty");
  const int bits = static_cast<int>(std::bit_width(n));
  std::uint64_t value = getrandbits(bits);
  while (value >= n) value = getrandbits(bits);
  return value;
}

std::int64_t PythonRandom::randint(std::int64_t low, std::int64_t high) {
  if (low > high) throw InternalError(fmt::format("randint: the range {} to {} is empty", low, high));
  const std::uint64_t width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (width == 0) throw InternalError("randint: a range of 2^64 values is not supported");
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + randbelow(width));
}

std::vector<std::size_t> PythonRandom::sample_indices(std::size_t size, std::size_t count) {
  if (count > size) throw InternalError(fmt::format("sample: {} of {} elements", count, size));
  std::vector<std::size_t> chosen;
  chosen.reserve(count);
  if (size <= pool_limit(count)) {
    std::vector<std::size_t> pool(size);
    std::iota(pool.begin(), pool.end(), std::size_t{0});
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t j = choice_index(size - i);
      chosen.push_back(pool[j]);
      pool[j] = pool[size - i - 1];
    }
    return chosen;
  }
  std::vector<bool> taken(size);
  while (chosen.size() < count) {
    const std::size_t j = choice_index(size);
    if (taken[j]) continue;
    taken[j] = true;
    chosen.push_back(j);
  }
  return chosen;
}

double PythonRandom::gauss(double mean, double sigma) {
  double z = 0;
  if (gauss_next_) {
    z = *gauss_next_;
    gauss_next_.reset();
  } else {
    const double angle = random() * (2.0 * std::numbers::pi);
    const double radius = std::sqrt(-2.0 * std::log(1.0 - random()));
    z = std::cos(angle) * radius;
    gauss_next_ = std::sin(angle) * radius;
  }
  return mean + z * sigma;
}

}  // namespace cellwright::numeric
