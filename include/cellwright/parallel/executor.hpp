#pragma once
/// Runs independent tasks, on the calling thread or on several. Knows index ranges only, nothing of neurons.

#include <cstddef>
#include <functional>
#include <memory>

namespace cellwright::parallel {

/// A task gets its index and the number of the worker that runs it: no two tasks run on one worker at the same time, so
/// `worker` may index scratch memory. Which worker gets which index is not determined: results must not depend on it.
using Task = std::function<void(std::size_t index, std::size_t worker)>;

/// One for_each at a time (but for make_shared_executor); it may be called from any thread, and again when it has
/// returned or thrown.
class Executor {
 public:
  Executor() = default;
  Executor(const Executor&) = delete;
  Executor& operator=(const Executor&) = delete;
  virtual ~Executor() = default;

  /// Runs task(index, worker) for each index in 0 .. count - 1 and returns when all have ended. Indices are started in
  /// rising order; a free worker takes the next one. What tasks wrote is visible to the caller.
  /// If tasks throw, no further ones are started, those that run are awaited, and the exception of the lowest index
  /// that threw is rethrown: the same one on any number of threads.
  /// @throws InternalError if for_each of this executor is running already (from inside a task or in another thread).
  virtual void for_each(std::size_t count, const Task& task) = 0;

  /// Number of workers: `worker` is 0 .. workers() - 1. At least 1.
  virtual std::size_t workers() const = 0;
};

/// @param threads number of workers, the calling thread included: 1 runs everything on the calling thread, 0 takes the
///        number of hardware threads that this process may use.
/// @throws Error (code "threads") if the system refuses to start that many threads.
std::unique_ptr<Executor> make_executor(std::size_t threads);

/// An executor whose for_each may be called by several threads at the same time: their tasks share the workers, those
/// of earlier calls first, so that no worker is idle while one call comes to its end and another one waits. The callers
/// only wait. @param threads, @throws as make_executor.
std::unique_ptr<Executor> make_shared_executor(std::size_t threads);

/// The number of workers that make_executor(0) takes: respects the process's CPU affinity (taskset, cpusets, SLURM).
std::size_t hardware_threads();

}  // namespace cellwright::parallel
