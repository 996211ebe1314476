#include "simulate/neuron/driver_process.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <fstream>

#include <poll.h>

#include <fmt/format.h>

namespace cellwright::simulate::neuron {
namespace {

using Clock = std::chrono::steady_clock;
using Received = process::ChildProcess::Received;

constexpr std::size_t kind_size = 4, head_size = kind_size + sizeof(std::uint64_t);

std::uint64_t payload_size(const std::string& head) {
  std::uint64_t size = 0;
  std::memcpy(&size, head.data() + kind_size, sizeof size);
  return size;
}

process::ChildCommand child_command(const std::vector<std::string>& command, const std::filesystem::path& log) {
  // In a folder of its own: NEURON loads the library that nrnivmodl has left where it starts (x86_64/), without a word.
  process::ChildCommand result{
      .arguments = command, .folder = log.parent_path(), .log = log, .append_log = true, .error_code = "neuron"};
  std::string& program = result.arguments.front();
  if (program.find('/') != std::string::npos) program = std::filesystem::absolute(program).string();
  result.arguments.emplace_back("-c");
  result.arguments.emplace_back(driver_text);
  result.start_fix = "set CELLWRIGHT_NEURON to a Python that has the package neuron (pip install neuron), or to nrniv";
  return result;
}

}  // namespace

DriverProcess::DriverProcess(const std::vector<std::string>& command, std::filesystem::path log)
    : log_(std::move(log)), child_(child_command(command, log_)) {}

std::string DriverProcess::last_words() const { return last_line(""); }

std::string DriverProcess::last_complaint() const { return last_line("NEURON: "); }

std::string DriverProcess::last_line(std::string_view start) const {
  std::ifstream stream(log_);
  std::string last;
  for (std::string line; std::getline(stream, line);) {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first != std::string::npos && line.starts_with(start)) last = line.substr(std::max(first, start.size()), 300);
  }
  return last;
}

DriverReply DriverProcess::death() {
  child_.kill();
  std::string text = fmt::format("NEURON ended with {}", child_.how_it_ended());
  if (const std::string words = last_words(); !words.empty()) text += fmt::format(" ({})", words);
  return {DriverReply::Kind::died, {}, text};
}

std::optional<DriverReply> DriverProcess::try_receive() {
  std::string bytes;
  if (!head_) {
    const Received received = child_.receive_bytes(head_size, bytes);
    if (received == Received::nothing) return std::nullopt;
    if (received != Received::complete) return death();
    head_ = bytes;
  }
  const Received received = child_.receive_bytes(payload_size(*head_), bytes);
  if (received == Received::nothing) return std::nullopt;
  if (received != Received::complete) return death();
  DriverReply reply{.frame = {head_->substr(0, kind_size), std::move(bytes)}};
  head_.reset();
  return reply;
}

DriverReply DriverProcess::exchange(std::string_view kind, std::string_view payload, std::optional<double> timeout_s) {
  constexpr double a_year_s = 3.2e7, look_every_s = 0.25;  // one that ended may have left its output open to a child
  const Clock::time_point start = Clock::now();
  if (!kind.empty()) {
    const std::uint64_t size = payload.size();
    std::string frame(kind);
    frame.append(reinterpret_cast<const char*>(&size), sizeof size);
    child_.queue_bytes(frame.append(payload));
  }
  for (;;) {
    const bool reads = child_.send();
    const bool ended = child_.ended();  // asked first: what it wrote before its end is read below
    if (auto reply = try_receive()) return *std::move(reply);
    if (ended || !reads) return death();
    const double left_s = timeout_s.value_or(a_year_s) - std::chrono::duration<double>(Clock::now() - start).count();
    if (left_s <= 0) {
      child_.kill();
      return {DriverReply::Kind::late, {}, ""};
    }
    pollfd descriptors[] = {{.fd = child_.output(), .events = POLLIN, .revents = 0},
                            {.fd = child_.sending() ? child_.input() : -1, .events = POLLOUT, .revents = 0}};
    ::poll(descriptors, 2, static_cast<int>(std::ceil(std::min(left_s, look_every_s) * 1000)));
  }
}

}  // namespace cellwright::simulate::neuron
