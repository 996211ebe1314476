#include "nmodl/syntax/lexer.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

// Locale-free character classes: <cctype> depends on the global locale.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
/// Bytes of the UTF-8 character that a text begins with; 1 if it begins with none of several bytes.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U; };
  const std::size_t length = byte(0) >= 0xf0 ? 4 : byte(0) >= 0xe0 ? 3 : byte(0) >= 0xc3 ? 2 : 1;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0U) != 0x80U) return 1;
  }
  return length;
}

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v'; }

constexpr auto keywords = std::to_array<std::string_view>({"AFTER",
                                                           "ARTIFICIAL_CELL",
                                                           "ASSIGNED",
                                                           "BBCOREPOINTER",
                                                           "BEFORE",
                                                           "BREAKPOINT",
                                                           "BY",
                                                           "CHARGE",
                                                           "COMMENT",
                                                           "COMPARTMENT",
                                                           "CONDUCTANCE",
                                                           "CONSERVE",
                                                           "CONSTANT",
                                                           "CONSTRUCTOR",
                                                           "DEFINE",
                                                           "DEPEND",
                                                           "DERIVATIVE",
                                                           "DESTRUCTOR",
                                                           "DISCRETE",
                                                           "ELECTRODE_CURRENT",
                                                           "ELSE",
                                                           "ENDCOMMENT",
                                                           "ENDVERBATIM",
                                                           "EXTERNAL",
                                                           "FOR_NETCONS",
                                                           "FROM",
                                                           "FUNCTION",
                                                           "FUNCTION_TABLE",
                                                           "GLOBAL",
                                                           "IF",
                                                           "IFERROR",
                                                           "INCLUDE",
                                                           "INDEPENDENT",
                                                           "INITIAL",
                                                           "KINETIC",
                                                           "LAG",
                                                           "LINEAR",
                                                           "LOCAL",
                                                           "LONGITUDINAL_DIFFUSION",
                                                           "METHOD",
                                                           "MUTEXLOCK",
                                                           "MUTEXUNLOCK",
                                                           "NET_RECEIVE",
                                                           "NEURON",
                                                           "NONLINEAR",
                                                           "NONSPECIFIC_CURRENT",
                                                           "PARAMETER",
                                                           "POINTER",
                                                           "POINT_PROCESS",
                                                           "PROCEDURE",
                                                           "PROTECT",
                                                           "RANDOM",
                                                           "RANGE",
                                                           "READ",
                                                           "REPRESENTS",
                                                           "SOLVE",
                                                           "SOLVEFOR",
                                                           "START",
                                                           "STATE",
                                                           "STEADYSTATE",
                                                           "STEP",
                                                           "SUFFIX",
                                                           "SWEEP",
                                                           "TABLE",
                                                           "THREADSAFE",
                                                           "TITLE",
                                                           "TO",
                                                           "UNITS",
                                                           "UNITSOFF",
                                                           "UNITSON",
                                                           "USEION",
                                                           "VALENCE",
                                                           "VERBATIM",
                                                           "VS",
                                                           "WATCH",
                                                           "WHILE",
                                                           "WITH",
                                                           "WRITE"});
static_assert(std::is_sorted(keywords.begin(), keywords.end()));

constexpr auto symbols =
    std::to_array<std::string_view>({"<->", "<=", ">=", "==", "!=", "&&", "||", "<<", "->", "+", "-", "*", "/", "^",
                                     "(",   ")",  "{",  "}",  "[",  "]",  ",",  "=",  "<",  ">", "!", "~", "'"});

std::string trimmed(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return std::string(text);
}

}  // namespace

bool is_keyword(std::string_view word) {
  return std::binary_search(keywords.begin(), keywords.end(), word) || word == "if" || word == "else" ||
         word == "while";
}

Lexer::Lexer(std::string_view text, int file, Reporter& reporter) : text_(text), file_(file), reporter_(reporter) {
  check_ascii();
}

void Lexer::advance(std::size_t count) {
  for (std::size_t i = 0; i < count && position_.offset < text_.size(); ++i) {
    if (text_[position_.offset] == '\n') {
      ++position_.line;
      position_.column = 0;
    }
    ++position_.column;
    ++position_.offset;
  }
}

void Lexer::rewind(const Token& token) { position_ = {token.begin, token.place.line, token.place.column}; }

Place Lexer::place_here(std::size_t length) const {
  return {file_, position_.line, position_.column, static_cast<int>(std::max<std::size_t>(length, 1))};
}

bool Lexer::at_word(std::string_view word) const {
  if (text_.substr(position_.offset, word.size()) != word) return false;
  const char after = peek(word.size());
  return !is_letter(after) && !is_digit(after);
}

Token Lexer::make(TokenKind kind, std::size_t length) {
  Token token{kind, text_.substr(position_.offset, length), place_here(length), position_.offset,
              position_.offset + length};
  advance(length);
  return token;
}

