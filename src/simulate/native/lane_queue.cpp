#include "simulate/native/lane_queue.hpp"

#include <algorithm>

namespace cellwright::simulate::native {

LaneQueue::LaneQueue(const LaneBatch& batch, const std::vector<double>& durations_ms, std::size_t workers)
    : batch_(batch),
      durations_ms_(durations_ms),
      workers_(workers),
      steps_per_ms_(batch.parameters.rows(), not_known),
      waiting_of_(batch.parameters.rows()) {}

double LaneQueue::expected_steps(std::size_t lane) const {
  const Lane& l = batch_.lanes.at(lane);
  const double rate = steps_per_ms_.at(l.individual);
  return rate == not_known ? not_known : rate * durations_ms_.at(l.protocol);
}

void LaneQueue::add(const std::vector<std::size_t>& lanes) {
  const std::lock_guard lock(mutex_);
  for (const std::size_t lane : lanes) {
    const Waiting waiting{expected_steps(lane), added_++, lane};
    waiting_.insert(waiting);
    waiting_of_.at(batch_.lanes.at(lane).individual).push_back(waiting);
  }
}

std::vector<std::size_t> LaneQueue::take(std::size_t idle_places, std::size_t places) {
  const std::lock_guard lock(mutex_);
  const std::size_t remaining = waiting_.size();
  const std::size_t share = (remaining + workers_ - 1) / workers_;
  const std::size_t wanted = std::max(std::min(idle_places, share), std::min(places, remaining / (2 * workers_)));
  std::vector<std::size_t> result;
  while (result.size() < wanted) {
    result.push_back(waiting_.begin()->lane);
    waiting_.erase(waiting_.begin());
  }
  return result;
}

void LaneQueue::learn(std::size_t lane, std::size_t steps) {
  const std::lock_guard lock(mutex_);
  const Lane& l = batch_.lanes.at(lane);
  double& rate = steps_per_ms_.at(l.individual);
  const double seen = static_cast<double>(steps) / std::max(durations_ms_.at(l.protocol), 1.0);
  if (rate != not_known && rate >= seen) return;
  rate = seen;
  for (Waiting& waiting : waiting_of_.at(l.individual)) {
    if (waiting_.erase(waiting) == 0) continue;
    waiting.expected_steps = expected_steps(waiting.lane);
    waiting_.insert(waiting);
  }
}

}  // namespace cellwright::simulate::native
