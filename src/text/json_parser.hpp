#pragma once
/// The parser behind parse_json: recursive descent over bytes.
///
/// Own rather than nlohmann's because that (3.11) has no positions for values, drops duplicate keys silently and
/// reports syntax errors in the words of its grammar.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "cellwright/text/located_json.hpp"

namespace cellwright::text {

class JsonParser {
 public:
  JsonParser(std::string text, std::string file_name);
  /// Call once. @throws ConfigError as parse_json.
  JsonDocument parse();

 private:
  /// A syntax error; together with the duplicate keys found so far it is thrown as ConfigError by parse().
  struct SyntaxError {};
  /// Line of the first use of each key of one object.
  using KeyPlaces = std::unordered_map<std::string, SourceSpan>;

  JsonValue parse_value(std::string path, int depth);
  void parse_array(JsonValue& array, int depth);
  void parse_object(JsonValue& object, int depth);
  void parse_member(JsonValue& object, KeyPlaces& places, int depth);
  void parse_number(JsonValue& value);
  void parse_word(JsonValue& value);
  std::string parse_string();
  void parse_escape(std::string& out);
  std::uint32_t parse_hex4(std::size_t escape_begin);
  void copy_utf8(std::string& out);

  void skip_blanks();
  void skip_digits();
  bool at_end() const { return position_ >= text_.size(); }
  char peek() const { return at_end() ? '\0' : text_[position_]; }
  bool accept(char c);
  /// After an element: true at a comma that another element follows, false at `close` (which is consumed).
  bool next_element(char open, char close, std::size_t open_position);
  std::size_t word_end(std::size_t begin) const;
  std::string shown(std::size_t begin) const;

  [[noreturn]] void fail(std::size_t begin, std::size_t end, const std::string& message, const std::string& fix = "",
                         const std::string& code = "json-syntax");
  [[noreturn]] void fail_unexpected(const std::string& expected, std::size_t open_position);
  [[noreturn]] void fail_at_end(std::size_t open_position);

  std::shared_ptr<JsonSource> source_;
  std::string_view text_;
  std::size_t position_ = 0;
  DiagnosticList problems_;
};

}  // namespace cellwright::text
