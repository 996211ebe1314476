#pragma once
/// Traces for `cellwright features`.

#include <optional>
#include <string>
#include <vector>

#include "cellwright/features/trace_reader.hpp"

namespace cellwright::run {

/// A trace with what its file says about its stimulus.
struct NamedTrace {
  std::string name;  ///< the file's name; with "[i]" behind it for the i-th of several (from 0)
  features::TraceData data;
  std::optional<double> stim_start_ms;
  std::optional<double> stim_end_ms;
  std::optional<double> stimulus_current_na;
};

/// Parses the trace or traces of one file, in one of three forms told apart by the first character:
/// * CSV with a header, or columns of numbers (features::parse_trace): one trace;
/// * a JSON object {"time": [ms], "voltage": [mV], "current": [nA]} (`t`, `v`, `i` for short; current is optional; null
///   means NaN), with "stim_start", "stim_end" (ms) and "stimulus_current" (nA) if the trace has its own; other keys
///   are ignored;
/// * a JSON list of such objects.
/// @param name the file's name, for messages.
/// @throws ConfigError or FeatureError with the place of what is wrong.
std::vector<NamedTrace> parse_traces(const std::string& text, const std::string& name);

/// Reads a file, or standard input if `path` is "-".
/// @throws as parse_traces, and ConfigError "file-missing" or "file-unreadable".
std::vector<NamedTrace> read_traces(const std::string& path);

}  // namespace cellwright::run
