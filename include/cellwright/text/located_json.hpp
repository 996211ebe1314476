#pragma once
/// JSON whose every value knows its place in the file, so that a mistake found long after parsing (a bound, a missing
/// section) is still reported with file, line, column and JSON pointer.
///
/// RFC 8259 exactly: no comments, no trailing commas, no NaN; in addition a key may stand only once in an object.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"

namespace cellwright::text {

enum class JsonType { null, boolean, number, string, array, object };

/// "null", "boolean", ...: the names used in messages.
std::string_view to_string(JsonType type);

struct JsonMember;
class JsonParser;

/// The text that values were read from; shared by all values of a document.
struct JsonSource {
  std::string file;
  std::string text;
  std::vector<std::size_t> line_starts;  ///< byte offset of the first byte of each line

  SourceSpan span(std::size_t begin, std::size_t end) const;
  /// The text of line `line` (from 1), without its line end.
  std::string line(int line) const;
};

/// One value of a document; immutable; a copy is a deep copy and remains valid without its document.
/// The as_... accessors throw ConfigError (code "json-type") at the value's place if it is of another type.
class JsonValue {
 public:
  JsonType type() const { return type_; }
  bool is_null() const { return type_ == JsonType::null; }
  bool is_boolean() const { return type_ == JsonType::boolean; }
  bool is_number() const { return type_ == JsonType::number; }
  bool is_string() const { return type_ == JsonType::string; }
  bool is_array() const { return type_ == JsonType::array; }
  bool is_object() const { return type_ == JsonType::object; }
  /// True for a number written without fraction and exponent that fits 64 bits with sign (as Python's int: 1, not 1.0).
  bool is_integer() const { return is_integer_; }

  bool as_boolean() const;
  /// The nearest double; ±infinity for numbers beyond the range (1e999).
  double as_number() const;
  /// @throws ConfigError ("json-type") also for a number that is no integer, such as 1.0.
  std::int64_t as_integer() const;
  const std::string& as_string() const;
  const std::vector<JsonValue>& as_array() const;
  /// Members in file order.
  const std::vector<JsonMember>& as_object() const;

  /// The member's value, or null if there is none. @throws ConfigError ("json-type") if this is no object.
  const JsonValue* find(std::string_view key) const;
  /// As find. @throws ConfigError ("json-missing-key") if there is no such member.
  const JsonValue& at(std::string_view key) const;

  /// Place of the value in its file. A value of several lines has length 1 (its first byte).
  SourceSpan span() const;
  /// JSON pointer (RFC 6901) such as "/axonal/2/bounds"; "" for the root.
  const std::string& path() const { return path_; }
  const std::string& file() const { return source_->file; }

  /// A diagnostic at this value. The message is preceded by the pointer: "/axonal/2/bounds: lower 0.5 > upper 0.1".
  Diagnostic diagnostic(std::string code, const std::string& message, std::string fix = "") const;
  /// The same as an error: `throw value.error("config-bounds", "lower 0.5 > upper 0.1")`.
  ConfigError error(std::string code, const std::string& message, std::string fix = "") const;

 private:
  friend class JsonParser;
  friend struct JsonMember;

  void expect(JsonType type) const;
  Diagnostic diagnostic_at(std::size_t begin, std::size_t end, std::string code, const std::string& message,
                           std::string fix) const;

  std::shared_ptr<const JsonSource> source_;
  std::string path_;
  std::size_t begin_ = 0;  // byte offsets of the value in source_->text
  std::size_t end_ = 0;
  JsonType type_ = JsonType::null;
  bool boolean_ = false;
  bool is_integer_ = false;
  double number_ = 0;
  std::int64_t integer_ = 0;
  std::string string_;
  std::vector<JsonValue> elements_;
  std::vector<JsonMember> members_;
};

/// A key and its value.
struct JsonMember {
  std::string key;
  SourceSpan key_span;  ///< place of the key, quotes included
  JsonValue value;

  /// A diagnostic at the key (unknown keys); the message is preceded by the pointer of the value.
  Diagnostic diagnostic(std::string code, const std::string& message, std::string fix = "") const;
};

/// A parsed file.
class JsonDocument {
 public:
  explicit JsonDocument(JsonValue root) : root_(std::move(root)) {}
  const JsonValue& root() const { return root_; }
  const std::string& file() const { return root_.file(); }

 private:
  JsonValue root_;
};

/// Deeper nesting of arrays and objects is an error (code "json-depth").
inline constexpr int max_json_depth = 200;

/// Parses a whole text; a UTF-8 byte order mark is skipped.
/// @param file_name used in places only.
/// @throws ConfigError with every duplicate key (code "json-duplicate-key", naming both lines) and the first syntax
/// error
///         ("json-syntax", "json-encoding" for bytes that are not UTF-8, "json-depth").
JsonDocument parse_json(std::string text, std::string file_name);

/// Reads and parses a file; places name `path` as given.
/// @throws ConfigError as parse_json and read_file.
JsonDocument load_json(const std::filesystem::path& path);

}  // namespace cellwright::text
