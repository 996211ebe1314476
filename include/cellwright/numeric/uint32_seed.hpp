#pragma once
/// A seed from a text.

#include <cstdint>
#include <string_view>

namespace cellwright::numeric {

/// The last four bytes of the text's MD5 digest (RFC 1321) as a big-endian number, as BluePyOpt's tools.uint32_seed:
/// "test" gives 640136438.
std::uint32_t uint32_seed(std::string_view text);

}  // namespace cellwright::numeric
