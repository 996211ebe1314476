#pragma once
/// An optimisation in a run directory: the loop, its files, resuming and stopping.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/run/checkpoint.hpp"
#include "cellwright/run/run_directory.hpp"
#include "cellwright/run/run_record.hpp"

namespace cellwright::run {

struct RunRequest {
  RunIdentity identity;
  RunOrigin origin;  ///< goes into run.json
  std::filesystem::path directory;
  int generations = 10;  ///< in all; the initial population is generation 1
  bool resume = false;
  int checkpoint_every = 1;  ///< generations between checkpoints; there is always one at the end
  /// Also a checkpoint after a generation that ends so many seconds or more after the last checkpoint of this process
  /// (or after its start); default: only by `checkpoint_every`.
  std::optional<double> checkpoint_interval_s;
  /// Every checkpoint survives the death of the process. One in so many seconds, and the last one, survive the death of
  /// the machine too: waiting for the disk after each generation would cost more than fast generations themselves.
  double sync_seconds = 1;
};

/// Where a run stands after a generation.
struct RunProgress {
  int generation = 0;
  int generations = 0;
  std::int64_t evaluations = 0;  ///< since generation 1
  std::int64_t failed_evaluations = 0;
  double best_sum = 0;                   ///< sum of the scores of the best individual so far
  std::int64_t session_evaluations = 0;  ///< of this process
  double session_seconds = 0;            ///< wall-clock time of this process's generations
};

/// How a run speaks to its surroundings. All may be empty.
struct RunHooks {
  std::function<void(const RunProgress&)> progress;  ///< after each generation
  std::function<bool()> stop;                        ///< asked after each generation; true ends with a checkpoint
};

struct RunOutcome {
  optimise::HallOfFame hall_of_fame;
  int generation = 0;
  std::int64_t evaluations = 0;
  std::int64_t failed_evaluations = 0;
  bool stopped = false;    ///< `stop` ended it before the last generation
  std::string finished{};  ///< the stopping criterion of the algorithm that ended it before; "" if none did
};

class OptimisationRun {
 public:
  /// Takes the run directory and, when resuming, the checkpoint.
  /// @throws ConfigError "run-directory-used" if it holds a run and `resume` is false, "run-generations" if more
  ///   generations than asked for are finished already, and what RunDirectory throws;
  ///   CheckpointError "checkpoint-mismatch", "checkpoint-unreadable", "checkpoint-files".
  explicit OptimisationRun(RunRequest request);

  /// The generation that the run goes on from; 0: from the beginning.
  int first_generation() const { return checkpoint_ ? checkpoint_->state.generation : 0; }
  const std::vector<Diagnostic>& warnings() const { return warnings_; }
  const RunDirectory& directory() const { return *directory_; }

  /// Runs to the last generation or until told to stop, and writes the files.
  RunOutcome run(std::shared_ptr<optimise::Evaluator> evaluator, const RunHooks& hooks = {});

 private:
  RunRequest request_;
  std::unique_ptr<RunDirectory> directory_;
  std::optional<Checkpoint> checkpoint_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace cellwright::run
