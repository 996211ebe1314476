#include "run/checkpoint_schedule.hpp"

#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace cellwright::run {
namespace {

using testing::ElementsAre;

/// The generations after which there is a checkpoint, when generation i ends at ends_s[i - 1].
std::vector<int> generations_due(CheckpointSchedule schedule, const std::vector<double>& ends_s) {
  std::vector<int> due;
  for (std::size_t i = 0; i < ends_s.size(); ++i) {
    const int generation = static_cast<int>(i) + 1;
    if (schedule.due(generation, ends_s[i])) due.push_back(generation);
  }
  return due;
}

TEST(CheckpointScheduleTest, ByGenerationsAlone) {
  EXPECT_THAT(generations_due({3, std::nullopt}, {100, 200, 300, 400, 500, 600, 700}), ElementsAre(3, 6));
}

TEST(CheckpointScheduleTest, ByTimeAlone) {
  // 10 s after the start, then 10 s after the checkpoint (not at multiples of 10 s).
  EXPECT_THAT(generations_due({1000, 10.0}, {4, 9.9, 12, 21.9, 22, 31, 60}), ElementsAre(3, 5, 7));
}

TEST(CheckpointScheduleTest, ACheckpointByGenerationsStartsTheTimeAnew) {
  EXPECT_THAT(generations_due({3, 10.0}, {4, 8, 9, 18, 19, 25}), ElementsAre(3, 5, 6));
}

TEST(CheckpointScheduleTest, EveryGenerationIsNoMoreThanEveryGeneration) {
  EXPECT_THAT(generations_due({1, 1e-9}, {1, 2, 3}), ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace cellwright::run
