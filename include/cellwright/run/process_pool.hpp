#pragma once
/// Programs that run for a long time and answer lines with lines.

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cellwright::run {

struct ProcessPoolSettings {
  std::vector<std::string> command;  ///< program (a path, or a name to find on PATH) and its arguments; no shell
  std::filesystem::path folder;      ///< the working folder of the processes; "" is the present one
  std::size_t workers = 1;           ///< processes at the same time
  std::optional<double> timeout_s;   ///< for one answer, the start of a new process included; nothing: no limit
  std::optional<std::filesystem::path> log_folder;  ///< of worker-N.log (N from 1), which get stderr; nothing: our own
  bool append_logs = false;                         ///< else the logs begin anew with the first process
  std::size_t first_worker = 1;                     ///< its number in the name of the log
  double end_s = 5;                                 ///< from the end of input to SIGTERM, when the pool is closed
  double terminate_s = 2;                           ///< from SIGTERM to SIGKILL
};

/// What became of one request.
struct WorkerAnswer {
  enum class Kind {
    line,  ///< `text` is the line, without its end
    died,  ///< the process ended or broke the rules of the exchange before it answered; `text` tells how
    late   ///< no line within the time-out; `text` tells so
  };
  Kind kind = Kind::line;
  std::string text;
};

/// Up to `workers` processes that are kept alive between requests, each with one request at a time. A process that dies
/// or is late is killed (with the processes it started, if they stayed in its group) and, when it is needed, replaced.
class ProcessPool {
 public:
  /// Deaths in a row, before any answer, after which there is no hope.
  static constexpr int max_first_deaths = 5;

  /// Starts nothing: processes begin when there is work for them.
  explicit ProcessPool(ProcessPoolSettings settings);
  /// Ends all processes: end of input, SIGTERM after end_s, SIGKILL.
  ~ProcessPool();
  ProcessPool(const ProcessPool&) = delete;
  ProcessPool& operator=(const ProcessPool&) = delete;

  /// Called with each line when it comes. False: the process is out of step with its requests and is replaced.
  using Receiver = std::function<bool(std::size_t request, const std::string& line)>;

  /// Called with each answer, once it is known what became of it; `seconds` since its request was sent. It may throw:
  /// that ends the exchange, and whoever still works is replaced in the next one.
  using Observer = std::function<void(std::size_t request, const WorkerAnswer& answer, double seconds)>;

  /// Sends each request (without line end) once and waits for all answers.
  /// @returns one answer a request, in the order of the requests.
  /// @throws ConfigError "evaluator-command" if the program cannot be started; SimulationError "evaluator-deaths" if
  ///   the first max_first_deaths requests (in their order, whichever finished first) all ended with a dead or late
  ///   process, with the last lines of its stderr; SimulationError "evaluator-system" if pipes or processes run out.
  std::vector<WorkerAnswer> exchange(const std::vector<std::string>& requests, const Receiver& receive,
                                     const Observer& finished = {});

 private:
  struct Slot;
  struct Batch;
  void dispatch(Batch& batch);
  void begin(Slot& slot, Batch& batch);
  void wait(Batch& batch);
  void read(Slot& slot, Batch& batch);
  void finish(Slot& slot, Batch& batch, WorkerAnswer answer);
  void count_first_deaths(Batch& batch);
  bool all_ended_within(double seconds);

  ProcessPoolSettings settings_;
  std::vector<Slot> slots_;
  bool any_answer_ = false;
  int first_deaths_ = 0;
};

}  // namespace cellwright::run
