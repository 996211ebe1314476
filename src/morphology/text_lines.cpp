#include "morphology/text_lines.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

namespace cellwright::morphology {
namespace {

constexpr std::size_t longest_quoted_line = 160;

template <class T>
std::optional<T> parse_number(std::string_view word) {
  if (!word.empty() && word.front() == '+') {
    word.remove_prefix(1);
    if (!word.empty() && word.front() == '-') return std::nullopt;
  }
  T value{};
  const char* const end = word.data() + word.size();
  const auto [stop, error] = std::from_chars(word.data(), end, value);
  if (stop != end || word.empty()) return std::nullopt;
  if (error == std::errc::result_out_of_range) {
    // Both overflow and underflow end here; strtod tells them apart only by locale-dependent means, the exponent's sign
    // does it as well: without a negative exponent a decimal number cannot be too small unless it has leading zeros.
    const bool tiny = word.find("e-") != word.npos || word.find("E-") != word.npos || word.find("0.0") != word.npos;
    if (tiny) return T{0};
    return std::nullopt;
  }
  if (error != std::errc{} || !std::isfinite(value)) return std::nullopt;
  return value;
}

}  // namespace

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    const std::size_t end = text.find_first_of("\r\n");
    lines.push_back(text.substr(0, end));
    if (end == text.npos) break;
    text.remove_prefix(end + (text.substr(end, 2) == "\r\n" ? 2 : 1));
  }
  return lines;
}

std::string printable(std::string_view line) {
  std::string shown(line.substr(0, longest_quoted_line));
  std::replace_if(
      shown.begin(), shown.end(), [](char c) { return (c < ' ' && c != '\t') || c > '~'; }, '?');
  std::replace(shown.begin(), shown.end(), '\t', ' ');
  return line.size() > longest_quoted_line ? shown + "..." : shown;
}

std::optional<double> parse_double(std::string_view word) { return parse_number<double>(word); }
std::optional<float> parse_float(std::string_view word) { return parse_number<float>(word); }

std::string_view without_byte_order_mark(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  return text;
}

void refuse_non_text(std::string_view text, const std::string& file_name) {
  if (text.find_first_not_of(" \t\r\n\v\f") == text.npos) {
    throw MorphologyError(Diagnostic{.code = "morphology-empty",
                                     .message = "the file is empty",
                                     .span = {.file = file_name},
                                     .fix = "check that it was written or downloaded completely"});
  }
  const std::size_t zero = text.find('\0');
  if (zero == text.npos) return;
  const int line =
      1 + static_cast<int>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(zero), '\n'));
  throw MorphologyError(
      Diagnostic{.code = "morphology-format",
                 .message = "the file is binary (a zero byte stands here), not text",
                 .span = {.file = file_name, .line = line},
                 .fix = "give an SWC or Neurolucida ASC text file; unpack it first if it is compressed"});
}

}  // namespace cellwright::morphology
