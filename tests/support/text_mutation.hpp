#pragma once
/// Damage to text files, the same for the same seed everywhere.

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::test {

/// SplitMix64.
class MutationRandom {
 public:
  explicit MutationRandom(std::uint64_t seed) : state_(seed) {}
  /// A number from 0 to bound - 1; 0 for bound 0.
  std::size_t below(std::size_t bound) {
    std::uint64_t z = (state_ += 0x9E3779B97F4A7C15U);
    z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
    z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
    return bound == 0 ? 0 : static_cast<std::size_t>((z ^ (z >> 31U)) % bound);
  }

 private:
  std::uint64_t state_;
};

/// A piece of a text: its first byte and how many.
struct TextPiece {
  std::size_t begin = 0, length = 0;
};

/// Names, numbers and single other characters; blanks separate.
inline std::vector<TextPiece> split_words(std::string_view text) {
  const auto is_word = [](char c) {
    return c == '_' || c == '.' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  };
  std::vector<TextPiece> words;
  for (std::size_t at = 0; at < text.size();) {
    std::size_t end = at + 1;
    while (is_word(text[at]) && end < text.size() && is_word(text[end])) ++end;
    if (static_cast<unsigned char>(text[at]) > ' ') words.push_back({at, end - at});
    at = end;
  }
  return words;
}

/// One mistake as a person makes it: a word lost, doubled, exchanged, misspelt or replaced by another of the file; a
/// line lost or doubled.
inline void make_typing_mistake(std::string& text, MutationRandom& random) {
  const std::vector<TextPiece> words = split_words(text);
  if (words.empty()) return;
  const TextPiece word = words[random.below(words.size())], other = words[random.below(words.size())];
  const std::size_t line = word.begin == 0 ? 0 : text.rfind('\n', word.begin - 1) + 1;  // npos + 1 == 0
  const std::size_t line_length = std::min(text.find('\n', line), text.size() - 1) + 1 - line;
  switch (random.below(7)) {
    case 0:
      text.erase(word.begin, word.length);
      break;
    case 1:
      text.insert(word.begin, text.substr(word.begin, word.length) + " ");
      break;
    case 2:
      text.replace(word.begin, word.length, text.substr(other.begin, other.length));
      break;
    case 3:
      text.insert(word.begin + random.below(word.length + 1), 1, static_cast<char>('a' + random.below(26)));
      break;
    case 4:
      text.erase(word.begin + random.below(word.length), 1);
      break;
    case 5:
      text.erase(line, line_length);
      break;
    default:
      text.insert(random.below(2) == 0 ? line : other.begin, text.substr(line, line_length));
  }
}

/// One change that knows nothing of words: bytes lost, doubled, overwritten, a snippet put in, the end cut off.
inline void damage_bytes(std::string& text, std::span<const std::string_view> snippets, MutationRandom& random) {
  if (text.empty()) return;
  const std::size_t at = random.below(text.size());
  const std::size_t length = std::min(random.below(40) + 1, text.size() - at);
  switch (random.below(6)) {
    case 0:
      text.erase(at, length);
      break;
    case 1:
      text.insert(at, snippets[random.below(snippets.size())]);
      break;
    case 2:
      text.insert(random.below(text.size()), text.substr(at, length));
      break;
    case 3:
      text[at] = static_cast<char>(random.below(256));
      break;
    case 4:
      text.replace(at, length, snippets[random.below(snippets.size())]);
      break;
    default:
      text.resize(at);
  }
}

/// One to three mistakes.
inline std::string mutated(std::string text, std::span<const std::string_view> snippets, MutationRandom& random) {
  for (std::size_t count = 1 + random.below(3); count > 0; --count) {
    if (random.below(3) == 0) {
      damage_bytes(text, snippets, random);
    } else {
      make_typing_mistake(text, random);
    }
  }
  return text;
}

}  // namespace cellwright::test
