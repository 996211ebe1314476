#pragma once
/// The lanes of a batch that wait for a place in a pack with variable steps.

#include <cstddef>
#include <limits>
#include <mutex>
#include <set>
#include <vector>

#include "cellwright/simulate/simulator.hpp"

namespace cellwright::simulate::native {

/// Hands out what is expected to take longest first, so that all threads end at about the same time: a cell that spikes
/// takes twenty times the steps of a quiet one, and one that spikes in one protocol most likely does in the others.
/// What a lane gives does not depend on when it runs. May be asked by several threads.
class LaneQueue {
 public:
  /// @param durations_ms  of the protocols
  /// @param batch, durations_ms  outlive this object
  LaneQueue(const LaneBatch& batch, const std::vector<double>& durations_ms, std::size_t workers);

  /// Adds lanes (indices into LaneBatch::lanes). Where nothing is known of an individual, they run in this order.
  void add(const std::vector<std::size_t>& lanes);
  /// Lanes to be run next, for a worker with so many idle places: a few in advance, as long as other workers will not
  /// miss them at the end. Empty: there are none left.
  std::vector<std::size_t> take(std::size_t idle_places, std::size_t places);
  /// What a lane has taken.
  void learn(std::size_t lane, std::size_t steps);

 private:
  static constexpr double not_known = std::numeric_limits<double>::infinity();
  struct Waiting {
    double expected_steps;
    std::size_t order, lane;
    bool operator<(const Waiting& other) const {
      return expected_steps != other.expected_steps ? expected_steps > other.expected_steps : order < other.order;
    }
  };
  double expected_steps(std::size_t lane) const;

  const LaneBatch& batch_;
  const std::vector<double>& durations_ms_;
  const std::size_t workers_;
  std::mutex mutex_;
  std::set<Waiting> waiting_;
  std::vector<double> steps_per_ms_;              ///< of individuals, the largest seen
  std::vector<std::vector<Waiting>> waiting_of_;  ///< of individuals; also some that were handed out since
  std::size_t added_ = 0;
};

}  // namespace cellwright::simulate::native
