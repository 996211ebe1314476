#include "cellwright/text/located_json.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "text/json_parser.hpp"

namespace cellwright::text {
namespace {

std::string_view with_article(JsonType type) {
  switch (type) {
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return "true or false";
    case JsonType::number:
      return "a number";
    case JsonType::string:
      return "a string";
    case JsonType::array:
      return "an array";
    case JsonType::object:
      return "an object";
  }
  return "";
}

std::string with_pointer(const std::string& path, const std::string& message) {
  return path.empty() ? message : path + ": " + message;
}

}  // namespace

std::string_view to_string(JsonType type) {
  switch (type) {
    case JsonType::null:
      return "null";
    case JsonType::boolean:
      return "boolean";
    case JsonType::number:
      return "number";
    case JsonType::string:
      return "string";
    case JsonType::array:
      return "array";
    case JsonType::object:
      return "object";
  }
  return "";
}

SourceSpan JsonSource::span(std::size_t begin, std::size_t end) const {
  const auto next = std::upper_bound(line_starts.begin(), line_starts.end(), begin);
  const std::size_t line_start = *(next - 1);
  const std::size_t line_end = next == line_starts.end() ? text.size() : *next - 1;
  const std::size_t length = end <= line_end && end > begin ? end - begin : 1;
  return {file, static_cast<int>(next - line_starts.begin()), static_cast<int>(begin - line_start) + 1,
          static_cast<int>(length)};
}

std::string JsonSource::line(int line) const {
  const auto index = static_cast<std::size_t>(line) - 1;
  const std::size_t begin = line_starts[index];
  std::size_t end = index + 1 < line_starts.size() ? line_starts[index + 1] - 1 : text.size();
  if (end > begin && text[end - 1] == '\r') --end;
  return text.substr(begin, end - begin);
}

void JsonValue::expect(JsonType type) const {
  if (type_ == type) return;
  throw error("json-type", fmt::format("expected {}, found {}", with_article(type), with_article(type_)));
}

bool JsonValue::as_boolean() const {
  expect(JsonType::boolean);
  return boolean_;
}

double JsonValue::as_number() const {
  expect(JsonType::number);
  return number_;
}

std::int64_t JsonValue::as_integer() const {
  expect(JsonType::number);
  if (is_integer_) return integer_;
  throw error("json-type",
              fmt::format("expected a whole number, found {}", source_->text.substr(begin_, end_ - begin_)),
              "write it without fraction and exponent, within 64 bits");
}

const std::string& JsonValue::as_string() const {
  expect(JsonType::string);
  return string_;
}

const std::vector<JsonValue>& JsonValue::as_array() const {
  expect(JsonType::array);
  return elements_;
}

const std::vector<JsonMember>& JsonValue::as_object() const {
  expect(JsonType::object);
  return members_;
}

const JsonValue* JsonValue::find(std::string_view key) const {
  const std::vector<JsonMember>& members = as_object();
  const auto found = std::find_if(members.begin(), members.end(), [&](const JsonMember& m) { return m.key == key; });
  return found == members.end() ? nullptr : &found->value;
}

const JsonValue& JsonValue::at(std::string_view key) const {
  if (const JsonValue* value = find(key)) return *value;
  throw error("json-missing-key", fmt::format("key \"{}\" is missing", key),
              fmt::format("add \"{}\" to this object", key));
}

SourceSpan JsonValue::span() const { return source_->span(begin_, end_); }

Diagnostic JsonValue::diagnostic_at(std::size_t begin, std::size_t end, std::string code, const std::string& message,
                                    std::string fix) const {
  const SourceSpan place = source_->span(begin, end);
  return {.code = std::move(code),
          .message = with_pointer(path_, message),
          .span = place,
          .source_line = source_->line(place.line),
          .fix = std::move(fix)};
}

Diagnostic JsonValue::diagnostic(std::string code, const std::string& message, std::string fix) const {
  return diagnostic_at(begin_, end_, std::move(code), message, std::move(fix));
}

ConfigError JsonValue::error(std::string code, const std::string& message, std::string fix) const {
  return ConfigError(diagnostic(std::move(code), message, std::move(fix)));
}

Diagnostic JsonMember::diagnostic(std::string code, const std::string& message, std::string fix) const {
  return {.code = std::move(code),
          .message = with_pointer(value.path_, message),
          .span = key_span,
          .source_line = value.source_->line(key_span.line),
          .fix = std::move(fix)};
}

JsonDocument parse_json(std::string text, std::string file_name) {
  return JsonParser(std::move(text), std::move(file_name)).parse();
}

JsonDocument load_json(const std::filesystem::path& path) { return parse_json(read_file(path), path.string()); }

}  // namespace cellwright::text
