#pragma once
/// Splits NMODL text into tokens, on demand, because some stretches (units, TITLE, VERBATIM) are taken raw.

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "nmodl/syntax/reporter.hpp"

namespace cellwright::nmodl {

enum class TokenKind { end, name, keyword, number, text, symbol, bad };

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;  ///< as written; a `text` token without its quotes; points into the lexed text
  Place place;
  std::size_t begin = 0, end = 0;  ///< byte offsets of the token in the text

  bool is(std::string_view symbol_or_keyword) const {
    return (kind == TokenKind::symbol || kind == TokenKind::keyword) && text == symbol_or_keyword;
  }
};

/// True for the reserved words of NMODL.
bool is_keyword(std::string_view word);

class Lexer {
 public:
  /// @param text  must outlive the lexer and its tokens.
  Lexer(std::string_view text, int file, Reporter& reporter);

  /// The token at the current position, which moves behind it. Comments and white space are skipped. Bytes that no
  /// token may hold are reported once each and skipped.
  Token next();
  /// Goes back (or on) to where `token` begins.
  void rewind(const Token& token);

  /// True if a character of the line was refused.
  bool is_bad_line(int line) const { return bad_lines_.contains(line); }

  /// The raw text up to the end of the line of the current position, trimmed.
  std::string rest_of_line();
  /// The raw text up to white space or a brace, white space before it skipped (REPRESENTS CHEBI:29101).
  std::string raw_word();
  /// The raw text up to the word `terminator`, which is skipped; nothing if it never comes.
  std::optional<std::string> raw_until(std::string_view terminator);
  /// If a ')' comes on the current line: the raw text before it, trimmed, and the position behind it.
  std::optional<std::string> raw_until_parenthesis();

 private:
  struct Position {
    std::size_t offset = 0;
    int line = 1;
    int column = 1;
  };

  char peek(std::size_t ahead = 0) const {
    return position_.offset + ahead < text_.size() ? text_[position_.offset + ahead] : '\0';
  }
  void advance(std::size_t count = 1);
  void skip_space_and_comments();
  bool skip_comment_block();
  void check_ascii();
  bool at_word(std::string_view word) const;
  Place place_here(std::size_t length) const;
  Token make(TokenKind kind, std::size_t length);
  Token number();
  Token quoted();
  Token symbol();

  std::string_view text_;
  int file_;
  Reporter& reporter_;
  Position position_;
  std::set<int> bad_lines_;
};

}  // namespace cellwright::nmodl
