#pragma once
/// An optimisation in a run directory: the loop, its files, resuming and stopping.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/evaluate/crew.hpp"
#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/run/checkpoint.hpp"
#include "cellwright/run/failure_tally.hpp"
#include "cellwright/run/run_directory.hpp"
#include "cellwright/run/run_record.hpp"

namespace cellwright::run {

/// RunIdentity::schedule: scores are told as they arrive.
inline constexpr const char* arrival_schedule = "arrival";
/// RunIdentity::schedule: scores are told in the order in which individuals were asked for.
inline constexpr const char* in_order_schedule = "in-order";

/// The order in which an asynchronous run told its scores: the ids of its history.csv.
/// @throws ConfigError "run-schedule" if the file is none.
std::vector<std::int64_t> load_schedule(const std::filesystem::path& file);
/// RunIdentity::schedule of such an order.
std::string schedule_name(const std::vector<std::int64_t>& ids);

struct RunRequest {
  RunIdentity identity;
  RunOrigin origin;                      ///< goes into run.json
  std::vector<std::int64_t> schedule{};  ///< asynchronous: the order that identity.schedule names, if it is a given one
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
  std::function<bool()> stop;  ///< asked now and then; true ends with a checkpoint, what has arrived is journalled
};

struct RunOutcome {
  optimise::HallOfFame hall_of_fame{};
  int generation = 0;
  std::int64_t evaluations = 0;
  std::int64_t failed_evaluations = 0;
  bool stopped = false;         ///< `stop` ended it before the last generation
  FailureTally failures{};      ///< why evaluations failed in this process
  std::int64_t journalled = 0;  ///< individuals of the next generation that the journal keeps
  std::string finished{};       ///< the stopping criterion of the algorithm that ended it before; "" if none did
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

  /// The same for identity.asynchronous: an individual is bred whenever one was evaluated. A checkpoint is written when
  /// a generation (offspring_size individuals) is complete. The same schedule and number of individuals in flight give
  /// the same files, whatever arrives first.
  /// @param problem gives parameters and objectives. @param crew evaluates; identity.in_flight 0: as many individuals
  ///   in flight as it takes.
  /// @param statistics if given, how the crew was used, for the progress hook.
  RunOutcome run_asynchronously(const optimise::Evaluator& problem, evaluate::Crew& crew, const RunHooks& hooks = {},
                                evaluate::CrewStatistics* statistics = nullptr);

 private:
  RunRequest request_;
  std::unique_ptr<RunDirectory> directory_;
  std::optional<Checkpoint> checkpoint_;
  std::vector<Diagnostic> warnings_;
};

}  // namespace cellwright::run
