#pragma once
/// When a run writes a checkpoint besides the one at its end.

#include <optional>

namespace cellwright::run {

/// Every so many generations, and also whenever enough time has passed. The clock is the caller's.
class CheckpointSchedule {
 public:
  /// @param generations between checkpoints, >= 1. @param interval_s seconds between checkpoints; none: time is
  /// ignored.
  CheckpointSchedule(int generations, std::optional<double> interval_s)
      : generations_(generations), interval_s_(interval_s) {}

  /// Whether there must be a checkpoint after `generation`, which ended `now_s` seconds after the start of the process.
  /// The caller writes it then: the time until the next one counts from here.
  bool due(int generation, double now_s) {
    const bool by_time = interval_s_ && now_s - last_s_ >= *interval_s_;
    if (generation % generations_ != 0 && !by_time) return false;
    last_s_ = now_s;
    return true;
  }

 private:
  int generations_;
  std::optional<double> interval_s_;
  double last_s_ = 0;
};

}  // namespace cellwright::run
