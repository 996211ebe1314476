#include "text/json_parser.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

#include <fmt/format.h>

namespace cellwright::text {
namespace {

constexpr std::size_t nowhere = std::numeric_limits<std::size_t>::max();

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

std::vector<std::size_t> find_line_starts(std::string_view text) {
  std::vector<std::size_t> starts{0};
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\n') starts.push_back(i + 1);
  }
  return starts;
}

/// A pointer's token: RFC 6901 writes "~" as "~0" and "/" as "~1".
std::string pointer_token(const std::string& key) {
  std::string token;
  for (const char c : key) {
    if (c == '~') {
      token += "~0";
    } else if (c == '/') {
      token += "~1";
    } else {
      token += c;
    }
  }
  return token;
}

void append_utf8(std::string& out, std::uint32_t code) {
  const auto byte = [&](std::uint32_t value) { out += static_cast<char>(static_cast<unsigned char>(value)); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xC0 | (code >> 6));
    byte(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    byte(0xE0 | (code >> 12));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  } else {
    byte(0xF0 | (code >> 18));
    byte(0x80 | ((code >> 12) & 0x3F));
    byte(0x80 | ((code >> 6) & 0x3F));
    byte(0x80 | (code & 0x3F));
  }
}

/// Number of bytes of the UTF-8 sequence at the start of `text`; 0 if it is none (overlong, surrogate, cut off, ...).
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const std::uint32_t first = byte(0);
  const std::size_t length = first < 0x80   ? 1
                             : first < 0xC2 ? 0
                             : first < 0xE0 ? 2
                             : first < 0xF0 ? 3
                             : first < 0xF5 ? 4
                                            : 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  const bool overlong = (first == 0xE0 && byte(1) < 0xA0) || (first == 0xF0 && byte(1) < 0x90);
  const bool outside = (first == 0xED && byte(1) >= 0xA0) || (first == 0xF4 && byte(1) >= 0x90);
  return overlong || outside ? 0 : length;
}

/// Decimal exponent of the first digit that is not zero in a JSON number, saturated far outside double's range.
std::int64_t decimal_exponent(std::string_view number) {
  const std::size_t e = std::min(number.find_first_of("eE"), number.size());
  const std::string_view mantissa = number.substr(0, e);
  const std::size_t point = std::min(mantissa.find('.'), mantissa.size());
  const std::size_t digit = mantissa.find_first_of("123456789");
  if (digit == std::string_view::npos) return 0;
  const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(digit) - (digit < point ? 1 : 0);
  if (e == number.size()) return place;
  std::string_view text = number.substr(e + 1);
  if (text.front() == '+') text.remove_prefix(1);
  std::int64_t exponent = 0;
  constexpr std::int64_t huge = 1'000'000'000'000'000;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), exponent);
  if (parsed.ec != std::errc{}) exponent = text.front() == '-' ? -huge : huge;
  return std::clamp(exponent, -huge, huge) + place;
}

double to_double(std::string_view number) {
  double value = 0;
  const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value);
  if (parsed.ec == std::errc{}) return value;
  // Out of range; from_chars does not say on which side.
  const double magnitude = decimal_exponent(number) > 0 ? std::numeric_limits<double>::infinity() : 0.0;
  return number.front() == '-' ? -magnitude : magnitude;
}

}  // namespace

JsonParser::JsonParser(std::string text, std::string file_name) : source_(std::make_shared<JsonSource>()) {
  source_->file = std::move(file_name);
  source_->text = std::move(text);
  if (source_->text.starts_with("\xEF\xBB\xBF")) source_->text.erase(0, 3);  // byte order mark
  source_->line_starts = find_line_starts(source_->text);
  text_ = source_->text;
}

