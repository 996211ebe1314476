#include "cli/interrupt.hpp"

#include <atomic>
#include <csignal>

#include <unistd.h>

#include "cli/exit_status.hpp"

namespace cellwright::cli {
namespace {

// A signal handler reaches nothing but static storage.
std::atomic<int> signal_count{0};
static_assert(std::atomic<int>::is_always_lock_free);

extern "C" void count_signal(int) {
  if (signal_count.fetch_add(1) > 0) ::_exit(exit_status::interrupted);
}

}  // namespace

void catch_interrupts() {
  struct sigaction action {};
  action.sa_handler = count_signal;
  sigemptyset(&action.sa_mask);
  action.sa_flags = SA_RESTART;  // files are written as if nothing had happened
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

bool stop_requested() { return signal_count.load() > 0; }

}  // namespace cellwright::cli
