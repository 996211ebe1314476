#include "cellwright/run/process_pool.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>
#include <thread>

#include <poll.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/process/child_process.hpp"

namespace cellwright::run {
namespace {

using Clock = std::chrono::steady_clock;
using Kind = WorkerAnswer::Kind;

/// How often processes are looked after whose output says nothing: one that ended may have left its output open to a
/// process of its own.
constexpr double look_every_s = 0.25;

Clock::time_point after(double seconds) {
  constexpr double a_year_s = 3.2e7;  // no overflow
  return Clock::now() +
         std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(std::min(seconds, a_year_s)));
}

std::vector<Note> last_lines(const std::filesystem::path& file) {
  constexpr std::size_t count = 10;
  std::vector<Note> lines;
  std::ifstream stream(file);
  for (std::string line; std::getline(stream, line);) {
    if (lines.size() == count) lines.erase(lines.begin());
    lines.push_back({.text = line, .span = {}});
  }
  return lines;
}

}  // namespace

struct ProcessPool::Slot {
  std::size_t number = 0;  ///< from 1
  std::unique_ptr<process::ChildProcess> process{};
  bool has_log = false;  ///< a process wrote to the log before
  std::optional<std::size_t> request{};
  std::optional<Clock::time_point> deadline{};
  Clock::time_point begun{};

  std::filesystem::path log(const std::filesystem::path& folder) const {
    return folder / fmt::format("worker-{}.log", number);
  }
};

struct ProcessPool::Batch {
  const std::vector<std::string>& requests;
  const Receiver& receive;
  const Observer& observer;
  std::vector<std::optional<WorkerAnswer>> answers{};
  std::size_t next = 0;      ///< the next request to be sent
  std::size_t finished = 0;  ///< answers that are there
  std::size_t counted = 0;   ///< answers that count_first_deaths() has seen
};

ProcessPool::ProcessPool(ProcessPoolSettings settings) : settings_(std::move(settings)) {
  for (std::size_t i = 0; i < std::max<std::size_t>(settings_.workers, 1); ++i)
    slots_.push_back({.number = settings_.first_worker + i});
}

ProcessPool::~ProcessPool() {
  for (Slot& slot : slots_) {
    if (slot.process) slot.process->close_input();
  }
  if (all_ended_within(settings_.end_s)) return;
  for (Slot& slot : slots_) {
    if (slot.process) slot.process->ask_to_end();
  }
  all_ended_within(settings_.terminate_s);
}

bool ProcessPool::all_ended_within(double seconds) {
  const Clock::time_point limit = after(seconds);
  for (std::chrono::milliseconds pause{1};; pause = std::min(2 * pause, std::chrono::milliseconds{20})) {
    if (std::ranges::all_of(slots_, [](Slot& slot) { return !slot.process || slot.process->ended(); })) return true;
    if (Clock::now() >= limit) return false;
    std::this_thread::sleep_for(pause);
  }
}

std::vector<WorkerAnswer> ProcessPool::exchange(const std::vector<std::string>& requests, const Receiver& receive,
                                                const Observer& finished) {
  Batch batch{.requests = requests, .receive = receive, .observer = finished};
  batch.answers.resize(requests.size());
  for (Slot& slot : slots_) {  // an exchange that ended with an exception left them behind
    if (!slot.request) continue;
    slot.process.reset();
    slot.request.reset();
  }
  while (batch.finished < requests.size()) {
    dispatch(batch);
    wait(batch);
  }
  std::vector<WorkerAnswer> answers;
  for (std::optional<WorkerAnswer>& answer : batch.answers) answers.push_back(std::move(*answer));
  return answers;
}

void ProcessPool::dispatch(Batch& batch) {
  for (Slot& slot : slots_) {
    if (!slot.request && batch.next < batch.requests.size()) begin(slot, batch);
  }
}

