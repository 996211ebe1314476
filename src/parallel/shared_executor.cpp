#include <algorithm>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "cellwright/parallel/executor.hpp"
#include "parallel/start_threads.hpp"

namespace cellwright::parallel {
namespace {

/// One call of for_each.
struct Job {
  const Task& task;
  std::size_t count = 0;
  std::size_t next = 0;    ///< the next index to be started
  std::size_t active = 0;  ///< tasks that run
  std::size_t failed_index = 0;
  std::exception_ptr failure{};

  bool over() const { return next >= count && active == 0; }
};

class SharedExecutor final : public Executor {
 public:
  explicit SharedExecutor(std::size_t workers) : workers_(workers) {
    start_threads(
        threads_, workers, [this](std::size_t worker) { serve(worker); }, [this] { stop(); });
  }
  ~SharedExecutor() override { stop(); }

  void for_each(std::size_t count, const Task& task) override {
    if (count == 0) return;
    Job job{.task = task, .count = count};
    std::unique_lock lock(mutex_);
    jobs_.push_back(&job);
    work_came_.notify_all();
    job_ended_.wait(lock, [&] { return job.over(); });
    std::erase(jobs_, &job);
    if (job.failure) std::rethrow_exception(job.failure);
  }

  std::size_t workers() const override { return workers_; }

 private:
  void serve(std::size_t worker) {
    std::unique_lock lock(mutex_);
    while (true) {
      Job* job = nullptr;
      work_came_.wait(lock, [&] { return stopping_ || (job = first_with_work()) != nullptr; });
      if (stopping_) return;
      run(*job, worker, lock);
    }
  }

  void run(Job& job, std::size_t worker, std::unique_lock<std::mutex>& lock) {
    const std::size_t index = job.next++;
    ++job.active;
    lock.unlock();
    std::exception_ptr failure;
    try {
      job.task(index, worker);
    } catch (...) {
      failure = std::current_exception();
    }
    lock.lock();
    --job.active;
    if (failure) {
      if (!job.failure || index < job.failed_index) {
        job.failure = failure;
        job.failed_index = index;
      }
      job.next = job.count;  // the rest is given up; lower indices have been started
    }
    if (job.over()) job_ended_.notify_all();
  }

  Job* first_with_work() const {
    const auto found = std::ranges::find_if(jobs_, [](const Job* job) { return job->next < job->count; });
    return found == jobs_.end() ? nullptr : *found;
  }

  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    work_came_.notify_all();
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  std::size_t workers_;
  std::mutex mutex_;  // guards all that follows, and the jobs
  std::condition_variable work_came_, job_ended_;
  std::deque<Job*> jobs_;  // in the order of the calls
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Executor> make_shared_executor(std::size_t threads) {
  return std::make_unique<SharedExecutor>(threads == 0 ? hardware_threads() : threads);
}

}  // namespace cellwright::parallel
