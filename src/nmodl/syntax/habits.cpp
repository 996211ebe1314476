#include "nmodl/syntax/habits.hpp"

#include <array>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

struct WordRow {
  std::string_view word;
  std::string_view fix;
};

constexpr std::array<WordRow, 3> operator_words = {{{"and", "write &&"}, {"or", "write ||"}, {"not", "write !(...)"}}};

constexpr std::array<WordRow, 7> statement_words = {{{"elif", "write ELSE IF (...) { ... }"},
                                                     {"elseif", "write ELSE IF (...) { ... }"},
                                                     {"elsif", "write ELSE IF (...) { ... }"},
                                                     {"return", "assign the value to the FUNCTION's own name"},
                                                     {"for", "write FROM i = 0 TO n { ... } or WHILE (...) { ... }"},
                                                     {"double", "declare names by LOCAL, without a type"},
                                                     {"int", "declare names by LOCAL, without a type"}}};

template <class Rows>
std::string find_fix(const Rows& rows, std::string_view word) {
  for (const WordRow& row : rows) {
    if (row.word == word) return std::string(row.fix);
  }
  return "";
}

bool touch(const Token& first, const Token& second) { return first.end == second.begin; }

bool is_operand(const Token& token) {
  return token.kind == TokenKind::name || token.kind == TokenKind::number || token.is(")") || token.is("]");
}

}  // namespace

std::string habit_fix(const Token& previous, const Token& current, const Token& next) {
  if (current.is("/") && touch(current, next) && (next.is("/") || next.is("*"))) {
    return "comments begin with ':' and end with the line";
  }
  if (current.kind == TokenKind::bad && current.text == "#") return "comments begin with ':' and end with the line";
  if (current.is("*") && previous.is("*") && touch(previous, current)) return "the power is written '^'";
  if (current.is(",") && previous.kind == TokenKind::number && touch(previous, current)) {
    return "numbers have a decimal point, no comma";
  }
  if (current.kind == TokenKind::name && is_operand(previous)) return find_fix(operator_words, current.text);
  return "";
}

std::string foreign_statement_fix(std::string_view name) { return find_fix(statement_words, name); }

}  // namespace cellwright::nmodl
