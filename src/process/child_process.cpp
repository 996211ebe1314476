#include "cellwright/process/child_process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

extern char** environ;

namespace cellwright::process {
namespace {

SimulationError system_error(const std::string& error_code, const std::string& what, int error) {
  return SimulationError(
      Diagnostic{.code = error_code + "-system", .message = fmt::format("{}: {}", what, std::strerror(error))});
}

void close_descriptor(int& descriptor) {
  if (descriptor >= 0) ::close(descriptor);
  descriptor = -1;
}

/// The two ends of a pipe, closed unless they are taken.
struct Pipe {
  explicit Pipe(const std::string& error_code) {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw system_error(error_code, "cannot make a pipe", errno);
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_descriptor(read_end);
    close_descriptor(write_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int read_end = -1, write_end = -1;
};

int take(int& descriptor) {
  const int taken = descriptor;
  descriptor = -1;
  ::fcntl(taken, F_SETFL, ::fcntl(taken, F_GETFL) | O_NONBLOCK);
  return taken;
}

struct SpawnActions {
  SpawnActions() { posix_spawn_file_actions_init(&value); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&value); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;
  posix_spawn_file_actions_t value;
};

/// No signal is blocked or ignored in the child, and it leads a group of its own: Ctrl-C at the terminal reaches this
/// program alone, which then ends its workers in order.
struct SpawnAttributes {
  SpawnAttributes() {
    posix_spawnattr_init(&value);
    sigset_t none, defaults;
    sigemptyset(&none);
    sigemptyset(&defaults);
    for (const int number : {SIGPIPE, SIGINT, SIGTERM}) sigaddset(&defaults, number);
    posix_spawnattr_setsigmask(&value, &none);
    posix_spawnattr_setsigdefault(&value, &defaults);
    posix_spawnattr_setpgroup(&value, 0);
    posix_spawnattr_setflags(&value, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
  }
  ~SpawnAttributes() { posix_spawnattr_destroy(&value); }
  SpawnAttributes(const SpawnAttributes&) = delete;
  SpawnAttributes& operator=(const SpawnAttributes&) = delete;
  posix_spawnattr_t value;
};

int open_log(const ChildCommand& command) {
  if (!command.log) return -1;
  const int mode = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | (command.append_log ? 0 : O_TRUNC);
  const int log = ::open(command.log->c_str(), mode, 0666);
  if (log < 0) throw system_error(command.error_code, fmt::format("cannot write '{}'", command.log->string()), errno);
  return log;
}

/// @returns 0 or an errno value.
int spawn(const ChildCommand& command, int input, int output, int log, pid_t& child) {
  std::vector<char*> arguments;
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  SpawnActions actions;
  posix_spawn_file_actions_adddup2(&actions.value, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions.value, output, STDOUT_FILENO);
  if (log >= 0) posix_spawn_file_actions_adddup2(&actions.value, log, STDERR_FILENO);
  if (!command.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions.value, command.folder.c_str());
  SpawnAttributes attributes;
  return posix_spawnp(&child, arguments[0], &actions.value, &attributes.value, arguments.data(), environ);
}

/// write() without SIGPIPE: the signal is blocked in this thread and taken away if the call raised it.
ssize_t write_quietly(int descriptor, std::string_view bytes) {
  sigset_t pipe_signal, before, pending;
  sigemptyset(&pipe_signal);
  sigaddset(&pipe_signal, SIGPIPE);
  sigpending(&pending);
  const bool was_pending = sigismember(&pending, SIGPIPE) == 1;
  pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
  const ssize_t count = ::write(descriptor, bytes.data(), bytes.size());
  const int error = errno;
  if (count < 0 && error == EPIPE && !was_pending) {
    const timespec at_once{};
    while (sigtimedwait(&pipe_signal, nullptr, &at_once) < 0 && errno == EINTR) {
    }
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return count;
}

}  // namespace

ChildProcess::ChildProcess(const ChildCommand& command) {
  Pipe requests(command.error_code), answers(command.error_code);
  int log = open_log(command);
  const int error = spawn(command, requests.read_end, answers.write_end, log, pid_);
  close_descriptor(log);
  if (error == EAGAIN || error == ENOMEM) throw system_error(command.error_code, "cannot start another process", error);
  if (error != 0) {
    throw ConfigError(
        Diagnostic{.code = command.error_code + "-command",
                   .message = fmt::format("cannot start '{}': {}", command.arguments.front(), std::strerror(error)),
                   .fix = command.start_fix});
  }
  input_ = take(requests.write_end);
  output_ = take(answers.read_end);
}

ChildProcess::~ChildProcess() {
  kill();
  close_descriptor(input_);
  close_descriptor(output_);
}

bool ChildProcess::send() {
  while (sending()) {
    const ssize_t count = write_quietly(input_, std::string_view(unsent_).substr(sent_));
    if (count > 0) {
      sent_ += static_cast<std::size_t>(count);
    } else if (errno == EAGAIN) {
      return true;
    } else if (errno != EINTR) {
      return false;
    }
  }
  unsent_.clear();
  sent_ = 0;
  return true;
}

bool ChildProcess::take_line(std::string& line) {
  const std::size_t end = received_.find('\n', searched_);
  searched_ = received_.size();
  if (end == std::string::npos) return false;
  line = received_.substr(0, end);
  received_.erase(0, end + 1);
  searched_ = 0;
  return true;
}

/// Appends what can be read now: nothing, end, or complete if there was something.
ChildProcess::Received ChildProcess::read_more() {
  std::array<char, 65536> buffer;
  for (;;) {
    const ssize_t count = ::read(output_, buffer.data(), buffer.size());
    if (count > 0) {
      received_.append(buffer.data(), static_cast<std::size_t>(count));
      return Received::complete;
    }
    if (count < 0 && errno == EAGAIN) return Received::nothing;
    if (count == 0 || errno != EINTR) return Received::end;
  }
}

ChildProcess::Received ChildProcess::receive_line(std::string& line) {
  while (!take_line(line)) {
    if (received_.size() > max_line) return Received::too_long;
    if (const Received more = read_more(); more != Received::complete) return more;
  }
  return Received::complete;
}

ChildProcess::Received ChildProcess::receive_bytes(std::size_t count, std::string& bytes) {
  while (received_.size() < count) {
    if (const Received more = read_more(); more != Received::complete) return more;
  }
  bytes = received_.substr(0, count);
  received_.erase(0, count);
  searched_ = 0;
  return Received::complete;
}

bool ChildProcess::ended() {
  if (reaped_) return true;
  siginfo_t info{};
  const bool gone =
      ::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) == 0 && info.si_pid == pid_;
  if (gone) kill();  // as long as it is not reaped, its group's number belongs to nobody else
  return gone;
}

void ChildProcess::kill() {
  if (pid_ < 0 || reaped_) return;
  signal_group(SIGKILL);
  while (::waitpid(pid_, &status_, 0) < 0 && errno == EINTR) {
  }
  reaped_ = true;
}

void ChildProcess::signal_group(int number) const {
  if (pid_ > 0) ::kill(-pid_, number);
}

std::string ChildProcess::how_it_ended() const {
  if (WIFSIGNALED(status_)) return fmt::format("signal {}, {}", WTERMSIG(status_), strsignal(WTERMSIG(status_)));
  return fmt::format("exit status {}", WEXITSTATUS(status_));
}

void ChildProcess::close_input() { close_descriptor(input_); }

void ChildProcess::ask_to_end() {
  if (!reaped_) signal_group(SIGTERM);
}

}  // namespace cellwright::process
