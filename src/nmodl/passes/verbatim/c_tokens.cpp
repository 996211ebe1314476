#include "nmodl/passes/verbatim/c_tokens.hpp"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

constexpr int max_macro_depth = 16;

// Locale-free character classes.
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\f' || c == '\v'; }

constexpr auto long_symbols = std::to_array<std::string_view>(
    {"...", "->", "++", "--", "<=", ">=", "==", "!=", "&&", "||", "+=", "-=", "*=", "/=", "::", "<<", ">>"});

}  // namespace

/// Walks over characters and counts lines and columns.
struct CReader::Cursor {
  const std::string& text;
  Place place;
  std::size_t at = 0;

  bool done() const { return at >= text.size(); }
  char peek(std::size_t ahead = 0) const { return at + ahead < text.size() ? text[at + ahead] : '\0'; }
  void advance(std::size_t count = 1) {
    for (; count > 0 && !done(); --count) {
      if (text[at++] == '\n') {
        ++place.line;
        place.column = 0;
      }
      ++place.column;
    }
  }
  bool at_line_start() const {
    std::size_t i = at;
    while (i > 0 && is_blank(text[i - 1])) --i;
    return i == 0 || text[i - 1] == '\n';
  }
  bool skip_comment() {
    if (peek() == '/' && peek(1) == '/') {
      while (!done() && peek() != '\n') advance();
      return true;
    }
    if (peek() != '/' || peek(1) != '*') return false;
    advance(2);
    while (!done() && !(peek() == '*' && peek(1) == '/')) advance();
    advance(2);
    return true;
  }
  /// The rest of a directive's line, with continued lines joined and comments left out.
  std::string take_line() {
    std::string line;
    while (!done() && peek() != '\n') {
      if (skip_comment()) continue;
      if (peek() == '\\' && (peek(1) == '\n' || (peek(1) == '\r' && peek(2) == '\n'))) {
        advance(peek(1) == '\n' ? 2 : 3);
        line += ' ';
        continue;
      }
      line += peek();
      advance();
    }
    return line;
  }
  CToken make(CToken::Kind kind, std::size_t length) {
    CToken token{kind, text.substr(at, length), place, nullptr};
    token.place.length = static_cast<int>(length);
    advance(length);
    return token;
  }
  CToken next() {
    std::size_t length = 1;
    if (is_letter(peek())) {
      while (is_letter(peek(length)) || is_digit(peek(length))) ++length;
      return make(CToken::Kind::name, length);
    }
    if (is_digit(peek()) || (peek() == '.' && is_digit(peek(1)))) return number();
    if (peek() == '"' || peek() == '\'') {
      const char quote = peek();
      while (at + length < text.size() && peek(length) != quote && peek(length) != '\n') {
        length += peek(length) == '\\' ? 2 : 1;
      }
      return make(CToken::Kind::text, length + 1);
    }
    for (const std::string_view symbol : long_symbols) {
      if (std::string_view(text).substr(at, symbol.size()) == symbol) return make(CToken::Kind::symbol, symbol.size());
    }
    return make(CToken::Kind::symbol, 1);
  }
  CToken number() {
    std::size_t length = 0;
    while (is_digit(peek(length)) || is_letter(peek(length)) || peek(length) == '.') {
      const bool exponent = peek(length) == 'e' || peek(length) == 'E';
      ++length;
      if (exponent && (peek(length) == '+' || peek(length) == '-')) ++length;
    }
    return make(CToken::Kind::number, length);
  }
};

std::vector<CToken> CReader::read(const Verbatim& verbatim, const Place& place) {
  Cursor cursor{verbatim.text, place};
  cursor.place.column += static_cast<int>(std::string_view("VERBATIM").size());
  std::vector<CToken> tokens;
  while (!cursor.done()) {
    const char c = cursor.peek();
    if (is_blank(c) || c == '\n') {
      cursor.advance();
    } else if (cursor.skip_comment()) {
      continue;
    } else if (c == '#' && cursor.at_line_start()) {
      const Place start = cursor.place;
      directive(cursor.take_line(), start);
    } else {
      const CToken token = cursor.next();
      if (active()) append(tokens, token, 0);
    }
  }
  return tokens;
}