void ProcessPool::begin(Slot& slot, Batch& batch) {
  if (slot.process && slot.process->ended()) slot.process.reset();
  if (!slot.process) {
    process::ChildCommand command{.arguments = settings_.command,
                                  .folder = settings_.folder,
                                  .error_code = "evaluator",
                                  .start_fix =
                                      "the evaluator's command is a program (found on PATH or, with a '/', "
                                      "seen from the problem file's folder) and its arguments, without a shell"};
    if (settings_.log_folder) command.log = slot.log(*settings_.log_folder);
    command.append_log = settings_.append_logs || slot.has_log;
    slot.process = std::make_unique<process::ChildProcess>(command);
    slot.has_log = true;
  }
  slot.request = batch.next++;
  slot.begun = Clock::now();
  slot.deadline.reset();
  if (settings_.timeout_s) slot.deadline = after(*settings_.timeout_s);
  slot.process->queue_line(batch.requests[*slot.request]);
  slot.process->send();  // where it does not read any more, its output ends too
}

void ProcessPool::wait(Batch& batch) {
  std::vector<pollfd> descriptors;
  double wait_s = look_every_s;
  for (const Slot& slot : slots_) {
    if (!slot.request) continue;
    descriptors.push_back({.fd = slot.process->output(), .events = POLLIN, .revents = 0});
    if (slot.process->sending()) descriptors.push_back({.fd = slot.process->input(), .events = POLLOUT, .revents = 0});
    if (slot.deadline) wait_s = std::min(wait_s, std::chrono::duration<double>(*slot.deadline - Clock::now()).count());
  }
  const int wait_ms = static_cast<int>(std::ceil(std::max(wait_s, 0.0) * 1000));
  ::poll(descriptors.data(), descriptors.size(), wait_ms);  // an interruption looks like the end of the wait
  for (Slot& slot : slots_) {
    if (slot.request) read(slot, batch);
  }
}

void ProcessPool::read(Slot& slot, Batch& batch) {
  using Received = process::ChildProcess::Received;
  process::ChildProcess& process = *slot.process;
  const bool reads = process.send();
  const bool ended = process.ended();  // asked first: what it wrote before its end is read below
  std::string line;
  const Received received = process.receive_line(line);
  if (received == Received::complete) {
    const bool complete = !process.sending();
    if (!batch.receive(*slot.request, line) || !complete) slot.process.reset();
    return finish(slot, batch, {Kind::line, std::move(line)});
  }
  if (received == Received::too_long) {
    slot.process.reset();
    return finish(slot, batch, {Kind::died, "the answer is too long"});
  }
  if (received == Received::end || ended || !reads) {
    // It closed its output or input: give it the moment that its exit takes, for the sake of the exit status.
    for (int i = 0; i < 100 && !process.ended(); ++i) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const bool left = process.ended();
    process.kill();
    std::string how = left ? fmt::format("the program ended ({}) before it answered", process.how_it_ended())
                           : "the program closed its input or output before it answered";
    slot.process.reset();
    return finish(slot, batch, {Kind::died, std::move(how)});
  }
  if (slot.deadline && Clock::now() >= *slot.deadline) {
    slot.process.reset();
    finish(slot, batch, {Kind::late, fmt::format("no answer within {:g} s", *settings_.timeout_s)});
  }
}

void ProcessPool::finish(Slot& slot, Batch& batch, WorkerAnswer answer) {
  const std::size_t request = *slot.request;
  batch.answers[request] = std::move(answer);
  slot.request.reset();
  ++batch.finished;
  count_first_deaths(batch);
  if (!batch.observer) return;
  batch.observer(request, *batch.answers[request], std::chrono::duration<double>(Clock::now() - slot.begun).count());
}

void ProcessPool::count_first_deaths(Batch& batch) {
  // In the order of the requests, so that it does not depend on which process was faster.
  for (; !any_answer_ && batch.counted < batch.answers.size() && batch.answers[batch.counted]; ++batch.counted) {
    const WorkerAnswer& answer = *batch.answers[batch.counted];
    any_answer_ = answer.kind == Kind::line;
    if (any_answer_ || ++first_deaths_ < max_first_deaths) continue;
    std::vector<Note> notes;
    for (const Slot& slot : slots_) {
      if (settings_.log_folder && notes.empty()) notes = last_lines(slot.log(*settings_.log_folder));
    }
    throw SimulationError(
        Diagnostic{.code = "evaluator-deaths",
                   .message = fmt::format("the evaluator's program failed {} times in a row without any answer; the "
                                          "last time: {}",
                                          max_first_deaths, answer.text),
                   .fix = fmt::format("run it by hand in the problem file's folder and give it the line  {}",
                                      batch.requests[batch.counted]),
                   .notes = std::move(notes)});
  }
}

}  // namespace cellwright::run
