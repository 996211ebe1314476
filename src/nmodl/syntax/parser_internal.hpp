#pragma once
/// What the three sources of Parser share.

#include <fmt/format.h>

#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {

/// Counts nesting while it lives; reports and throws when a text nests too deep for the stack.
class Parser::DepthGuard {
 public:
  explicit DepthGuard(Parser& parser) : parser_(parser) {
    if (++parser_.nesting_ > max_nesting) {
      --parser_.nesting_;
      parser_.fail(parser_.current().place, fmt::format("nested more than {} levels deep", max_nesting),
                   "split the expression or block");
    }
  }
  ~DepthGuard() { --parser_.nesting_; }
  DepthGuard(const DepthGuard&) = delete;
  DepthGuard& operator=(const DepthGuard&) = delete;

 private:
  Parser& parser_;
};

template <class Entry>
void Parser::braced(const std::string& owner, Entry entry) {
  expect("{", owner);
  while (!current().is("}") && current().kind != TokenKind::end && !ends_block() && !reporter_.full()) {
    const Token start = current();
    try {
      entry();
    } catch (const SyntaxError&) {
      skip_line(start);
    }
  }
  if (reporter_.full()) throw SyntaxError{};
  if (!accept("}")) fail(current().place, "expected '}' at the end of " + owner);
}

}  // namespace cellwright::nmodl
