#include "cellwright/run/trace_input.hpp"

#include <cmath>
#include <iostream>
#include <iterator>
#include <limits>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/text/located_json.hpp"
#include "config_reader.hpp"

namespace cellwright::run {
namespace {

using text::JsonMember;
using text::JsonValue;

std::vector<double> numbers(const JsonValue& value, bool null_is_nan) {
  std::vector<double> list;
  for (const JsonValue& item : value.as_array()) {
    list.push_back(null_is_nan && item.is_null() ? std::numeric_limits<double>::quiet_NaN() : item.as_number());
  }
  return list;
}

void check_times(const JsonValue& value, const std::vector<double>& times) {
  for (std::size_t i = 0; i < times.size(); ++i) {
    const JsonValue& item = value.as_array()[i];
    if (!std::isfinite(times[i])) throw item.error("trace-time", "a time must be finite");
    if (i > 0 && times[i] < times[i - 1]) {
      throw item.error("trace-time", fmt::format("time {} ms comes after {} ms", times[i], times[i - 1]));
    }
  }
}

void check_length(const JsonValue& value, std::size_t length, std::size_t expected) {
  if (length == expected) return;
  throw value.error("trace-length", fmt::format("has {} samples, 'time' has {}", length, expected));
}

features::TraceData trace_from_json(const JsonValue& root) {
  features::TraceData trace;
  const JsonValue *time = nullptr, *voltage = nullptr, *current = nullptr;
  for (const JsonMember& member : root.as_object()) {
    if (member.key == "time" || member.key == "t") time = &member.value;
    if (member.key == "voltage" || member.key == "v") voltage = &member.value;
    if (member.key == "current" || member.key == "i") current = &member.value;
  }
  for (const auto& [value, key] : {std::pair(time, "time"), std::pair(voltage, "voltage")}) {
    if (value == nullptr)
      throw root.error("trace-column", fmt::format("key '{}' is missing", key),
                       "give {\"time\": [...], \"voltage\": [...]}");
  }
  trace.time_ms = numbers(*time, false);
  if (trace.time_ms.empty()) throw time->error("trace-empty", "the trace has no samples");
  check_times(*time, trace.time_ms);
  trace.voltage_mv = numbers(*voltage, true);
  check_length(*voltage, trace.voltage_mv.size(), trace.time_ms.size());
  if (current != nullptr) {
    trace.current_na = numbers(*current, true);
    check_length(*current, trace.current_na.size(), trace.time_ms.size());
  }
  return trace;
}

}  // namespace

features::TraceData parse_trace_text(const std::string& text, const std::string& name) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string::npos || text[first] != '{') return features::parse_trace(text, name);
  return trace_from_json(text::parse_json(text, name).root());
}

features::TraceData read_trace_input(const std::string& path) {
  if (path != "-") return parse_trace_text(read_file(path), path);
  return parse_trace_text(std::string(std::istreambuf_iterator<char>(std::cin), {}), "<stdin>");
}

}  // namespace cellwright::run
