#include "simulate/native/event_pace.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace cellwright::simulate::native {
namespace {

/// A lane whose steps of 0.1 ms are as long as their error allows, and 1e-3 ms without history.
EventPace busy() {
  EventPace pace;
  pace.start(1e-3);
  pace.accepted(0.1, 1, 4, false);
  return pace;
}

TEST(EventPaceTest, KeepsTheHistoryWhereStepsWithoutAreMuchShorter) {
  EventPace pace = busy();
  EXPECT_NEAR(pace.begin(0.1), 0.07, 1e-12);
  pace.restarted(0.06);
  EXPECT_EQ(pace.begin(0.1), 0);
}

TEST(EventPaceTest, WhatGoesOnThroughEventsLimitsTheStep) {
  EventPace pace = busy();
  pace.accepted(0.1, 32, 4, false);
  EXPECT_NEAR(pace.begin(0.1), 0.1 * 0.8 / 2, 1e-12);
  pace.accepted(0.01, 1e-6, 4, true);
  EXPECT_GT(pace.begin(0.1), 0.04) << "a step that was cut short says that longer ones are allowed, not shorter ones";
}

/// Errors that fall with the root of the length, as behind events that move v.
TEST(EventPaceTest, FindsTheLengthThatAStrongEventAllowsAndRemembersIt) {
  EventPace pace = busy();
  const auto error = [](double h) { return std::sqrt(h / 0.005); };
  double h = pace.begin(0.1);
  int failures = 0;
  for (; error(h) > 1; ++failures) h = pace.retry(h, error(h));
  EXPECT_LE(failures, 2);
  EXPECT_GT(h, 2e-3);
  pace.kept(h, error(h), 50 * error(h), false);
  EXPECT_LE(error(pace.begin(0.1)), 1) << "the next one like it passes at once";
}

TEST(EventPaceTest, GivesUpWhereAStepWithoutHistoryIsAsLong) {
  EventPace pace = busy();
  const auto error = [](double h) { return h / 1e-5; };
  double h = pace.begin(0.1);
  int failures = 0;
  for (; h > 0; ++failures) h = pace.retry(h, error(h));
  EXPECT_LE(failures, 3);
  EXPECT_EQ(pace.begin(0.1), 0) << "and does not try again at once";
  int events = 1;
  while (pace.begin(0.1) == 0) ++events;
  EXPECT_GT(events, 2);
  EXPECT_LT(events, 30) << "but in the end";
}

TEST(EventPaceTest, AQuietLaneLearnsThatItNeedsNoHistory) {
  EventPace pace = busy();
  const double h = pace.begin(0.1);
  ASSERT_GT(h, 0);
  pace.kept(h, 0.1, 0.2, false);
  EXPECT_GT(pace.restart_h_ms(), 0.1);
  EXPECT_EQ(pace.begin(0.1), 0);
}

TEST(EventPaceTest, AStepThatIsNotFiniteIsAFailureLikeAnother) {
  EventPace pace = busy();
  const double h = pace.begin(0.1);
  EXPECT_LT(pace.retry(h, HUGE_VAL), 0.1 * h);
}

}  // namespace
}  // namespace cellwright::simulate::native
