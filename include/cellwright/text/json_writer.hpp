#pragma once
/// Writes JSON whose bytes depend on the written values alone: keys in the order in which they are written, doubles as
/// Python's json prints them (shortest text that reads back exactly), NaN as null, ±infinity as ±1e999.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cellwright::text {

enum class JsonStyle {
  pretty,    ///< one element a line, two columns of indent; empty containers as [] and {}
  one_line,  ///< {"a": 1, "b": [1, 2]}
  compact,   ///< {"a":1,"b":[1,2]}
};

/// A stream of JSON tokens:
/// @code
/// JsonWriter writer;
/// writer.begin_object();
/// writer.member("name", "l5pc");
/// writer.key("bounds").begin_array(JsonStyle::one_line).value(0.1).value(0.5).end_array();
/// writer.end_object();
/// write_file_atomically(path, writer.take() + "\n");
/// @endcode
/// Misuse (a value without a key in an object, an unclosed container at take) throws InternalError.
class JsonWriter {
 public:
  explicit JsonWriter(JsonStyle style = JsonStyle::pretty) : style_(style) {}

  /// @param style of this container and what is in it; by default that of the surroundings. Inside a container that is
  ///        not pretty nothing is.
  JsonWriter& begin_object(std::optional<JsonStyle> style = {});
  JsonWriter& end_object();
  JsonWriter& begin_array(std::optional<JsonStyle> style = {});
  JsonWriter& end_array();
  JsonWriter& key(std::string_view name);

  JsonWriter& value(double number);
  JsonWriter& value(bool boolean);
  JsonWriter& value(std::string_view text);
  JsonWriter& value(const char* text) { return value(std::string_view(text)); }
  JsonWriter& value(std::nullptr_t);
  template <std::integral Integer>
  JsonWriter& value(Integer number) {
    return scalar(std::to_string(number));
  }

  template <class Value>
  JsonWriter& member(std::string_view name, const Value& content) {
    key(name);
    return value(content);
  }

  /// The text, without a line end. @throws InternalError unless exactly one complete value was written.
  std::string take();

 private:
  struct Level {
    bool is_object;
    JsonStyle style;
    std::size_t count;
  };

  JsonWriter& scalar(std::string_view text);
  JsonWriter& begin(bool is_object, std::optional<JsonStyle> style);
  JsonWriter& end(bool is_object);
  void before_value();
  void separate();
  void new_line();

  JsonStyle style_;
  std::string text_;
  std::vector<Level> levels_;
  bool has_key_ = false;
  bool complete_ = false;
};

/// A string as a JSON token, in quotes: `"`, `\` and control characters are escaped, UTF-8 passes through.
std::string json_quoted(std::string_view text);

/// A double as a JSON token: shortest_number, null for NaN, ±1e999 for ±infinity.
std::string json_number(double number);

}  // namespace cellwright::text
