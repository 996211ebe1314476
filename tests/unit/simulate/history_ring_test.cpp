#include "simulate/native/history_ring.hpp"

#include <gtest/gtest.h>

namespace cellwright::simulate::native::double_precision {
namespace {

constexpr std::size_t lane = 3;

/// Two rows that follow cubics, in one lane, at uneven times; the newest is at t = 2.
class HistoryRingTest : public testing::Test {
 protected:
  static double cubic(std::int64_t row, double t) {
    return row == 0 ? 1 + t * (0.5 + t * (-0.25 + 0.125 * t)) : 3 - t * t;
  }
  HistoryRingTest() {
    int age = 0;
    for (const double t : times_) {
      for (std::int64_t row = 0; row < 2; ++row)
        ring_.row(ring_.target(), row)[lane] = static_cast<Real>(cubic(row, t));
      if (age++ == 0) {
        history().start(t, ring_.target());
      } else {
        history().push(t, ring_.target());
      }
      ring_.advance(histories_);
    }
  }
  LaneHistory& history() { return histories_[lane]; }
  double predicted(std::int64_t row, const StepCoefficients& step) {
    double sum = 0;
    for (int age = 0; age < history().points(); ++age)
      sum += step.predictor[static_cast<std::size_t>(age)] *
             static_cast<double>(ring_.row(history().slot(age), row)[lane]);
    return sum;
  }
  const std::array<double, 5> times_{0.1, 0.7, 1.1, 1.8, 2.0};
  std::array<LaneHistory, pack_lanes> histories_;
  HistoryRing ring_{2};
};

TEST_F(HistoryRingTest, AShiftedHistoryIsThatOfOneThatHasAlwaysBeenThere) {
  ring_.row(history().slot(0), 1)[lane] += 5;
  ring_.shift(lane, history(), 1, 5);
  const StepCoefficients step = history().coefficients(0.4, LaneHistory::highest_order);
  EXPECT_NEAR(predicted(0, step), cubic(0, 2.4), 1e-9);
  EXPECT_NEAR(predicted(1, step), cubic(1, 2.4) + 5, 1e-9);
}

TEST_F(HistoryRingTest, ABentHistoryGoesOnAsTheFirstStepBehindTheKinkDid) {
  const auto behind = [](std::int64_t row, double t) { return cubic(row, t) + (row == 0 ? 0.8 : 0.0) * (t - 2); };
  const StepCoefficients first = history().coefficients_behind_kink(0.4);
  for (std::int64_t row = 0; row < 2; ++row) ring_.row(ring_.target(), row)[lane] = static_cast<Real>(behind(row, 2.4));
  ring_.bend(lane, history(), first, 0.4);
  history().push(2.4, ring_.target());
  ring_.advance(histories_);
  const StepCoefficients next = history().coefficients(0.9, LaneHistory::highest_order);
  for (std::int64_t row = 0; row < 2; ++row) EXPECT_NEAR(predicted(row, next), behind(row, 3.3), 1e-9);
}

TEST_F(HistoryRingTest, ALaneOfAnotherRingIsPredictedAsItWasThere) {
  const StepCoefficients step = history().coefficients(0.4, LaneHistory::highest_order);
  const double before[] = {predicted(0, step), predicted(1, step)};
  HistoryRing other{2};
  std::array<LaneHistory, pack_lanes> others;
  for (int k = 0; k < 3; ++k) other.advance(others);
  constexpr std::size_t to_lane = 6;
  others[to_lane] = history();
  other.copy_lane(ring_, lane, to_lane, others[to_lane]);
  for (int age = 0; age < history().points(); ++age) {
    const auto distance = [&](const HistoryRing& ring, const LaneHistory& points) {
      return (ring.target() - points.slot(age) + HistoryRing::slots) % HistoryRing::slots;
    };
    EXPECT_EQ(distance(other, others[to_lane]), distance(ring_, history()));
  }
  for (std::int64_t row = 0; row < 2; ++row) {
    double sum = 0;
    for (int age = 0; age < history().points(); ++age)
      sum += step.predictor[static_cast<std::size_t>(age)] *
             static_cast<double>(other.row(others[to_lane].slot(age), row)[to_lane]);
    EXPECT_EQ(sum, before[row]);
  }
}

}  // namespace
}  // namespace cellwright::simulate::native::double_precision
