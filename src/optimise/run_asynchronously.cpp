#include "cellwright/base/error.hpp"
#include "cellwright/optimise/asynchronous.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include <fmt/format.h>

namespace cellwright::optimise {
namespace {

class ThreadSlots : public EvaluationSlots {
 public:
  ThreadSlots(IndividualFunction function, std::size_t slots) : function_(std::move(function)) {
    for (std::size_t i = 0; i < slots; ++i) threads_.emplace_back([this] { work(); });
  }
  ~ThreadSlots() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
      tasks_.clear();
    }
    task_came_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  ThreadSlots(const ThreadSlots&) = delete;
  ThreadSlots& operator=(const ThreadSlots&) = delete;

  std::size_t slots() const override { return threads_.size(); }

  void start(const AsynchronousTask& task) override {
    {
      const std::lock_guard lock(mutex_);
      tasks_.push_back(task);
    }
    task_came_.notify_one();
  }

  AsynchronousResult wait() override {
    std::unique_lock lock(mutex_);
    result_came_.wait(lock, [this] { return !results_.empty(); });
    AsynchronousResult result = std::move(results_.front());
    results_.pop_front();
    return result;
  }

 private:
  void work() {
    std::unique_lock lock(mutex_);
    for (;;) {
      task_came_.wait(lock, [this] { return ended_ || !tasks_.empty(); });
      if (ended_) return;
      const AsynchronousTask task = std::move(tasks_.front());
      tasks_.pop_front();
      lock.unlock();
      AsynchronousResult result = evaluate(task);
      lock.lock();
      results_.push_back(std::move(result));
      result_came_.notify_one();
    }
  }

  AsynchronousResult evaluate(const AsynchronousTask& task) const {
    AsynchronousResult result{.id = task.id, .scores = {}};
    try {
      result.scores = function_(task.values);
    } catch (const std::exception& error) {
      result.failed = true;
      result.reason = error.what();
    }
    return result;
  }

  IndividualFunction function_;
  std::mutex mutex_;
  std::condition_variable task_came_, result_came_;
  std::deque<AsynchronousTask> tasks_;
  std::deque<AsynchronousResult> results_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

/// Hands results on in the order of a schedule, as long as there is one.
class ResultQueue {
 public:
  ResultQueue(EvaluationSlots& slots, const std::vector<std::int64_t>& schedule) : slots_(slots), schedule_(schedule) {}

  void start(const AsynchronousTask& task) {
    slots_.start(task);
    open_.insert({task.id, true});
  }
  /// Slots whose result was not handed on: a result that waits for its turn keeps its slot.
  std::size_t busy() const { return open_.size(); }

  AsynchronousResult next() {
    std::int64_t wanted = 0;
    if (handed_on_ < schedule_.size()) {
      wanted = schedule_[handed_on_];
      if (!open_.contains(wanted)) refuse(wanted);
    } else if (!early_.empty()) {
      wanted = early_.begin()->first;
    }
    ++handed_on_;
    while (wanted != 0 && !early_.contains(wanted)) receive();
    if (wanted == 0) {
      AsynchronousResult result = slots_.wait();
      open_.erase(result.id);
      return result;
    }
    AsynchronousResult result = std::move(early_.extract(wanted).mapped());
    open_.erase(wanted);
    return result;
  }

 private:
  void receive() {
    AsynchronousResult result = slots_.wait();
    early_.emplace(result.id, std::move(result));
  }

  [[noreturn]] void refuse(std::int64_t id) const {
    throw ConfigError(Diagnostic{
        .code = "optimiser-schedule",
        .message = fmt::format("place {} of the schedule names individual {}, which is not being evaluated then",
                               handed_on_ + 1, id),
        .fix = "use the schedule with the number of slots and the settings of the run that gave it"});
  }

  EvaluationSlots& slots_;
  const std::vector<std::int64_t>& schedule_;
  std::size_t handed_on_ = 0;
  std::map<std::int64_t, bool> open_;
  std::map<std::int64_t, AsynchronousResult> early_;
};

}  // namespace

std::unique_ptr<EvaluationSlots> make_thread_slots(IndividualFunction function, std::size_t slots) {
  return std::make_unique<ThreadSlots>(std::move(function), std::max<std::size_t>(slots, 1));
}

std::vector<std::int64_t> run_asynchronously(AsynchronousAlgorithm& algorithm, EvaluationSlots& slots,
                                             const AsynchronousOptions& options) {
  ResultQueue queue(slots, options.schedule);
  std::vector<std::int64_t> told;
  std::vector<AsynchronousTask> again = algorithm.waiting();  // of a restored state
  std::size_t repeated = 0;
  const auto wanted = [&] {
    return algorithm.evaluations() + static_cast<std::int64_t>(queue.busy()) < options.max_evaluations;
  };
  bool stopped = false;
  while (!stopped || queue.busy() > 0) {
    while (!stopped && queue.busy() < slots.slots() && wanted())
      queue.start(repeated < again.size() ? again[repeated++] : algorithm.ask());
    if (queue.busy() == 0) break;
    const AsynchronousResult result = queue.next();
    told.push_back(result.id);
    algorithm.tell(result);
    if (options.told) options.told(result);
    if (options.observer) options.observer(algorithm.state());
    stopped = stopped || (options.stop && options.stop());
  }
  return told;
}

}  // namespace cellwright::optimise
