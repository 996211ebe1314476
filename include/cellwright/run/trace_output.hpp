#pragma once
/// What `cellwright simulate` writes: one CSV file per recording.

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "cellwright/run/problem.hpp"

namespace cellwright::run {

struct SimulatedFiles {
  std::vector<std::filesystem::path> written;               ///< in order of protocols and recordings; none for a
                                                            ///< recording at a place that the cell does not have
  std::vector<std::pair<std::string, std::string>> failed;  ///< protocol and why; its recordings have no file
  std::vector<std::string> without_place;                   ///< recordings at a place that the cell does not have
};

/// Simulates every protocol with one set of parameters and writes `<recording name>.csv` with the columns
/// `time,voltage` (ms; mV or the unit of the variable), 17 significant digits.
/// @param parameters in CellModel::free_parameters() order.
/// @param sample_ms  if given, the values are interpolated linearly onto the grid 0, sample_ms, 2 sample_ms, ...;
///   otherwise every step is written.
/// @throws ConfigError "simulate-file-name" if a recording's name cannot be a file's, "simulate-folder" if the folder
///   cannot be made; whatever building the cell
/// throws.
SimulatedFiles simulate_to_files(const Problem& problem, std::span<const double> parameters,
                                 const std::filesystem::path& folder, std::optional<double> sample_ms,
                                 std::size_t threads);

/// The CSV text of a trace.
std::string format_trace(std::span<const double> time_ms, std::span<const double> values,
                         std::optional<double> sample_ms);

}  // namespace cellwright::run
