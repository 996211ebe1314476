#pragma once
/// Says to which phase of a step the time since the last look belongs.

#include <chrono>
#include <utility>

#include "cellwright/simulate/step_profile.hpp"

namespace cellwright::simulate::native {

class PhaseClock {
 public:
  /// Starts with nothing. @param active  otherwise the clock is never looked at.
  void start(bool active) {
    active_ = active;
    profile_ = {};
    if (active_) last_ = Clock::now();
  }
  /// What was done since the last call belongs to this phase.
  void lap(StepProfile::Phase phase) {
    if (!active_) return;
    const Clock::time_point now = Clock::now();
    profile_.seconds[phase] += std::chrono::duration<double>(now - last_).count();
    last_ = now;
  }
  /// Counts, which cost nothing worth mentioning and are always kept.
  StepProfile& profile() { return profile_; }

 private:
  using Clock = std::chrono::steady_clock;
  bool active_ = false;
  Clock::time_point last_;
  StepProfile profile_;
};

}  // namespace cellwright::simulate::native