void CReader::append(std::vector<CToken>& tokens, const CToken& token, int depth) const {
  const auto macro = token.kind == CToken::Kind::name ? macros_.find(token.text) : macros_.end();
  if (macro == macros_.end() || depth >= max_macro_depth) {
    tokens.push_back(token);
    return;
  }
  for (CToken part : macro->second) {
    part.place = token.place;
    append(tokens, part, depth + 1);
  }
}

bool CReader::active() const {
  return std::all_of(conditions_.begin(), conditions_.end(), [](bool condition) { return condition; });
}

bool CReader::is_defined(const std::string& name) const {
  return macros_.contains(name) || silent_.contains(name) || name.starts_with("NRN_VERSION_GTEQ");
}

void CReader::define(const std::vector<CToken>& tokens, bool function_like) {
  if (tokens.empty()) return;
  if (!function_like) {
    macros_[tokens[0].text] = {tokens.begin() + 1, tokens.end()};
    return;
  }
  const auto close = std::find_if(tokens.begin(), tokens.end(), [](const CToken& t) { return t.is(")"); });
  if (close != tokens.end() && close + 1 == tokens.end()) silent_.insert(tokens[0].text);
}

void CReader::directive(const std::string& line, const Place& place) {
  Cursor cursor{line, place};
  std::vector<CToken> tokens;
  std::size_t name_end = 0;
  while (!cursor.done()) {
    if (is_blank(cursor.peek())) {
      cursor.advance();
      continue;
    }
    tokens.push_back(cursor.next());
    if (tokens.size() == 3) name_end = cursor.at;
  }
  if (tokens.size() < 2) return;
  const std::string word = tokens[1].text;
  tokens.erase(tokens.begin(), tokens.begin() + 2);
  if (word == "ifdef" || word == "ifndef") {
    conditions_.push_back(!tokens.empty() && is_defined(tokens[0].text) == (word == "ifdef"));
  } else if (word == "if") {
    conditions_.push_back(active() && condition(tokens, place));
  } else if (word == "else") {
    if (!conditions_.empty()) conditions_.back() = !conditions_.back();
  } else if (word == "elif") {
    throw Refusal{place, "the directive #elif"};
  } else if (word == "endif") {
    if (!conditions_.empty()) conditions_.pop_back();
  } else if (!active() || word == "include" || word == "pragma" || word == "line") {
    return;  // what a header declares is known here or refused where it is used
  } else if (word == "define") {
    define(tokens, name_end < line.size() && line[name_end] == '(');
  } else if (word == "undef" && !tokens.empty()) {
    macros_.erase(tokens[0].text);
    silent_.erase(tokens[0].text);
  } else {
    throw Refusal{place, fmt::format("the directive #{}", word)};
  }
}

/// Names, defined(...), calls of NRN_VERSION_GTEQ, numbers, !, && and ||, from left to right.
bool CReader::condition(const std::vector<CToken>& tokens, const Place& place) const {
  bool result = false, negate = false;
  std::string joint;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const CToken& token = tokens[i];
    if (token.is("!")) {
      negate = !negate;
      continue;
    }
    if (token.is("&&") || token.is("||")) {
      joint = token.text;
      continue;
    }
    bool value = false;
    if (token.kind == CToken::Kind::number) {
      value = token.text != "0";
    } else if (token.is("defined")) {
      const bool open = i + 1 < tokens.size() && tokens[i + 1].is("(");
      i += open ? 2 : 1;
      value = i < tokens.size() && is_defined(tokens[i].text);
      i += open ? 1 : 0;
    } else if (token.kind == CToken::Kind::name) {
      value = token.text.starts_with("NRN_VERSION_GTEQ");
      if (i + 1 < tokens.size() && tokens[i + 1].is("(")) {
        while (i < tokens.size() && !tokens[i].is(")")) ++i;
      }
    } else {
      throw Refusal{place, "this #if"};
    }
    value = value != negate;
    negate = false;
    result = joint.empty() ? value : joint == "&&" ? (result && value) : (result || value);
  }
  return result;
}

}  // namespace cellwright::nmodl
