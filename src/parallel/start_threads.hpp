#pragma once
/// Starting the threads of a pool, or none of them.

#include <cstddef>
#include <system_error>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"

namespace cellwright::parallel {

/// Appends threads that run serve(0) ... serve(count - 1). @param stop ends those that were started.
/// @throws Error "threads" if the system refuses one.
template <class Serve, class Stop>
void start_threads(std::vector<std::thread>& threads, std::size_t count, const Serve& serve, const Stop& stop) {
  try {
    for (std::size_t number = 0; number < count; ++number) threads.emplace_back(serve, number);
  } catch (const std::system_error& error) {
    stop();
    throw Error(Diagnostic{.code = "threads",
                           .message = fmt::format("cannot start {} threads: {}", count, error.what()),
                           .fix = "use fewer threads"});
  }
}

}  // namespace cellwright::parallel
