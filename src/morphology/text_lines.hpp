#pragma once
/// Lines, numbers and places for the two readers.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::morphology {

/// The text's lines without their ends (\n, \r\n or \r).
std::vector<std::string_view> split_lines(std::string_view text);

/// A line fit for a message: unprintable bytes become '?', long lines are cut.
std::string printable(std::string_view line);

/// The whole of `word` as a number, or nothing. A leading '+' is allowed; "inf" and "nan" are no numbers; a number too
/// small to represent is 0, one too large nothing.
std::optional<double> parse_double(std::string_view word);
/// As above with one rounding, straight to single precision.
std::optional<float> parse_float(std::string_view word);

/// @throws MorphologyError morphology-empty or morphology-format if the text is blank or binary.
void refuse_non_text(std::string_view text, const std::string& file_name);

/// The text without a byte order mark.
std::string_view without_byte_order_mark(std::string_view text);

}  // namespace cellwright::morphology