JsonDocument JsonParser::parse() {
  JsonValue root;
  try {
    skip_blanks();
    if (at_end()) fail(position_, position_, "the file is empty; a JSON value was expected");
    root = parse_value("", 0);
    skip_blanks();
    if (!at_end()) {
      fail(position_, word_end(position_), fmt::format("unexpected {} after the end of the document", shown(position_)),
           "a JSON file holds one value; check the brackets before this place");
    }
  } catch (const SyntaxError&) {  // reported below, with the duplicate keys before it
  }
  problems_.throw_if_errors<ConfigError>();
  return JsonDocument(std::move(root));
}

JsonValue JsonParser::parse_value(std::string path, int depth) {
  JsonValue value;
  value.source_ = source_;
  value.path_ = std::move(path);
  value.begin_ = position_;
  const char c = peek();
  if (c == '{') {
    parse_object(value, depth + 1);
  } else if (c == '[') {
    parse_array(value, depth + 1);
  } else if (c == '"') {
    value.string_ = parse_string();
    value.type_ = JsonType::string;
  } else if (is_digit(c) || (c == '-' && position_ + 1 < text_.size() && is_digit(text_[position_ + 1]))) {
    parse_number(value);
  } else {
    parse_word(value);
  }
  value.end_ = position_;
  return value;
}

void JsonParser::parse_array(JsonValue& array, int depth) {
  const std::size_t open = position_++;
  if (depth > max_json_depth) {
    fail(open, open + 1, fmt::format("arrays and objects are nested more than {} deep", max_json_depth), "",
         "json-depth");
  }
  array.type_ = JsonType::array;
  skip_blanks();
  if (accept(']')) return;
  do {
    skip_blanks();
    if (at_end()) fail_at_end(open);
    array.elements_.push_back(parse_value(fmt::format("{}/{}", array.path_, array.elements_.size()), depth));
  } while (next_element('[', ']', open));
}

void JsonParser::parse_object(JsonValue& object, int depth) {
  const std::size_t open = position_++;
  if (depth > max_json_depth) {
    fail(open, open + 1, fmt::format("arrays and objects are nested more than {} deep", max_json_depth), "",
         "json-depth");
  }
  object.type_ = JsonType::object;
  skip_blanks();
  if (accept('}')) return;
  KeyPlaces places;
  do {
    skip_blanks();
    if (peek() != '"') fail_unexpected("a key in double quotes", open);
    parse_member(object, places, depth);
  } while (next_element('{', '}', open));
}

void JsonParser::parse_member(JsonValue& object, KeyPlaces& places, int depth) {
  const std::size_t key_begin = position_;
  std::string key = parse_string();
  const SourceSpan key_span = source_->span(key_begin, position_);
  const auto [first, is_new] = places.emplace(key, key_span);
  const std::string path = object.path_ + "/" + pointer_token(key);
  if (!is_new) {
    problems_.add({.code = "json-duplicate-key",
                   .message = fmt::format("{}: key \"{}\" stands twice in one object, on lines {} and {}", path, key,
                                          first->second.line, key_span.line),
                   .span = key_span,
                   .source_line = source_->line(key_span.line),
                   .fix = "remove one of them",
                   .notes = {{"first written here", first->second}}});
  }
  skip_blanks();
  if (!accept(':')) fail_unexpected("':' after the key", key_begin);
  skip_blanks();
  if (at_end()) fail_at_end(object.begin_);
  object.members_.push_back({std::move(key), key_span, parse_value(path, depth)});
}

bool JsonParser::next_element(char open, char close, std::size_t open_position) {
  skip_blanks();
  if (accept(close)) return false;
  const std::size_t comma = position_;
  if (!accept(',')) fail_unexpected(fmt::format("',' or '{}'", close), open_position);
  skip_blanks();
  if (peek() == close) {
    fail(comma, comma + 1, fmt::format("comma before '{}'", close),
         fmt::format("remove this comma: JSON allows none after the last {}", open == '[' ? "element" : "member"));
  }
  return true;
}

