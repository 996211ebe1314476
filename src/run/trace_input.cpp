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

/// The member of that name or short name; nullptr if there is neither.
const JsonValue* column(const JsonValue& root, std::string_view name, std::string_view short_name) {
  const JsonValue* value = root.find(name);
  const JsonValue* other = root.find(short_name);
  if (value != nullptr && other != nullptr) {
    throw other->error("trace-column", fmt::format("'{}' and '{}' are the same column", name, short_name));
  }
  return value != nullptr ? value : other;
}

const JsonValue& required_column(const JsonValue& root, std::string_view name, std::string_view short_name) {
  if (const JsonValue* value = column(root, name, short_name)) return *value;
  throw root.error("trace-column", fmt::format("key '{}' is missing", name),
                   "give {\"time\": [...], \"voltage\": [...]}");
}

std::optional<double> number(const JsonValue& root, std::string_view key) {
  const JsonValue* value = root.find(key);
  if (value == nullptr) return std::nullopt;
  if (!std::isfinite(value->as_number())) throw value->error("trace-stimulus", "must be finite");
  return value->as_number();
}

NamedTrace trace_from_json(const JsonValue& root, std::string name) {
  NamedTrace trace;
  trace.name = std::move(name);
  const JsonValue& time = required_column(root, "time", "t");
  const JsonValue& voltage = required_column(root, "voltage", "v");
  features::TraceData& data = trace.data;
  data.time_ms = numbers(time, false);
  if (data.time_ms.empty()) throw time.error("trace-empty", "the trace has no samples");
  check_times(time, data.time_ms);
  data.voltage_mv = numbers(voltage, true);
  check_length(voltage, data.voltage_mv.size(), data.time_ms.size());
  if (const JsonValue* current = column(root, "current", "i")) {
    data.current_na = numbers(*current, true);
    check_length(*current, data.current_na.size(), data.time_ms.size());
  }
  trace.stim_start_ms = number(root, "stim_start");
  trace.stim_end_ms = number(root, "stim_end");
  trace.stimulus_current_na = number(root, "stimulus_current");
  return trace;
}

}  // namespace

std::vector<NamedTrace> parse_traces(const std::string& text, const std::string& name) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  std::vector<NamedTrace> traces;
  if (first == std::string::npos || (text[first] != '{' && text[first] != '[')) {
    traces.push_back({.name = name, .data = features::parse_trace(text, name)});
    return traces;
  }
  const auto document = text::parse_json(text, name);
  const JsonValue& root = document.root();
  if (!root.is_array()) {
    traces.push_back(trace_from_json(root, name));
    return traces;
  }
  for (const JsonValue& item : root.as_array()) {
    traces.push_back(trace_from_json(item, fmt::format("{}[{}]", name, traces.size())));
  }
  if (traces.empty()) throw root.error("trace-empty", "the list has no traces");
  return traces;
}

std::vector<NamedTrace> read_traces(const std::string& path) {
  if (path != "-") return parse_traces(read_file(path), path);
  return parse_traces(std::string(std::istreambuf_iterator<char>(std::cin), {}), "<stdin>");
}

}  // namespace cellwright::run
