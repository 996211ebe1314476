#include "cellwright/run/content_hash.hpp"

#include <array>
#include <cstdint>

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cellwright::run {

struct ContentHash::State {
  XXH3_state_t xxh;
};

namespace {

/// The length in eight bytes, least significant first, so that the hash is the same on every machine.
std::array<char, 8> length_bytes(std::uint64_t length) {
  std::array<char, 8> bytes{};
  for (char& byte : bytes) {
    byte = static_cast<char>(length & 0xff);
    length >>= 8;
  }
  return bytes;
}

std::string to_hex(XXH128_hash_t hash) { return fmt::format("{:016x}{:016x}", hash.high64, hash.low64); }

}  // namespace

ContentHash::ContentHash() : state_(std::make_unique<State>()) { XXH3_128bits_reset(&state_->xxh); }
ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;

void ContentHash::add(std::string_view content) {
  const auto length = length_bytes(content.size());
  XXH3_128bits_update(&state_->xxh, length.data(), length.size());
  XXH3_128bits_update(&state_->xxh, content.data(), content.size());
}

std::string ContentHash::hex() const { return to_hex(XXH3_128bits_digest(&state_->xxh)); }

std::string hash_text(std::string_view content) { return to_hex(XXH3_128bits(content.data(), content.size())); }

}  // namespace cellwright::run