void JsonParser::parse_number(JsonValue& value) {
  const std::size_t begin = position_;
  accept('-');
  const std::size_t first_digit = position_;
  skip_digits();
  if (text_[first_digit] == '0' && position_ > first_digit + 1) {
    fail(begin, position_, "a number may not begin with the digit 0", "remove the leading zeros");
  }
  bool whole = true;
  if (accept('.')) {
    whole = false;
    if (!is_digit(peek())) fail(begin, position_, "a digit must follow the decimal point", "write 1.0 instead of 1.");
    skip_digits();
  }
  if (accept('e') || accept('E')) {
    whole = false;
    if (!accept('+')) accept('-');
    if (!is_digit(peek())) fail(begin, position_, "a digit must follow the exponent sign of a number");
    skip_digits();
  }
  if (is_letter(peek()) || peek() == '.') {
    fail(begin, word_end(position_),
         fmt::format("'{}' is no number", text_.substr(begin, word_end(position_) - begin)));
  }
  const std::string_view number = text_.substr(begin, position_ - begin);
  value.type_ = JsonType::number;
  value.number_ = to_double(number);
  if (whole) {
    const auto parsed = std::from_chars(number.data(), number.data() + number.size(), value.integer_);
    value.is_integer_ = parsed.ec == std::errc{};
  }
}

void JsonParser::parse_word(JsonValue& value) {
  const std::size_t begin = position_;
  const std::size_t end = word_end(begin);
  const std::string_view word = text_.substr(begin, end - begin);
  position_ = end;
  if (word == "null") return;
  if (word == "true" || word == "false") {
    value.type_ = JsonType::boolean;
    value.boolean_ = word == "true";
    return;
  }
  if (word == "NaN" || word == "Infinity" || word == "-Infinity" || word == "nan" || word == "inf" || word == "-inf") {
    fail(begin, end, fmt::format("{} is no JSON value", word),
         "write null for 'not a number', 1e999 for infinity and -1e999 for minus infinity");
  }
  if (word == "True" || word == "False" || word == "None") {
    fail(begin, end, fmt::format("{} is Python, not JSON", word),
         fmt::format("write {}", word == "True"    ? "true"
                                 : word == "False" ? "false"
                                                   : "null"));
  }
  position_ = begin;
  fail_unexpected("a value (null, true, false, a number, a string, an array or an object)", nowhere);
}

std::string JsonParser::parse_string() {
  const std::size_t begin = position_++;
  std::string out;
  while (true) {
    if (at_end() || peek() == '\n' || peek() == '\r') {
      fail(begin, position_, "this string has no closing quote on its line", "add '\"'; write a line break as \\n");
    }
    const char c = peek();
    if (c == '"') break;
    if (c == '\\') {
      parse_escape(out);
    } else if (static_cast<unsigned char>(c) < 0x20) {
      fail(position_, position_ + 1, fmt::format("control character 0x{:02X} in a string", static_cast<unsigned>(c)),
           c == '\t' ? "write a tab as \\t" : "write it as \\u00XX");
    } else {
      copy_utf8(out);
    }
  }
  ++position_;
  return out;
}

void JsonParser::copy_utf8(std::string& out) {
  const std::size_t length = utf8_length(text_.substr(position_));
  if (length == 0) {
    fail(position_, position_ + 1,
         fmt::format("byte 0x{:02X} is not UTF-8", static_cast<unsigned>(static_cast<unsigned char>(peek()))),
         "save the file with the encoding UTF-8", "json-encoding");
  }
  out.append(text_.substr(position_, length));
  position_ += length;
}

