#include "cellwright/run/name_pattern.hpp"

#include <optional>

namespace cellwright::run {
namespace {

struct CharacterSet {
  std::string_view members;
  bool negated = false;
  std::size_t length = 0;  ///< of the set in the pattern, brackets included
};

/// The set at the start of `pattern`, which begins with '['; nothing if it is never closed.
std::optional<CharacterSet> read_set(std::string_view pattern) {
  const bool negated = pattern.size() > 1 && pattern[1] == '!';
  const std::size_t first = negated ? 2 : 1;
  const std::size_t close = pattern.find(']', first + 1);  // a ']' in the first place is a member
  if (close == std::string_view::npos) return std::nullopt;
  return CharacterSet{pattern.substr(first, close - first), negated, close + 1};
}

bool contains(std::string_view members, char c) {
  for (std::size_t i = 0; i < members.size(); ++i) {
    if (i + 2 < members.size() && members[i + 1] == '-') {
      if (members[i] <= c && c <= members[i + 2]) return true;
      i += 2;
    } else if (members[i] == c) {
      return true;
    }
  }
  return false;
}

/// Pattern bytes used up by matching one character; 0 if it does not match.
std::size_t match_one(std::string_view pattern, char c) {
  if (pattern.empty()) return 0;
  if (pattern[0] == '?') return 1;
  if (pattern[0] == '[') {
    if (const auto set = read_set(pattern)) return contains(set->members, c) != set->negated ? set->length : 0;
  }
  return pattern[0] == c ? 1 : 0;
}

}  // namespace

bool matches_pattern(std::string_view pattern, std::string_view name) {
  std::size_t p = 0, n = 0;
  std::optional<std::size_t> star;  // the last '*' seen, and the name's place it has swallowed up to
  std::size_t swallowed = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      swallowed = n;
    } else if (const std::size_t used = match_one(pattern.substr(p), name[n]); used > 0) {
      p += used;
      ++n;
    } else if (star) {
      p = *star + 1;
      n = ++swallowed;
    } else {
      return false;
    }
  }
  while (p < pattern.size() && pattern[p] == '*') ++p;
  return p == pattern.size();
}

}  // namespace cellwright::run
