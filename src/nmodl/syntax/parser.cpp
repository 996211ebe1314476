#include "nmodl/syntax/habits.hpp"
#include "nmodl/syntax/parser_internal.hpp"

namespace cellwright::nmodl {

Parser::Parser(std::string_view text, int file, Reporter& reporter)
    : lexer_(text, file, reporter), reporter_(reporter), current_(lexer_.next()) {}

std::vector<Item> Parser::parse_items() {
  std::vector<Item> items;
  while (current().kind != TokenKind::end && !reporter_.full()) {
    const Token start = current();
    nesting_ = 0;
    try {
      item(items);
    } catch (const SyntaxError&) {
      if (current().begin == start.begin) take();
    }
  }
  return items;
}

std::optional<Expression> Parser::parse_single_expression() {
  try {
    Expression result = expression();
    if (current().kind != TokenKind::end) fail_here("the end of the expression");
    return result;
  } catch (const SyntaxError&) {
    return std::nullopt;
  }
}

Token Parser::take() {
  previous_ = current_;
  if (current_.kind != TokenKind::end) current_ = lexer_.next();
  return previous_;
}

/// The token behind the current one. A comment without end in between would be reported twice, so only used where a
/// symbol decides what the current name means.
Token Parser::peek_second() {
  const Token second = lexer_.next();
  lexer_.rewind(second);
  return second;
}

bool Parser::accept(std::string_view symbol_or_keyword) {
  if (!current().is(symbol_or_keyword)) return false;
  take();
  return true;
}

Token Parser::expect(std::string_view symbol_or_keyword, const std::string& after) {
  if (!current().is(symbol_or_keyword)) fail_here(fmt::format("'{}' after {}", symbol_or_keyword, after));
  return take();
}

void Parser::fail(const Place& place, const std::string& message, const std::string& fix) {
  // A character that was refused explains what else is wrong with its line.
  if (lexer_.is_bad_line(place.line)) throw SyntaxError{};
  reporter_.error("nmodl-syntax", place, message, fix);
  throw SyntaxError{};
}

void Parser::fail_here(const std::string& expected) {
  const Token next = current().is("/") ? peek_second() : Token{};
  fail(current().place, fmt::format("expected {}, found {}", expected, describe_current()),
       habit_fix(previous_, current(), next));
}

/// A ')' is missing: told at its '(' if the line ended without it.
void Parser::fail_unclosed(const Token& open, const std::string& expected) {
  if (current().place.line > previous_.place.line) fail(open.place, "this '(' is not closed", "add the ')'");
  fail_here(expected);
}

std::string Parser::describe_current() const {
  switch (current().kind) {
    case TokenKind::end:
      return "the end of the file";
    case TokenKind::keyword:
      return fmt::format("the keyword {}", current().text);
    case TokenKind::text:
      return fmt::format("the text \"{}\"", current().text);
    default:
      return fmt::format("'{}'", current().text);
  }
}

/// Moves behind the line on which parsing `start` failed, over whole blocks that begin on it, but never over the '}'
/// of the enclosing block. Moves at least behind `start`.
void Parser::skip_line(const Token& start) {
  if (current().begin == start.begin && !current().is("}")) {
    if (current().is("{")) return skip_to_block_end();
    take();
  }
  const int line = std::max(previous_.place.line, start.place.line);
  while (current().kind != TokenKind::end && current().place.line <= line && !current().is("}")) {
    if (current().is("{")) return skip_to_block_end();
    take();
  }
}

/// From '{' behind its '}'; stops before a word that can only begin another item of the file.
void Parser::skip_to_block_end() {
  int depth = 0;
  do {
    if (current().is("{")) ++depth;
    if (current().is("}")) --depth;
    take();
  } while (depth > 0 && current().kind != TokenKind::end && !ends_block());
}

/// A place from `first` to the token before the current one, if both are on one line.
Place Parser::join(const Place& first) const {
  Place place = first;
  const Place& last = previous_.place;
  if (last.line == first.line && last.column >= first.column) place.length = last.column + last.length - first.column;
  return place;
}

}  // namespace cellwright::nmodl
