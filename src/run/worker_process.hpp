#pragma once
/// One child process with pipes to its standard input and output.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cellwright::run {

struct WorkerCommand {
  std::vector<std::string> arguments;
  std::filesystem::path folder;
  std::optional<std::filesystem::path> log;  ///< gets stderr; nothing: it is shared
  bool append_log = false;
};

class WorkerProcess {
 public:
  enum class Received { nothing, line, end, too_long };
  /// A line longer than this is no answer.
  static constexpr std::size_t max_line = std::size_t{64} << 20;

  /// @throws ConfigError "evaluator-command", SimulationError "evaluator-system".
  explicit WorkerProcess(const WorkerCommand& command);
  /// Kills it if it lives.
  ~WorkerProcess();
  WorkerProcess(const WorkerProcess&) = delete;
  WorkerProcess& operator=(const WorkerProcess&) = delete;

  int input() const { return input_; }
  int output() const { return output_; }

  void queue(const std::string& line) { unsent_ += line + "\n"; }
  bool sending() const { return !unsent_.empty(); }
  /// Writes what can be written now. @returns false if it does not read any more.
  bool send();
  /// Takes the next line if it is there.
  Received receive(std::string& line);

  /// True if it ended; does not wait.
  bool ended();
  /// Kills the process and what is left of its group, and waits for its end.
  void kill();
  /// "exit status 1" or "signal 11, Segmentation fault"; after ended() or kill() only.
  std::string how_it_ended() const;

  void close_input();
  void ask_to_end();  ///< SIGTERM

 private:
  bool take_line(std::string& line);
  void signal_group(int number) const;

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  std::string unsent_, received_;
  std::size_t searched_ = 0;  ///< so many bytes of received_ have no line end
};

}  // namespace cellwright::run
