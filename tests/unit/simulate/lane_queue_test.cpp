// Which lane runs next.
#include "simulate/native/lane_queue.hpp"

#include <gmock/gmock.h>

namespace cellwright::simulate::native {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

/// Three individuals in a protocol of 100 ms and one of 10 ms: lane 2 i + p.
class LaneQueueTest : public testing::Test {
 protected:
  LaneQueueTest() {
    for (std::size_t individual = 0; individual < 3; ++individual)
      batch_.lanes.insert(batch_.lanes.end(), {{individual, 0}, {individual, 1}});
  }
  Table<double> parameters_{3, 1};
  LaneBatch batch_{.parameters = parameters_.view(), .lanes = {}};
  std::vector<double> durations_ms_{100, 10};
};

TEST_F(LaneQueueTest, KeepsTheOrderOfWhatIsNotKnown) {
  LaneQueue queue(batch_, durations_ms_, 1);
  queue.add({0, 2, 4, 1, 3, 5});
  EXPECT_THAT(queue.take(6, 8), ElementsAre(0, 2, 4, 1, 3, 5));
  EXPECT_THAT(queue.take(1, 8), IsEmpty());
}

TEST_F(LaneQueueTest, TakesTheMostExpensiveFirst) {
  LaneQueue queue(batch_, durations_ms_, 1);
  queue.add({0, 2, 4, 1, 3, 5});
  EXPECT_THAT(queue.take(3, 1), ElementsAre(0, 2, 4));
  queue.learn(0, 200);
  queue.learn(4, 3000);
  EXPECT_THAT(queue.take(3, 1), ElementsAre(3, 5, 1)) << "what is not known may be the most expensive";
}

TEST_F(LaneQueueTest, RemembersFromOneListToTheNextAndTheLargestRateCounts) {
  LaneQueue queue(batch_, durations_ms_, 1);
  queue.add({1, 3, 5});
  EXPECT_THAT(queue.take(3, 1), ElementsAre(1, 3, 5));
  queue.learn(1, 50);
  queue.learn(3, 20);
  queue.learn(5, 40);
  queue.learn(5, 10);
  queue.add({0, 2, 4});
  EXPECT_THAT(queue.take(3, 1), ElementsAre(0, 4, 2));
}

TEST_F(LaneQueueTest, LeavesOtherWorkersTheirShare) {
  LaneQueue queue(batch_, durations_ms_, 2);
  queue.add({0, 2, 4, 1, 3, 5});
  EXPECT_THAT(queue.take(8, 8), ElementsAre(0, 2, 4));
  EXPECT_THAT(queue.take(1, 8), ElementsAre(1)) << "half of its share in advance would be less than what is idle";
  EXPECT_THAT(queue.take(8, 8), ElementsAre(3));
  EXPECT_THAT(queue.take(8, 8), ElementsAre(5));
}

}  // namespace
}  // namespace cellwright::simulate::native
