#include "cellwright/parallel/executor.hpp"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <exception>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <sched.h>

#include "cellwright/base/error.hpp"
#include "parallel/start_threads.hpp"

namespace cellwright::parallel {
namespace {

/// Admits one for_each at a time: a nested one would use the scratch memory of a worker that is busy.
class Admission {
 public:
  explicit Admission(std::atomic<bool>& busy) : busy_(busy) {
    if (busy.exchange(true)) throw InternalError("Executor::for_each was called while it is running");
  }
  Admission(const Admission&) = delete;
  Admission& operator=(const Admission&) = delete;
  ~Admission() { busy_.store(false); }

 private:
  std::atomic<bool>& busy_;
};

class SerialExecutor final : public Executor {
 public:
  void for_each(std::size_t count, const Task& task) override {
    const Admission admission(busy_);
    for (std::size_t index = 0; index < count; ++index) task(index, 0);
  }
  std::size_t workers() const override { return 1; }

 private:
  std::atomic<bool> busy_ = false;
};

/// The calling thread is worker 0; threads 1 .. n - 1 sleep between calls.
///
/// Own pool rather than TBB: tasks are few and long (a pack of lanes each), and the thread sanitizer cannot look into
/// the distribution's TBB library, so that it reports races where there are none.
class ThreadExecutor final : public Executor {
 public:
  explicit ThreadExecutor(std::size_t workers) {
    // Worker 0 is the calling thread.
    start_threads(
        threads_, workers - 1, [this](std::size_t number) { serve(number + 1); }, [this] { stop(); });
  }

  ~ThreadExecutor() override { stop(); }

  void for_each(std::size_t count, const Task& task) override {
    const Admission admission(busy_);
    {
      const std::lock_guard lock(mutex_);
      next_index_.store(0);
      failure_ = {};
      task_ = &task;
      count_ = count;
      active_ = threads_.size();
      ++round_;
    }
    wake_.notify_all();
    work(0);
    std::unique_lock lock(mutex_);
    finished_.wait(lock, [this] { return active_ == 0; });
    if (failure_.exception) std::rethrow_exception(std::exchange(failure_.exception, nullptr));
  }

  std::size_t workers() const override { return threads_.size() + 1; }

 private:
  struct Failure {
    std::size_t index = 0;
    std::exception_ptr exception;
  };

  void serve(std::size_t worker) {
    std::uint64_t served = 0;
    std::unique_lock lock(mutex_);
    while (true) {
      wake_.wait(lock, [&] { return stopping_ || round_ != served; });
      if (stopping_) return;
      served = round_;
      lock.unlock();
      work(worker);
      lock.lock();
      if (--active_ == 0) finished_.notify_one();
    }
  }

  /// Indices are handed out in rising order, so when index i fails every lower one has been started and will be
  /// finished: the lowest failure is found although the rest is given up.
  void work(std::size_t worker) {
    for (std::size_t index = next_index_++; index < count_; index = next_index_++) {
      try {
        (*task_)(index, worker);
      } catch (...) {
        next_index_.store(count_);
        const std::lock_guard lock(mutex_);
        if (!failure_.exception || index < failure_.index) failure_ = {index, std::current_exception()};
      }
    }
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::atomic<bool> busy_ = false;
  std::atomic<std::size_t> next_index_ = 0;
  std::mutex mutex_;  // guards all that follows; task_ and count_ are constant while workers are active
  std::condition_variable wake_;
  std::condition_variable finished_;
  const Task* task_ = nullptr;
  std::size_t count_ = 0;
  std::size_t active_ = 0;  // threads that have not ended this round
  std::uint64_t round_ = 0;
  bool stopping_ = false;
  Failure failure_;
  std::vector<std::thread> threads_;
};

}  // namespace

std::size_t hardware_threads() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  if (::sched_getaffinity(0, sizeof(allowed), &allowed) == 0 && CPU_COUNT(&allowed) > 0) {
    return static_cast<std::size_t>(CPU_COUNT(&allowed));
  }
  return std::max(1U, std::thread::hardware_concurrency());
}

std::unique_ptr<Executor> make_executor(std::size_t threads) {
  const std::size_t workers = threads == 0 ? hardware_threads() : threads;
  if (workers == 1) return std::make_unique<SerialExecutor>();
  return std::make_unique<ThreadExecutor>(workers);
}

}  // namespace cellwright::parallel
