#pragma once
/// The slots of an asynchronous optimisation over the places of a crew.

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "cellwright/evaluate/crew.hpp"
#include "cellwright/evaluate/crew_evaluator.hpp"
#include "cellwright/optimise/asynchronous.hpp"

namespace cellwright::evaluate {

/// How many individuals keep a crew busy: what all places take at the same time.
std::size_t crew_capacity(const Crew& crew);

/// Individuals wait until a place has room, and go out as many together as share their cost (Place::lanes).
class CrewSlots final : public optimise::EvaluationSlots {
 public:
  struct Hooks {
    /// Individuals that have arrived, at once when they do.
    std::function<void(std::span<const optimise::AsynchronousTask>, std::span<const optimise::AsynchronousResult>)>
        arrived{};
    /// Asked now and then; true makes wait() throw EvaluationStopped once nothing is out any more.
    std::function<bool()> stop{};
  };

  /// @param slots individuals that it holds at the same time.
  CrewSlots(Crew& crew, std::size_t slots, Hooks hooks);

  std::size_t slots() const override { return slots_; }
  void start(const optimise::AsynchronousTask& task) override { pending_.push_back(task); }
  optimise::AsynchronousResult wait() override;

  CrewStatistics statistics() const;

 private:
  void deal();
  void take(FinishedChunk chunk);

  Crew& crew_;
  std::size_t slots_;
  Hooks hooks_;
  std::deque<optimise::AsynchronousTask> pending_;
  std::map<std::int64_t, std::vector<optimise::AsynchronousTask>> out_;  ///< by the number of the chunk
  std::vector<std::size_t> chunks_at_;                                   ///< [n_places]
  std::deque<optimise::AsynchronousResult> ready_;
  std::int64_t last_number_ = 0;
  double busy_seconds_ = 0, slowest_seconds_ = 0;
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace cellwright::evaluate
