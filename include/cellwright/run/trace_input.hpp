#pragma once
/// Traces for `cellwright features`.

#include <string>

#include "cellwright/features/trace_reader.hpp"

namespace cellwright::run {

/// Parses a trace in one of three forms: CSV with a header, columns of numbers (features::parse_trace), or a JSON
/// object
/// {"time": [ms], "voltage": [mV], "current": [nA]} (`t`, `v`, `i` for short, current optional; null means NaN).
/// @param name the file's name, for messages.
/// @throws ConfigError or FeatureError with the place of what is wrong.
features::TraceData parse_trace_text(const std::string& text, const std::string& name);

/// Reads a file, or standard input if `path` is "-".
/// @throws as parse_trace_text, and ConfigError "file-missing" or "file-unreadable".
features::TraceData read_trace_input(const std::string& path);

}  // namespace cellwright::run
