#pragma once
/// What a run directory tells about its run, for those who look at it: also while it goes on, also when it was killed.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/optimise/logbook.hpp"
#include "cellwright/optimise/parameter.hpp"
#include "cellwright/run/checkpoint.hpp"

namespace cellwright::run {

/// Where a run comes from: the command that started it, or the last one that resumed it.
struct RunOrigin {
  std::filesystem::path problem_file;       ///< the cell file or problem file, as given
  bool external = false;                    ///< it is a problem file: a program of the user's own evaluates
  std::vector<std::string> command;         ///< arguments, the program's name first
  std::filesystem::path working_directory;  ///< absolute: what relative paths in `command` are relative to
  std::size_t threads = 1;                  ///< or processes that evaluate at the same time
};

/// A free parameter and where it may lie.
struct ParameterRange {
  std::string name;
  double lower = 0, upper = 0;
};

/// run.json: what a run is, written when it starts. It has paths and times, so that its bytes differ between runs.
struct RunInfo {
  std::string program_version;
  std::string started;  ///< date and time in UTC, ISO 8601
  RunOrigin origin;
  std::filesystem::path problem_file_from_here;  ///< the problem file relative to the run directory
  int generations = 0;                           ///< that were asked for
  std::vector<ParameterRange> parameters;        ///< in the order of the optimisation vector
};

/// A row of timings.csv.
struct GenerationTiming {
  int generation = 0;
  std::int64_t evaluations = 0;
  double seconds = 0;
};

/// All that a report needs of a run directory.
struct RunRecord {
  std::filesystem::path folder;
  std::optional<RunInfo> info;  ///< none: the run is of a version that wrote no run.json
  Checkpoint checkpoint;        ///< settings, hall of fame, number of evaluations
  optimise::Logbook logbook;    ///< may be ahead of the checkpoint
  std::vector<GenerationTiming> timings;

  /// The problem file: where it was or, if it is not there any more, where it lies relative to the run directory.
  /// Nothing if it is at neither place or not known.
  std::optional<std::filesystem::path> find_problem_file() const;
};

/// The text of run.json.
/// @param folder the run directory.
std::string format_run_info(const RunOrigin& origin, const std::filesystem::path& folder, int generations,
                            const std::vector<optimise::Parameter>& parameters);

/// Reads a run directory without locking or changing it.
/// @throws ConfigError "run-directory-missing" if there is no such folder, "run-no-results" if it holds no
///   checkpoint; CheckpointError if its files are damaged.
RunRecord read_run(const std::filesystem::path& folder);

}  // namespace cellwright::run
