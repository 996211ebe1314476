#include "simulate/native/random_stream.hpp"

#include <gmock/gmock.h>

namespace cellwright::simulate::native {
namespace {

// The known answers of the authors' own test (kat_vectors of Random123): philox4x32, 10 rounds.
TEST(RandomStream, BlockIsPhilox) {
  EXPECT_THAT(start_stream({0, 0, 0}, 0, 0).words,
              testing::ElementsAre(0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8));
}

// NEURON 9.0.2: h.Random().Random123(1, 2, 3) after seq(5), Random123_globalindex 7, and uniform(0, 1); the draw is
// (word + 1)/(2^32 + 1).
TEST(RandomStream, IdentifiersStandWhereNeuronPutsThem) {
  const cw_random stream = start_stream({1, 2, 3}, 5, 7);

  EXPECT_THAT(stream.counter, testing::ElementsAre(5, 3, 1, 2));
  EXPECT_THAT(stream.key, testing::ElementsAre(7, 0));
  EXPECT_EQ(stream.next, 0U);
  EXPECT_EQ(stream.is_set, 1U);
}

}  // namespace
}  // namespace cellwright::simulate::native
