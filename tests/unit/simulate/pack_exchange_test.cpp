// Which pack leaves its lanes to which.
#include "simulate/native/pack_exchange.hpp"

#include <thread>

#include <gmock/gmock.h>

namespace cellwright::simulate::native {
namespace {

struct FakePack {
  static constexpr std::size_t places = 8;
  std::size_t lanes = 0;
  std::size_t running() const { return lanes; }
  std::size_t adopt(FakePack& from) {
    const std::size_t moved = std::min(places - lanes, from.lanes);
    lanes += moved;
    from.lanes -= moved;
    return moved;
  }
};
using Exchange = PackExchange<FakePack>;

std::unique_ptr<FakePack> pack_of(std::size_t lanes) { return std::make_unique<FakePack>(FakePack{lanes}); }

TEST(PackExchangeTest, APackLeavesWhereOthersHavePlacesForAllItsLanes) {
  Exchange exchange(2, FakePack::places);
  auto first = pack_of(6), second = pack_of(3);
  EXPECT_EQ(exchange.next(0, *first), Exchange::Next::step) << "the other may still get new lanes";
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::step) << "the other has two places";
  first->lanes = 5;
  EXPECT_EQ(exchange.next(0, *first), Exchange::Next::leave);
  exchange.give(std::move(first));
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::step);
  EXPECT_EQ(second->lanes, 8U);
  const auto empty = exchange.take_empty();
  ASSERT_EQ(empty.size(), 1U);
  EXPECT_EQ(empty[0]->lanes, 0U);
  second->lanes = 0;
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::end);
}

TEST(PackExchangeTest, NoPlaceIsPromisedTwice) {
  Exchange exchange(3, FakePack::places);
  auto first = pack_of(2), second = pack_of(2), third = pack_of(5);
  EXPECT_EQ(exchange.next(2, *third), Exchange::Next::step);
  EXPECT_EQ(exchange.next(0, *first), Exchange::Next::leave);
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::step)
      << "one place is left in the third, two lanes are promised";
  exchange.give(std::move(first));
  EXPECT_EQ(exchange.next(2, *third), Exchange::Next::step);
  EXPECT_EQ(third->lanes, 7U);
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::step);
  third->lanes = 6;
  EXPECT_EQ(exchange.next(2, *third), Exchange::Next::leave) << "the second has six places";
  exchange.give(std::move(third));
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::step);
  EXPECT_EQ(second->lanes, 8U);
}

TEST(PackExchangeTest, AnEmptyPackWaitsForLanesThatArePromised) {
  Exchange exchange(2, FakePack::places);
  auto first = pack_of(1), second = pack_of(4);
  EXPECT_EQ(exchange.next(0, *first), Exchange::Next::step);
  EXPECT_EQ(exchange.next(1, *second), Exchange::Next::leave);
  first->lanes = 0;
  std::thread giver([&] { exchange.give(std::move(second)); });
  EXPECT_EQ(exchange.next(0, *first), Exchange::Next::step);
  giver.join();
  EXPECT_EQ(first->lanes, 4U);
}

}  // namespace
}  // namespace cellwright::simulate::native
