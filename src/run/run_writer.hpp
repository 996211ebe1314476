#pragma once
/// Keeps the files of a run directory while an optimisation goes on.

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/optimise/algorithm.hpp"
#include "cellwright/run/journal.hpp"
#include "cellwright/run/optimisation_run.hpp"
#include "cellwright/run/run_directory.hpp"
#include "checkpoint_schedule.hpp"
#include "csv_file.hpp"

namespace cellwright::run {

class RunWriter {
 public:
  /// @param journal is emptied where a checkpoint says the same.
  /// @param saved_generation of the checkpoint that is there; 0: none.
  RunWriter(RunDirectory& directory, const RunRequest& request, const optimise::Evaluator& evaluator, Journal& journal,
            int saved_generation);

  /// The rows of some evaluated individuals.
  void individuals_evaluated(const optimise::EvaluatedBatch& batch);
  /// The rows of a generation whose individuals stand in the files; a checkpoint if one is due.
  /// @param seconds that it took.
  void generation_finished(const optimise::OptimiserState& state, const optimise::LogbookRow& row, double seconds);
  /// The last checkpoint of this process, and the result files in any case.
  void finish(const optimise::OptimiserState& state);

 private:
  void save(const optimise::OptimiserState& state, Durability durability);
  std::function<bool(std::int64_t id)> settled_by(const optimise::OptimiserState& state) const;
  void append_history(const optimise::EvaluatedBatch& batch);
  void append_population(const optimise::EvaluatedBatch& batch);

  using Clock = std::chrono::steady_clock;

  RunDirectory& directory_;
  Journal& journal_;
  CheckpointSchedule schedule_;
  Clock::time_point start_ = Clock::now();
  double sync_seconds_;
  Clock::time_point last_sync_{};
  RunIdentity identity_;
  std::vector<std::string> parameters_, objectives_;
  CsvFile logbook_, timings_, history_;
  std::optional<CsvFile> population_;
  std::int64_t index_in_generation_ = 0;
  int generation_of_index_ = 0;
  int saved_generation_;
  Durability saved_durability_ = Durability::machine;
  std::string written_hall_of_fame_;
};

}  // namespace cellwright::run
