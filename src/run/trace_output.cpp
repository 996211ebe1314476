#include "cellwright/run/trace_output.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/evaluate/seed.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "csv_file.hpp"

namespace cellwright::run {
namespace {

/// The value at `t` on the straight lines between the samples; `hint` is the index of a sample at or before t.
double value_at(std::span<const double> time_ms, std::span<const double> values, double t, std::size_t& hint) {
  while (hint + 1 < time_ms.size() && time_ms[hint + 1] <= t) ++hint;
  if (hint + 1 == time_ms.size() || time_ms[hint] == t) return values[hint];
  const double fraction = (t - time_ms[hint]) / (time_ms[hint + 1] - time_ms[hint]);
  return values[hint] + fraction * (values[hint + 1] - values[hint]);
}

void append_row(std::string& text, double t, double value) {
  text += fmt::format("{},{}\n", csv_number(t), csv_number(value));
}

void check_file_names(const Problem& problem) {
  for (const model::SweepProtocol& protocol : problem.protocols) {
    for (const model::CompRecording& recording : protocol.recordings) {
      if (recording.name.find('/') == std::string::npos) continue;
      throw ConfigError(
          Diagnostic{.code = "simulate-file-name",
                     .message = fmt::format("recording '{}' cannot be the name of a file", recording.name),
                     .span = recording.span,
                     .fix = "names of protocols and recordings that are written to files have no '/'"});
    }
  }
}

/// A folder that cannot be made is a mistake of the command, found before anything is simulated.
void make_trace_folder(const std::filesystem::path& folder) {
  std::error_code code;
  if (std::filesystem::exists(folder, code) && !std::filesystem::is_directory(folder, code)) {
    throw ConfigError(Diagnostic{.code = "simulate-folder",
                                 .message = fmt::format("'{}' is a file; the traces go into a folder", folder.string()),
                                 .fix = "give the name of a folder, which is made if it does not exist"});
  }
  std::filesystem::create_directories(folder, code);
  if (code) {
    throw ConfigError(
        Diagnostic{.code = "simulate-folder",
                   .message = fmt::format("cannot make the folder '{}': {}", folder.string(), code.message()),
                   .fix = "give a folder in a place where one can be made"});
  }
}

}  // namespace

std::string format_trace(std::span<const double> time_ms, std::span<const double> values,
                         std::optional<double> sample_ms) {
  std::string text = "time,voltage\n";
  if (!sample_ms) {
    for (std::size_t i = 0; i < time_ms.size(); ++i) append_row(text, time_ms[i], values[i]);
    return text;
  }
  std::size_t hint = 0;
  for (std::size_t i = 0; !time_ms.empty(); ++i) {
    const double t = static_cast<double>(i) * *sample_ms;
    if (t > time_ms.back()) break;
    append_row(text, t, value_at(time_ms, values, t, hint));
  }
  return text;
}

SimulatedFiles simulate_to_files(const Problem& problem, std::span<const double> parameters,
                                 const std::filesystem::path& folder, std::optional<double> sample_ms,
                                 std::size_t threads) {
  check_file_names(problem);
  make_trace_folder(folder);
  const auto prepared = make_simulator(problem.simulator)->prepare(problem.cell, problem.protocols);
  simulate::LaneBatch batch{.parameters = {parameters.data(), 1, parameters.size()}};
  for (std::size_t p = 0; p < problem.protocols.size(); ++p) batch.lanes.push_back({.individual = 0, .protocol = p});
  if (problem.evaluation.use_params_for_seed)
    batch.random123_globalindex = evaluate::seeds_from_parameters(problem.cell, batch.parameters);
  std::vector<std::string> reasons(problem.protocols.size());
  std::vector<std::vector<std::filesystem::path>> written(problem.protocols.size());
  std::vector<std::vector<std::string>> without_place(problem.protocols.size());
  const auto executor = parallel::make_executor(threads);
  prepared->run(batch, *executor, [&](std::size_t lane, const simulate::LaneResponses& responses) {
    if (responses.status != simulate::LaneStatus::ok) {
      reasons[lane] = simulate::describe(responses);
      return;
    }
    const auto& recordings = problem.protocols[lane].recordings;
    for (std::size_t r = 0; r < recordings.size(); ++r) {
      if (responses.recordings[r].empty()) {
        without_place[lane].push_back(recordings[r].name);
        continue;
      }
      written[lane].push_back(folder / (recordings[r].name + ".csv"));
      write_file_atomically(written[lane].back(), format_trace(responses.time_ms, responses.recordings[r], sample_ms));
    }
  });
  SimulatedFiles files;
  for (std::size_t p = 0; p < problem.protocols.size(); ++p) {
    if (!reasons[p].empty()) {
      files.failed.emplace_back(problem.protocols[p].name, reasons[p]);
      continue;
    }
    files.written.insert(files.written.end(), written[p].begin(), written[p].end());
    files.without_place.insert(files.without_place.end(), without_place[p].begin(), without_place[p].end());
  }
  return files;
}

}  // namespace cellwright::run
