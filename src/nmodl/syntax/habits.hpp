#pragma once
/// Recognises what people write in NMODL out of the habit of other languages.

#include <string>

#include "nmodl/syntax/lexer.hpp"

namespace cellwright::nmodl {

/// How to mend a place where `current` was not expected, or "" if no habit explains it.
/// @param previous  the token before it. @param next  the token behind it.
std::string habit_fix(const Token& previous, const Token& current, const Token& next);

/// For a name that begins a statement: what NMODL has instead of the statement that other languages begin so, or "".
std::string foreign_statement_fix(std::string_view name);

}  // namespace cellwright::nmodl