void JsonParser::parse_escape(std::string& out) {
  const std::size_t begin = position_++;
  const char c = peek();
  constexpr std::string_view names = "\"\\/bfnrt";
  constexpr std::string_view meanings = "\"\\/\b\f\n\r\t";
  const std::size_t index = names.find(c);
  if (!at_end() && index != std::string_view::npos) {
    out += meanings[index];
    ++position_;
    return;
  }
  if (c != 'u') {
    fail(begin, std::min(position_ + 1, text_.size()), "unknown escape in a string",
         "write a backslash itself as \\\\");
  }
  ++position_;
  std::uint32_t code = parse_hex4(begin);
  if (code >= 0xD800 && code < 0xDC00 && text_.substr(position_).starts_with("\\u")) {
    position_ += 2;
    const std::uint32_t low = parse_hex4(begin);
    if (low < 0xDC00 || low > 0xDFFF) fail(begin, position_, "\\u escape is half of a surrogate pair");
    code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
  }
  if (code >= 0xD800 && code < 0xE000) fail(begin, position_, "\\u escape is half of a surrogate pair");
  append_utf8(out, code);
}

std::uint32_t JsonParser::parse_hex4(std::size_t escape_begin) {
  const std::string_view digits = text_.substr(position_, 4);
  std::uint32_t code = 0;
  const auto parsed = std::from_chars(digits.data(), digits.data() + digits.size(), code, 16);
  if (digits.size() < 4 || parsed.ec != std::errc{} || parsed.ptr != digits.data() + 4) {
    fail(escape_begin, escape_begin + 2, "four hexadecimal digits must follow \\u");
  }
  position_ += 4;
  return code;
}

void JsonParser::skip_blanks() {
  while (!at_end() && (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r')) ++position_;
}

void JsonParser::skip_digits() {
  while (is_digit(peek())) ++position_;
}

bool JsonParser::accept(char c) {
  if (at_end() || peek() != c) return false;
  ++position_;
  return true;
}

std::size_t JsonParser::word_end(std::size_t begin) const {
  std::size_t end = begin;
  const auto in_word = [&](char c) { return is_letter(c) || is_digit(c) || c == '.' || (c == '-' && end == begin); };
  while (end < text_.size() && in_word(text_[end])) ++end;
  return std::min(std::max(end, begin + 1), text_.size());
}

/// What stands at `begin`, for a message.
std::string JsonParser::shown(std::size_t begin) const {
  const auto c = static_cast<unsigned char>(text_[begin]);
  if (c < 0x20 || c >= 0x7F) return fmt::format("byte 0x{:02X}", static_cast<unsigned>(c));
  return fmt::format("'{}'", text_.substr(begin, std::min<std::size_t>(word_end(begin) - begin, 40)));
}

void JsonParser::fail(std::size_t begin, std::size_t end, const std::string& message, const std::string& fix,
                      const std::string& code) {
  const SourceSpan place = source_->span(begin, end);
  problems_.add(
      {.code = code, .message = message, .span = place, .source_line = source_->line(place.line), .fix = fix});
  throw SyntaxError{};
}

void JsonParser::fail_unexpected(const std::string& expected, std::size_t open_position) {
  if (at_end()) fail_at_end(open_position);
  const char c = peek();
  std::string fix;
  if (c == '/' || c == '#') fix = "JSON has no comments; remove it, or use a key that begins with \"comment\"";
  if (c == '\'') fix = "JSON strings need double quotes";
  if (c == '+' || c == '.') fix = "write a number as 1, -1.5 or 2e-3";
  if (c == '"') fix = "is a comma missing before it?";
  fail(position_, word_end(position_), fmt::format("expected {}, found {}", expected, shown(position_)), fix);
}

void JsonParser::fail_at_end(std::size_t open_position) {
  const std::size_t last = text_.find_last_not_of(" \t\r\n");
  const std::size_t place = last == std::string_view::npos ? 0 : last;
  if (open_position == nowhere) fail(place, place + 1, "the file ends where a value was expected");
  const SourceSpan open = source_->span(open_position, open_position + 1);
  fail(place, place + 1,
       fmt::format("the file ends inside the {} that begins at line {}, column {}",
                   text_[open_position] == '{'   ? "object"
                   : text_[open_position] == '[' ? "array"
                                                 : "member",
                   open.line, open.column),
       text_[open_position] == '{'   ? "add the missing '}'"
       : text_[open_position] == '[' ? "add the missing ']'"
                                     : "");
}

}  // namespace cellwright::text
