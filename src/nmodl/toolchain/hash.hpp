#pragma once
/// XXH3-128 of several texts, as used for cache keys and for the checksums of cache entries.

#include <array>
#include <initializer_list>
#include <string>
#include <string_view>

namespace cellwright::nmodl {

using Hash = std::array<unsigned char, 16>;

Hash hash_bytes(std::string_view bytes);
/// Hash of a list of texts; ("ab", "c") and ("a", "bc") differ.
Hash hash_texts(std::initializer_list<std::string_view> texts);
/// 32 hexadecimal digits.
std::string to_hex(const Hash& hash);

}  // namespace cellwright::nmodl
