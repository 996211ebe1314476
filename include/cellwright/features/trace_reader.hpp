#pragma once
/// Traces from text files.

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/features/trace.hpp"

namespace cellwright::features {

/// A trace that owns its samples.
struct TraceData {
  std::vector<double> time_ms;
  std::vector<double> voltage_mv;
  std::vector<double> current_na;  ///< empty when the file has no current
  Trace view() const { return {time_ms, voltage_mv, current_na}; }
};

/// Parses a trace from text in one of two forms, told apart by the first line that is neither empty nor a comment (#):
/// * CSV with a header that names the columns: `time` (or `t`) in ms, `voltage` (or `v`) in mV, optionally `current`
///   (or `i`) in nA; other columns are allowed and ignored;
/// * numbers separated by white space or commas, two columns (time, voltage) or three (and current).
/// @param name the file's name, for messages.
/// @throws FeatureError with file, line and column for a missing column, a wrong number of cells, something that is
///   not a number, a time that is not finite or decreases, and a file without samples.
TraceData parse_trace(std::string_view text, const std::string& name);

/// Reads a file and parses it. @throws ConfigError if it cannot be read; FeatureError as parse_trace.
TraceData read_trace(const std::filesystem::path& path);

}  // namespace cellwright::features
