#include "nmodl/toolchain/hash.hpp"

#include <algorithm>

#include <fmt/format.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

namespace cellwright::nmodl {

Hash hash_bytes(std::string_view bytes) {
  XXH128_canonical_t canonical;
  XXH128_canonicalFromHash(&canonical, XXH3_128bits(bytes.data(), bytes.size()));
  Hash hash;
  std::copy_n(canonical.digest, hash.size(), hash.begin());
  return hash;
}

Hash hash_texts(std::initializer_list<std::string_view> texts) {
  std::string joined;
  for (const std::string_view text : texts) joined += fmt::format("{}:{}\n", text.size(), text);
  return hash_bytes(joined);
}

std::string to_hex(const Hash& hash) {
  std::string text;
  for (const unsigned char byte : hash) text += fmt::format("{:02x}", byte);
  return text;
}

}  // namespace cellwright::nmodl
