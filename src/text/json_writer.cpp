#include "cellwright/text/json_writer.hpp"

#include <cmath>
#include <utility>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/number_text.hpp"

namespace cellwright::text {

std::string json_number(double number) {
  if (std::isnan(number)) return "null";
  if (std::isinf(number)) return number > 0 ? "1e999" : "-1e999";
  return shortest_number(number);
}

std::string json_quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) {
          out += fmt::format("\\u{:04x}", static_cast<unsigned>(c));
        } else {
          out += c;
        }
    }
  }
  return out + '"';
}

JsonWriter& JsonWriter::begin_object(std::optional<JsonStyle> style) { return begin(true, style); }
JsonWriter& JsonWriter::end_object() { return end(true); }
JsonWriter& JsonWriter::begin_array(std::optional<JsonStyle> style) { return begin(false, style); }
JsonWriter& JsonWriter::end_array() { return end(false); }

JsonWriter& JsonWriter::value(double number) { return scalar(json_number(number)); }
JsonWriter& JsonWriter::value(bool boolean) { return scalar(boolean ? "true" : "false"); }
JsonWriter& JsonWriter::value(std::string_view text) { return scalar(json_quoted(text)); }
JsonWriter& JsonWriter::value(std::nullptr_t) { return scalar("null"); }

JsonWriter& JsonWriter::key(std::string_view name) {
  if (levels_.empty() || !levels_.back().is_object || has_key_) {
    throw InternalError(fmt::format("JsonWriter: key \"{}\" where no key may stand", name));
  }
  separate();
  text_ += json_quoted(name);
  text_ += levels_.back().style == JsonStyle::compact ? ":" : ": ";
  has_key_ = true;
  return *this;
}

JsonWriter& JsonWriter::scalar(std::string_view text) {
  before_value();
  text_ += text;
  complete_ = levels_.empty();
  return *this;
}

JsonWriter& JsonWriter::begin(bool is_object, std::optional<JsonStyle> style) {
  before_value();
  const JsonStyle outer = levels_.empty() ? style_ : levels_.back().style;
  JsonStyle inner = style.value_or(outer);
  if (!levels_.empty() && outer != JsonStyle::pretty) inner = outer;
  levels_.push_back({is_object, inner, 0});
  text_ += is_object ? '{' : '[';
  return *this;
}

JsonWriter& JsonWriter::end(bool is_object) {
  if (levels_.empty() || levels_.back().is_object != is_object || has_key_) {
    throw InternalError("JsonWriter: end of a container that is not open");
  }
  const Level closed = levels_.back();
  levels_.pop_back();
  if (closed.style == JsonStyle::pretty && closed.count > 0) new_line();
  text_ += is_object ? '}' : ']';
  complete_ = levels_.empty();
  return *this;
}

void JsonWriter::before_value() {
  const bool in_object = !levels_.empty() && levels_.back().is_object;
  if (complete_ || (in_object && !has_key_)) throw InternalError("JsonWriter: value where no value may stand");
  if (!levels_.empty() && !in_object) separate();
  has_key_ = false;
}

/// The comma and the white space in front of a key or an array's element.
void JsonWriter::separate() {
  Level& level = levels_.back();
  if (level.count++ > 0) text_ += level.style == JsonStyle::one_line ? ", " : ",";
  if (level.style == JsonStyle::pretty) new_line();
}

void JsonWriter::new_line() {
  text_ += '\n';
  text_.append(2 * levels_.size(), ' ');
}

std::string JsonWriter::take() {
  if (!complete_) throw InternalError("JsonWriter: the document is not complete");
  complete_ = false;
  return std::exchange(text_, {});
}

}  // namespace cellwright::text
