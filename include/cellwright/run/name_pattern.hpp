#pragma once
/// Patterns of feature_settings.

#include <string_view>

namespace cellwright::run {

/// True if the whole of `name` matches `pattern`, case-sensitively: `*` any text, `?` one character, `[abc]`, `[a-z]`
/// one of these, `[!abc]` none of these; a `[` without `]` is itself (Python's fnmatchcase). Characters are bytes.
bool matches_pattern(std::string_view pattern, std::string_view name);

}  // namespace cellwright::run
