#include "simulate/native/history_ring.hpp"

#include <algorithm>

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {
namespace {

constexpr std::size_t W = pack_lanes;
constexpr std::size_t all_weights = static_cast<std::size_t>(history_points) * W;

}  // namespace

RingWeights::RingWeights() : predictor_(all_weights), rate_(all_weights), voltage_rate_(all_weights) {}

void RingWeights::clear() {
  for (AlignedArray* weights : {&predictor_, &rate_, &voltage_rate_}) weights->fill(0);
}

void RingWeights::set(std::size_t lane, int position, const StepCoefficients& coefficients, int age) {
  const auto p = static_cast<std::size_t>(position), j = static_cast<std::size_t>(age);
  predictor_.row(p)[lane] = static_cast<Real>(coefficients.predictor[j]);
  rate_.row(p)[lane] = static_cast<Real>(coefficients.rate[j]);
  voltage_rate_.row(p)[lane] = static_cast<Real>(coefficients.voltage_rate[j]);
}

HistoryRing::HistoryRing(std::int64_t rows) : rows_(rows), points_(static_cast<std::size_t>(slots * rows) * W) {}

void HistoryRing::clear() {
  points_.fill(0);
  target_ = 0;
}

/// Position p is the slot that was the target p + 1 steps ago: a lane's points stand at the same positions whenever it
/// began, and its sums have the same order.
HistorySum HistoryRing::sums(RingWeights& weights, std::span<const LaneHistory, pack_lanes> lanes,
                             std::span<const StepCoefficients, pack_lanes> coefficients) {
  weights.clear();
  for (std::size_t lane = 0; lane < W; ++lane) {
    for (int age = 0; age < lanes[lane].points(); ++age) {
      const int position = (target_ - lanes[lane].slot(age) + slots) % slots - 1;
      weights.set(lane, position, coefficients[lane], age);
    }
  }
  HistorySum result;
  for (int p = 0; p < history_points; ++p) result.slot[p] = row((target_ + slots - 1 - p) % slots, 0);
  result.predictor = weights.predictor_.data();
  result.rate = weights.rate_.data();
  result.voltage_rate = weights.voltage_rate_.data();
  return result;
}

void HistoryRing::advance(std::span<LaneHistory, pack_lanes> lanes) {
  target_ = (target_ + 1) % slots;
  for (std::size_t lane = 0; lane < W; ++lane) {
    LaneHistory& history = lanes[lane];
    for (int age = 0; age < history.points(); ++age) {
      if (history.slot(age) != target_) continue;
      int to = newest();  // counted from the target, so that a lane's points stand where they would without others
      while (history.holds(to)) to = (to + slots - 1) % slots;
      copy_point(*this, lane, target_, lane, to);
      history.move(age, to);
    }
  }
}

void HistoryRing::copy_point(const HistoryRing& from, std::size_t from_lane, int from_slot, std::size_t lane,
                             int slot) {
  const Real* __restrict const source = from.row(from_slot, 0) + from_lane;
  Real* __restrict const to = row(slot, 0) + lane;
  for (std::size_t at = 0; at < static_cast<std::size_t>(rows_) * W; at += W) to[at] = source[at];
}

void HistoryRing::shift(std::size_t lane, const LaneHistory& history, std::int64_t row, Real by) {
  for (int age = 1; age < history.points(); ++age) this->row(history.slot(age), row)[lane] += by;
}

void HistoryRing::bend(std::size_t lane, LaneHistory& history, const StepCoefficients& step, double h_ms) {
  const auto points = static_cast<std::size_t>(history.points());
  std::array<Real*, history_points> point{};
  std::array<Real, history_points> weight{}, distance{};
  for (std::size_t j = 0; j < points; ++j) {
    const int age = static_cast<int>(j);
    point[j] = row(history.slot(age), 0) + lane;
    weight[j] = static_cast<Real>(step.predictor[j]);
    distance[j] = static_cast<Real>((history.time_ms(age) - history.time_ms(0)) / h_ms);
  }
  const Real* const solution = row(target_, 0) + lane;
  for (std::size_t at = 0; at < static_cast<std::size_t>(rows_) * W; at += W) {
    Real predicted = 0;
    for (std::size_t j = 0; j < points; ++j) predicted += weight[j] * point[j][at];
    const Real change = solution[at] - predicted;
    for (std::size_t j = 1; j < points; ++j) point[j][at] += distance[j] * change;
  }
  history.bend();
}

void HistoryRing::copy_lane(const HistoryRing& from, std::size_t from_lane, std::size_t lane, LaneHistory& history) {
  const int ahead = (target_ - from.target_ + slots) % slots;
  for (int slot = 0; slot < slots; ++slot) copy_point(from, from_lane, slot, lane, (slot + ahead) % slots);
  for (int age = 0; age < history.points(); ++age) history.move(age, (history.slot(age) + ahead) % slots);
}

void HistoryRing::wipe(std::size_t lane, bool everywhere) {
  for (int slot = 0; slot < slots; ++slot) {
    if (!everywhere && slot != target_) continue;
    Real* const values = row(slot, 0);
    for (std::int64_t r = 0; r < rows_; ++r)
      values[r * static_cast<std::int64_t>(W) + static_cast<std::int64_t>(lane)] = 0;
  }
}

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
