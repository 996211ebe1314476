#include "simulate/native/event_queue.hpp"

#include <gmock/gmock.h>

namespace cellwright::simulate::native {
namespace {

using testing::ElementsAre;

/// The instances of all events up to `until`, in order of delivery.
std::vector<int> drain(EventQueue& queue, double until = 1e9) {
  std::vector<int> result;
  while (const auto event = queue.pop(until)) result.push_back(event->instance);
  return result;
}

Event event(double time_ms, int instance) { return {.time_ms = time_ms, .instance = instance}; }

TEST(EventQueue, GivesEventsInOrderOfTimeUpToALimit) {
  EventQueue queue;
  queue.push(event(3, 3));
  queue.push(event(1, 1));
  queue.push(event(2, 2));

  EXPECT_THAT(drain(queue, 2), ElementsAre(1, 2));
  EXPECT_FALSE(queue.empty());
  EXPECT_THAT(drain(queue), ElementsAre(3));
  EXPECT_TRUE(queue.empty());
}

TEST(EventQueue, EventsAtOneTimeComeInOrderOfInsertion) {
  EventQueue queue;
  queue.push(event(1, 0));
  for (int k = 1; k < 6; ++k) queue.push(event(5, k));

  EXPECT_THAT(drain(queue), ElementsAre(0, 1, 2, 3, 4, 5));
}

TEST(EventQueue, TheNextEventGoesBehindItsEqualsWhenAnEarlierOneArrives) {
  EventQueue queue;
  queue.push(event(5, 1));  // stands outside the queue
  queue.push(event(5, 2));
  queue.push(event(3, 0));  // 1 is inserted now, behind 2

  EXPECT_THAT(drain(queue), ElementsAre(0, 2, 1));
}

TEST(EventQueue, MovesPendingEvents) {
  EventQueue queue;
  const auto first = queue.push(event(1, 1));
  queue.push(event(2, 2));
  const auto last = queue.push(event(3, 3));

  EXPECT_TRUE(queue.move(last, 0.5));
  EXPECT_TRUE(queue.move(first, 4));
  EXPECT_THAT(drain(queue), ElementsAre(3, 2, 1));
  EXPECT_FALSE(queue.move(first, 5)) << "it was delivered";
}

}  // namespace
}  // namespace cellwright::simulate::native