/// NEURON's translator refuses bytes above 127 everywhere but inside COMMENT blocks; so does this one.
void Lexer::check_ascii() {
  while (position_.offset < text_.size() && !reporter_.full()) {
    const bool line_start = position_.column == 1;
    if (line_start) {
      while (peek() == ' ' || peek() == '\t') advance();
      if (at_word("COMMENT")) {
        if (!skip_comment_block()) break;
        continue;
      }
    }
    const char c = peek();
    if (static_cast<unsigned char>(c) > 127 || (c < ' ' && !is_space(c))) {
      bad_lines_.insert(position_.line);
      const std::size_t length = utf8_length(text_.substr(position_.offset));
      reporter_.error("nmodl-character", place_here(1),
                      length > 1 ? fmt::format("the character '{}' is not allowed outside COMMENT blocks",
                                               text_.substr(position_.offset, length))
                                 : fmt::format("byte 0x{:02x} is not allowed outside COMMENT blocks",
                                               static_cast<unsigned char>(c)),
                      "write plain ASCII text");
      while (position_.offset < text_.size() && peek() != '\n') advance();
      continue;
    }
    advance();
  }
  position_ = {};
}

/// Moves from the word COMMENT behind its ENDCOMMENT; false (and to the end) if there is none.
bool Lexer::skip_comment_block() { return raw_until("ENDCOMMENT").has_value(); }

void Lexer::skip_space_and_comments() {
  while (position_.offset < text_.size()) {
    const char c = peek();
    if (c == ':' || c == '?') {
      while (position_.offset < text_.size() && peek() != '\n') advance();
    } else if (c == 'C' && at_word("COMMENT")) {
      const Place start = place_here(7);
      if (!skip_comment_block()) {
        reporter_.error("nmodl-syntax", start, "this COMMENT has no ENDCOMMENT", "add a line ENDCOMMENT after it");
      }
    } else if (is_space(c) || static_cast<unsigned char>(c) > 127 || c < ' ') {
      advance();  // other bytes were reported by check_ascii
    } else {
      return;
    }
  }
}

Token Lexer::next() {
  skip_space_and_comments();
  if (position_.offset >= text_.size()) return make(TokenKind::end, 0);
  const char c = peek();
  if (is_letter(c)) {
    std::size_t length = 1;
    while (is_letter(peek(length)) || is_digit(peek(length))) ++length;
    const std::string_view word = text_.substr(position_.offset, length);
    return make(is_keyword(word) ? TokenKind::keyword : TokenKind::name, length);
  }
  if (is_digit(c) || (c == '.' && is_digit(peek(1)))) return number();
  if (c == '"') return quoted();
  return symbol();
}

Token Lexer::number() {
  std::size_t length = 0;
  while (is_digit(peek(length))) ++length;
  if (peek(length) == '.') {
    ++length;
    while (is_digit(peek(length))) ++length;
  }
  if (peek(length) == 'e' || peek(length) == 'E') {
    std::size_t exponent = length + 1;
    if (peek(exponent) == '+' || peek(exponent) == '-') ++exponent;
    if (is_digit(peek(exponent))) {
      while (is_digit(peek(exponent))) ++exponent;
      length = exponent;
    }
  }
  return make(TokenKind::number, length);
}

Token Lexer::quoted() {
  std::size_t length = 1;
  while (peek(length) != '"' && peek(length) != '\n' && position_.offset + length < text_.size()) {
    length += peek(length) == '\\' && peek(length + 1) == '"' ? 2 : 1;
  }
  if (peek(length) != '"') {
    reporter_.error("nmodl-syntax", place_here(1), "this text has no closing quote", "end it with \" on the same line");
    return make(TokenKind::text, std::min(length, text_.size() - position_.offset));
  }
  Token token = make(TokenKind::text, length + 1);
  token.text = token.text.substr(1, length - 1);
  return token;
}

Token Lexer::symbol() {
  for (const std::string_view candidate : symbols) {
    if (text_.substr(position_.offset, candidate.size()) == candidate) {
      return make(TokenKind::symbol, candidate.size());
    }
  }
  return make(TokenKind::bad, 1);
}

std::string Lexer::rest_of_line() {
  const std::size_t begin = position_.offset;
  while (position_.offset < text_.size() && peek() != '\n') advance();
  return trimmed(text_.substr(begin, position_.offset - begin));
}

std::string Lexer::raw_word() {
  while (is_space(peek()) && position_.offset < text_.size()) advance();
  const std::size_t begin = position_.offset;
  while (position_.offset < text_.size() && !is_space(peek()) && peek() != '{' && peek() != '}') advance();
  return std::string(text_.substr(begin, position_.offset - begin));
}

std::optional<std::string> Lexer::raw_until(std::string_view terminator) {
  const std::size_t begin = position_.offset;
  std::size_t found = text_.find(terminator, begin);
  // The terminator must be a word of its own.
  while (found != std::string_view::npos) {
    const char before = found == 0 ? ' ' : text_[found - 1];
    const char after = found + terminator.size() < text_.size() ? text_[found + terminator.size()] : ' ';
    if (!is_letter(before) && !is_digit(before) && !is_letter(after) && !is_digit(after)) break;
    found = text_.find(terminator, found + 1);
  }
  if (found == std::string_view::npos) {
    advance(text_.size() - begin);
    return std::nullopt;
  }
  std::string raw(text_.substr(begin, found - begin));
  advance(found + terminator.size() - begin);
  return raw;
}

std::optional<std::string> Lexer::raw_until_parenthesis() {
  const std::size_t begin = position_.offset;
  const std::size_t end = text_.find_first_of(")\n", begin);
  if (end == std::string_view::npos || text_[end] == '\n') return std::nullopt;
  std::string raw = trimmed(text_.substr(begin, end - begin));
  advance(end + 1 - begin);
  return raw;
}

}  // namespace cellwright::nmodl
