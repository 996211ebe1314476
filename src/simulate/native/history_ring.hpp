#pragma once
/// The last values of all unknowns of a pack, for the variable step.
///
/// All lanes write the result of a step into the same slot, the target, whether they accept it or not; each lane knows
/// in which slots its own points are. A slot that becomes the target and still holds a point of a lane is copied for
/// that lane first.

#include <array>
#include <cstdint>
#include <span>

#include "simulate/native/aligned_array.hpp"
#include "simulate/native/implicit_kernels.hpp"
#include "simulate/native/lane_history.hpp"
#include "simulate/native/precision.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// The lanes' weights for one step, in the order of the ring.
class RingWeights {
 public:
  RingWeights();
  void clear();
  /// Fills in `history`; the arrays are this object's. A step without any history sums over zeros.
  void set(std::size_t lane, int position, const StepCoefficients& coefficients, int age);

 private:
  friend class HistoryRing;
  AlignedArray predictor_, rate_, voltage_rate_;
};

class HistoryRing {
 public:
  static constexpr int slots = history_points + 1;

  HistoryRing() = default;
  explicit HistoryRing(std::int64_t rows);

  /// Everything to 0.
  void clear();
  int target() const { return target_; }
  int newest() const { return (target_ + slots - 1) % slots; }
  Real* row(int slot, std::int64_t row) { return points_.row(static_cast<std::size_t>(slot * rows_ + row)); }
  const Real* row(int slot, std::int64_t row) const {
    return points_.row(static_cast<std::size_t>(slot * rows_ + row));
  }
  /// The sums for one step.
  HistorySum sums(RingWeights& weights, std::span<const LaneHistory, pack_lanes> lanes,
                  std::span<const StepCoefficients, pack_lanes> coefficients);
  /// The next slot becomes the target.
  void advance(std::span<LaneHistory, pack_lanes> lanes);
  /// Puts what a lane has in `slot` into the target, for a step that failed: in single precision the slot before the
  /// next target is what sums are relative to.
  void repeat(std::size_t lane, int slot) { copy_point(*this, lane, slot, lane, target_); }
  /// Adds `by` to a lane's values of one row at all points of its history but the newest.
  void shift(std::size_t lane, const LaneHistory& history, std::int64_t row, Real by);
  /// Behind a step of h_ms with coefficients_behind_kink(), whose solution is in the target: adds a straight line to
  /// the older points of each row, so that their polynomial leads to the solution.
  void bend(std::size_t lane, LaneHistory& history, const StepCoefficients& step, double h_ms);
  /// Takes a lane of another ring, whose `history` then tells where its points are here.
  void copy_lane(const HistoryRing& from, std::size_t from_lane, std::size_t lane, LaneHistory& history);
  /// Forgets what a lane has written to the target or, with `everywhere`, to any slot.
  void wipe(std::size_t lane, bool everywhere);

 private:
  void copy_point(const HistoryRing& from, std::size_t from_lane, int from_slot, std::size_t lane, int slot);

  std::int64_t rows_ = 0;
  AlignedArray points_;  ///< one slot behind the other
  int target_ = 0;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
