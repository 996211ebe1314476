#pragma once
/// The problem file: parameters, objectives and a program of the user's own that evaluates individuals.

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/base/error.hpp"
#include "cellwright/evaluate/crew.hpp"
#include "cellwright/optimise/evaluator.hpp"
#include "cellwright/run/params_file.hpp"
#include "cellwright/run/process_pool.hpp"

namespace cellwright::run {

/// A problem file and the files it names.
struct ExternalProblem {
  std::string name;
  std::filesystem::path file;
  std::filesystem::path folder;              ///< the working folder of the program; "": that of the file
  std::vector<std::filesystem::path> files;  ///< all that was read
  std::vector<KnownParameter> parameters;    ///< in file order: the order in which the program gets them
  std::vector<std::string> objectives;
  std::vector<std::string> command;
  std::size_t workers = 1;
  std::optional<double> timeout_s;
  double failed_score = optimise::default_failed_score;
  /// XXH3-128 (32 hexadecimal digits) of everything above but the paths and `workers`, which change no result. The
  /// program itself is not part of it.
  std::string hash;

  std::size_t free_count() const;
};

/// True if the file is a JSON object with the key `evaluator`; false also for a file that cannot be read.
bool is_problem_file(const std::filesystem::path& file);

/// Reads and checks a problem file; nothing is started.
/// @throws ConfigError with every problem found, each with file, line and column; "evaluator-command" if there is no
///   such program.
/// @param folder to which a relative path of the program belongs; "": that of the file. @param root as
/// load_problem.
ExternalProblem load_external_problem(const std::filesystem::path& file, const std::filesystem::path& folder = {},
                                      const std::filesystem::path& root = {});

/// Evaluates individuals with the program, on `problem.workers` processes at the same time.
///
/// A request is one line `{"id": 7, "params": {"a": 0.3, "b": 1.5}}`, the answer one line
/// `{"id": 7, "objectives": [0.1, 2.5]}` or `{"id": 7, "error": "why"}`. Whatever else comes, or nothing in time, fails
/// that individual: all its objectives are `failed_score`. After a line that is no answer to its request the process is
/// replaced, since nobody knows what it will say next.
/// Parameters are the free ones. evaluate() throws what ProcessPool::exchange does.
class ExternalEvaluator : public optimise::Evaluator {
 public:
  /// @param log_folder of worker-N.log; nothing: stderr is shared.
  /// @param append_logs goes on with logs that are there.
  /// @param first_worker the number of the first worker in the names of the logs.
  explicit ExternalEvaluator(ExternalProblem problem, std::optional<std::filesystem::path> log_folder = std::nullopt,
                             bool append_logs = false, std::size_t first_worker = 1);

  optimise::ObjectiveTable evaluate(TableView<const double> parameters) override;
  /// Those that are expected to cost most are sent first; `hooks.stop` gives up the processes that are at work.
  optimise::ObjectiveTable evaluate_batch(TableView<const double> parameters,
                                          const optimise::BatchHooks& hooks) override;

  const ExternalProblem& problem() const { return problem_; }
  /// Why the first individual that failed did; "" if none did so far.
  const std::string& first_failure() const { return first_failure_; }

 private:
  std::string request(std::int64_t id, std::span<const double> values) const;
  bool receive(std::int64_t id, const std::string& line, optimise::ObjectiveTable& table, std::size_t row) const;
  void judge(const WorkerAnswer& answer, optimise::ObjectiveTable& table, std::size_t row) const;

  ExternalProblem problem_;
  ProcessPool pool_;
  std::int64_t requests_ = 0;
  std::string first_failure_;
};

/// A crew of the problem's processes, each with chunks of its own: for asynchronous runs and for ranks. It logs to
/// worker-N.log as above.
std::unique_ptr<evaluate::Crew> make_external_crew(const ExternalProblem& problem,
                                                   std::optional<std::filesystem::path> log_folder, bool append_logs,
                                                   std::size_t first_worker = 1);

/// The JSON document of `evaluate --json`: `{"params", "objectives", "errors", "seconds"}`, or a list of them.
/// @param seconds wall-clock time of the whole batch.
std::string format_external_evaluation(const ParameterSets& sets, const optimise::ObjectiveTable& table,
                                       const ExternalEvaluator& evaluator, double seconds);

}  // namespace cellwright::run
