#pragma once
/// One child process with pipes to its standard input and output.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace cellwright::process {

struct ChildCommand {
  std::vector<std::string> arguments;  ///< program (a path, or a name to find on PATH) and its arguments; no shell
  std::filesystem::path folder{};      ///< its working folder; "" is the present one
  std::optional<std::filesystem::path> log{};  ///< gets stderr; nothing: it is shared
  bool append_log = false;
  std::string error_code = "process";  ///< what the codes of errors begin with
  std::string start_fix{};             ///< how to mend it if the program cannot be started
};

class ChildProcess {
 public:
  enum class Received { nothing, complete, end, too_long };
  /// A line longer than this is no answer.
  static constexpr std::size_t max_line = std::size_t{64} << 20;

  /// @throws ConfigError "<error_code>-command" if the program cannot be started, SimulationError "<error_code>-system"
  ///   if pipes or processes run out.
  explicit ChildProcess(const ChildCommand& command);
  /// Kills it if it lives.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  int input() const { return input_; }
  int output() const { return output_; }

  void queue_line(const std::string& line) { unsent_ += line + "\n"; }
  void queue_bytes(const std::string& bytes) { unsent_ += bytes; }
  bool sending() const { return sent_ < unsent_.size(); }
  /// Writes what can be written now. @returns false if it does not read any more.
  bool send();
  /// Takes the next line if it is there.
  Received receive_line(std::string& line);
  /// Takes the next `count` bytes if they are there.
  Received receive_bytes(std::size_t count, std::string& bytes);

  /// True if it ended; does not wait.
  bool ended();
  /// Kills the process and what is left of its group, and waits for its end.
  void kill();
  /// "exit status 1" or "signal 11, Segmentation fault"; after ended() or kill() only.
  std::string how_it_ended() const;

  void close_input();
  void ask_to_end();  ///< SIGTERM

 private:
  Received read_more();
  bool take_line(std::string& line);
  void signal_group(int number) const;

  pid_t pid_ = -1;
  int input_ = -1, output_ = -1;
  bool reaped_ = false;
  int status_ = 0;
  std::string unsent_, received_;
  std::size_t sent_ = 0;      ///< so many bytes of unsent_ are on their way
  std::size_t searched_ = 0;  ///< so many bytes of received_ have no line end
};

}  // namespace cellwright::process
