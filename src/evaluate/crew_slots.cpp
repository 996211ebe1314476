#include "cellwright/evaluate/crew_slots.hpp"

#include <algorithm>

namespace cellwright::evaluate {
std::size_t crew_capacity(const Crew& crew) {
  std::size_t capacity = 0;
  for (const Place& place : crew.places()) capacity += place.chunks_at_once * place.lanes;
  return capacity;
}

CrewSlots::CrewSlots(Crew& crew, std::size_t slots, Hooks hooks)
    : crew_(crew),
      slots_(std::max<std::size_t>(slots, 1)),
      hooks_(std::move(hooks)),
      chunks_at_(crew.places().size()) {}

optimise::AsynchronousResult CrewSlots::wait() {
  bool stopped = false;
  while (ready_.empty()) {
    stopped = stopped || (hooks_.stop && hooks_.stop());
    if (stopped && out_.empty()) throw optimise::EvaluationStopped();
    if (!stopped) deal();
    if (std::optional<FinishedChunk> chunk = crew_.wait(look_every_s)) take(std::move(*chunk));
    if (stopped) ready_.clear();  // they are journalled; nobody is bred from them any more
  }
  optimise::AsynchronousResult result = std::move(ready_.front());
  ready_.pop_front();
  return result;
}

void CrewSlots::deal() {
  const std::vector<Place>& places = crew_.places();
  while (!pending_.empty()) {
    const auto free = [&](std::size_t p) { return chunks_at_[p] < places[p].chunks_at_once; };
    std::size_t best = places.size();
    for (std::size_t p = 0; p < places.size(); ++p) {
      if (free(p) && (best == places.size() || chunks_at_[p] < chunks_at_[best])) best = p;
    }
    if (best == places.size()) return;
    const std::size_t count = std::min(places[best].lanes, pending_.size());
    Chunk chunk{.number = ++last_number_, .parameters = Table<double>(count, pending_.front().values.size())};
    std::vector<optimise::AsynchronousTask>& tasks = out_[chunk.number];
    for (std::size_t i = 0; i < count; ++i) {
      std::ranges::copy(pending_.front().values, chunk.parameters.row(i).begin());
      tasks.push_back(std::move(pending_.front()));
      pending_.pop_front();
    }
    ++chunks_at_[best];
    crew_.start(best, std::move(chunk));
  }
}

void CrewSlots::take(FinishedChunk chunk) {
  const auto found = out_.find(chunk.number);
  if (found == out_.end()) return;
  if (chunk.failure) std::rethrow_exception(chunk.failure);
  const std::vector<optimise::AsynchronousTask> tasks = std::move(found->second);
  out_.erase(found);
  --chunks_at_[chunk.place];
  std::vector<optimise::AsynchronousResult> results;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    const std::span<const double> scores = std::as_const(chunk.scores.values).row(i);
    results.push_back({.id = tasks[i].id,
                       .scores = {scores.begin(), scores.end()},
                       .failed = chunk.scores.failed[i] != 0,
                       .reason = std::move(chunk.scores.reasons[i])});
  }
  busy_seconds_ += chunk.seconds / static_cast<double>(crew_.places()[chunk.place].chunks_at_once);
  slowest_seconds_ = std::max(slowest_seconds_, chunk.seconds / static_cast<double>(tasks.size()));
  if (hooks_.arrived) hooks_.arrived(tasks, results);
  std::ranges::move(results, std::back_inserter(ready_));
}

CrewStatistics CrewSlots::statistics() const {
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - start_;
  const double available = wall.count() * static_cast<double>(crew_.places().size());
  return {.places = crew_.places().size(),
          .idle_share = available > 0 ? std::clamp(1 - busy_seconds_ / available, 0.0, 1.0) : 0,
          .slowest_seconds = slowest_seconds_};
}

}  // namespace cellwright::evaluate
