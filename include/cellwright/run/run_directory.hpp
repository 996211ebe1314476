#pragma once
/// The files of one optimisation. Whatever moment a process dies at, `--resume` goes on from the last checkpoint and
/// ends with the same bytes.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/optimise/deap_optimisation.hpp"
#include "cellwright/run/checkpoint.hpp"

namespace cellwright::run {

/// Names of the files, as in docs/reference/run-directory.md.
namespace files {
inline constexpr const char* run = "run.json";
inline constexpr const char* checkpoint = "checkpoint";
inline constexpr const char* previous = "checkpoint.previous";
inline constexpr const char* logbook = "logbook.csv";
inline constexpr const char* timings = "timings.csv";
inline constexpr const char* population = "population.csv";
inline constexpr const char* history = "history.csv";
inline constexpr const char* journal = "journal";
inline constexpr const char* hall_of_fame = "hall_of_fame.json";
inline constexpr const char* best_params = "best_params.json";
inline constexpr const char* report = "report.html";
inline constexpr const char* plots = "plots";  ///< a folder
}  // namespace files

/// What a file that was written survives.
enum class Durability {
  process,  ///< the death of this process at any moment
  machine   ///< also that of the machine: the disk has everything
};

/// A run directory, held by this process as long as the object lives.
class RunDirectory {
 public:
  /// Creates the folder if there is none and locks it against other processes.
  /// @throws ConfigError "run-directory" if it cannot be created, "run-directory-locked" if another process runs in it.
  explicit RunDirectory(std::filesystem::path folder);
  ~RunDirectory();
  RunDirectory(const RunDirectory&) = delete;
  RunDirectory& operator=(const RunDirectory&) = delete;

  const std::filesystem::path& folder() const { return folder_; }
  std::filesystem::path path(const char* file) const { return folder_ / file; }
  /// Some file of a run is there.
  bool holds_run() const;
  /// Removes all files of a run. @param with_journal else the journal stays.
  void clear(bool with_journal = true) const;
  /// Removes what a process left behind that died while writing.
  void remove_temporary_files() const;

  /// The checkpoint, or the previous one with a warning if it cannot be read; nothing if there is none.
  /// @throws CheckpointError "checkpoint-unreadable" if there is one but none can be read.
  std::optional<Checkpoint> load_checkpoint(std::vector<Diagnostic>& warnings) const;
  /// Replaces `checkpoint`. The old one becomes `checkpoint.previous`, unless it would not survive the machine's death:
  /// then an earlier one that does stays.
  void save_checkpoint(const Checkpoint& checkpoint, Durability durability);
  /// Cuts logbook.csv, timings.csv, history.csv and population.csv back to `generation` finished generations.
  /// @returns the logbook. @throws CheckpointError "checkpoint-files" if rows are missing.
  optimise::Logbook cut_back(const Checkpoint& checkpoint) const;

 private:
  std::filesystem::path folder_;
  int lock_ = -1;
  bool checkpoint_is_durable_ = true;  ///< the one on disk
};

/// The rows of logbook.csv as they stand; a row that is just being written is left out. A file that does not exist has
/// none. @throws CheckpointError "checkpoint-files" for a row that is no row of a logbook.
optimise::Logbook read_logbook(const std::filesystem::path& path);

/// Writes a file so that it holds either its old or its new content.
void replace_file(const std::filesystem::path& path, std::string_view content, Durability durability);

/// hall_of_fame.json: a list, best first.
std::string format_hall_of_fame(const optimise::HallOfFame& hall_of_fame, const std::vector<std::string>& parameters,
                                const std::vector<std::string>& objectives);
/// best_params.json: {full name: value} of the best individual.
std::string format_best_params(const optimise::HallOfFame& hall_of_fame, const std::vector<std::string>& parameters);

}  // namespace cellwright::run
