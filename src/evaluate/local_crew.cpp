#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "cellwright/evaluate/crew.hpp"

namespace cellwright::evaluate {
namespace {

using Clock = std::chrono::steady_clock;

/// One thread an evaluator; they take chunks from one queue.
class LocalCrew final : public Crew {
 public:
  LocalCrew(std::vector<std::shared_ptr<optimise::Evaluator>> evaluators, Place place)
      : evaluators_(std::move(evaluators)), places_{std::move(place)} {
    places_[0].chunks_at_once = evaluators_.size();
    for (const auto& evaluator : evaluators_) threads_.emplace_back([this, &evaluator] { work(*evaluator); });
  }

  ~LocalCrew() override {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    chunk_came_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }

  const std::vector<Place>& places() const override { return places_; }

  void start(std::size_t, Chunk chunk) override {
    {
      const std::lock_guard lock(mutex_);
      chunks_.push_back(std::move(chunk));
    }
    chunk_came_.notify_one();
  }

  std::optional<FinishedChunk> wait(double seconds) override {
    std::unique_lock lock(mutex_);
    chunk_ended_.wait_for(lock, std::chrono::duration<double>(seconds), [this] { return !finished_.empty(); });
    if (finished_.empty()) return std::nullopt;
    FinishedChunk result = std::move(finished_.front());
    finished_.pop_front();
    return result;
  }

 private:
  void work(optimise::Evaluator& evaluator) {
    std::unique_lock lock(mutex_);
    while (true) {
      chunk_came_.wait(lock, [this] { return ended_ || !chunks_.empty(); });
      if (ended_) return;
      const Chunk chunk = std::move(chunks_.front());
      chunks_.pop_front();
      lock.unlock();
      FinishedChunk result = evaluate(evaluator, chunk);
      lock.lock();
      finished_.push_back(std::move(result));
      chunk_ended_.notify_one();
    }
  }

  static FinishedChunk evaluate(optimise::Evaluator& evaluator, const Chunk& chunk) {
    FinishedChunk result{.number = chunk.number};
    const Clock::time_point start = Clock::now();
    try {
      result.scores = evaluator.evaluate(chunk.parameters.view());
    } catch (...) {
      result.failure = std::current_exception();
    }
    result.seconds = std::chrono::duration<double>(Clock::now() - start).count();
    return result;
  }

  std::vector<std::shared_ptr<optimise::Evaluator>> evaluators_;
  std::vector<Place> places_;
  std::mutex mutex_;  // guards all that follows
  std::condition_variable chunk_came_, chunk_ended_;
  std::deque<Chunk> chunks_;
  std::deque<FinishedChunk> finished_;
  bool ended_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::unique_ptr<Crew> make_local_crew(std::vector<std::shared_ptr<optimise::Evaluator>> evaluators, Place place) {
  return std::make_unique<LocalCrew>(std::move(evaluators), std::move(place));
}

}  // namespace cellwright::evaluate
