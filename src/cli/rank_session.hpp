#pragma once
/// `cellwright optimise` as one of several ranks.

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/evaluate/cell_evaluator.hpp"
#include "cellwright/evaluate/crew.hpp"
#include "cellwright/parallel/ranks.hpp"
#include "cellwright/run/external_problem.hpp"
#include "cellwright/run/input_files.hpp"
#include "cellwright/run/problem.hpp"
#include "cli/commands.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {

/// The run directory: --out, or its default for a problem of that name.
std::string run_folder(const std::string& out, const std::string& name);

/// What the ranks other than 0 need of the options of `optimise`.
struct RankOptions {
  const std::string& out;  ///< --out
  std::int64_t threads;
  double lost_after_s;
  const SimulatorOptions& simulator;
};

class LocalInputs;

/// Rank 0's side. Without ranks every call does what one process alone does.
class RankSession {
 public:
  /// @param ranks nullptr: there is one process.
  explicit RankSession(std::unique_ptr<parallel::Ranks> ranks, const RankOptions& options);
  /// Ends the other ranks.
  ~RankSession();
  RankSession(const RankSession&) = delete;
  RankSession& operator=(const RankSession&) = delete;

  /// Tells the others what is to be done; once a run is sure to begin.
  void invite(const run::Problem& problem, const Program& program);
  void invite(const run::ExternalProblem& problem, const Program& program);
  std::shared_ptr<evaluate::CellEvaluator> build(const run::Problem& problem);
  /// All ranks: `own` and what the others report. @throws ConfigError for ranks that differ.
  /// @param engine as run::engine_name(); "" for a program of the user's own.
  std::unique_ptr<evaluate::Crew> gather(std::unique_ptr<evaluate::Crew> own, const std::string& problem_hash,
                                         const std::string& engine, const Console& console);
  /// ", 4 ranks on 2 machines" for the first line of a run; "" for one process.
  const std::string& description() const { return description_; }
  bool has_ranks() const { return ranks_ != nullptr; }
  std::size_t threads() const { return threads_; }

  /// The status with which the others end.
  void set_status(int status) { status_ = status; }
  /// A rank is lost: ends all processes.
  [[noreturn]] void abort(int status);

 private:
  void invite(const std::filesystem::path& file, bool external, const std::vector<run::InputFile>& inputs,
              const Program& program);

  std::unique_ptr<parallel::Ranks> ranks_;
  double lost_after_s_;
  std::size_t threads_;
  bool invited_ = false;
  int status_ = 0;  ///< an error is told by the status of rank 0
  std::string description_;
  std::unique_ptr<LocalInputs> inputs_;  ///< for the other ranks of this machine
  std::map<std::string, std::string> input_hashes_;
};

/// What a rank other than 0 does until the run ends. It does not come back: threads may still be at work.
[[noreturn]] void serve_as_rank(std::unique_ptr<parallel::Ranks> ranks, const RankOptions& options,
                                const Program& program);

}  // namespace cellwright::cli
