#include "cellwright/numeric/numpy_random_state.hpp"

#include <numeric>
#include <vector>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "unit/numeric/stream_checksum.hpp"

// Every expected figure was printed by NumPy 2.4.6.

namespace cellwright::numeric {
namespace {

using testing::ElementsAre;

struct Seeded {
  std::uint32_t seed;
  double first[3];
  std::uint32_t checksum;  // of the first 10 000 draws
};

class NumpyRandomStateSeeds : public testing::TestWithParam<Seeded> {};

TEST_P(NumpyRandomStateSeeds, GiveNumpysStream) {
  NumpyRandomState start(GetParam().seed);
  for (const double expected : GetParam().first) EXPECT_EQ(start.random_sample(), expected);

  NumpyRandomState whole(GetParam().seed);
  EXPECT_EQ(stream_checksum([&] { return whole.random_sample(); }, 10000), GetParam().checksum);
}

INSTANTIATE_TEST_SUITE_P(
    Numpy, NumpyRandomStateSeeds,
    testing::Values(Seeded{0, {0x1.18fe1565f12a8p-1, 0x1.6e2d4cf608733p-1, 0x1.349d66b6e894bp-1}, 0x566a0136},
                    Seeded{1, {0x1.ab07d0ffa3c06p-2, 0x1.70ce5f3baf051p-1, 0x1.dfb906661c000p-14}, 0xdf8c7f23},
                    Seeded{42, {0x1.7f8771e5f51ecp-2, 0x1.e6c4068bbd654p-1, 0x1.76c7e8f1e6751p-1}, 0x6769152d},
                    Seeded{
                        4294967295, {0x1.8fe69a3924820p-4, 0x1.d323d824032b1p-1, 0x1.93fc6f61af3f9p-1}, 0xe770eef2}));

TEST(NumpyRandomState, DrawsNormalDeviates) {
  NumpyRandomState start(3);
  for (const double expected : {0x1.c9e38e3e13df2p+0, 0x1.befc703152c8ap-2, 0x1.8b40edd841de6p-4, -0x1.dd0ddb9948fd7p+0,
                                -0x1.1c0ba72861dcdp-2}) {
    EXPECT_EQ(start.standard_normal(), expected);
  }
  NumpyRandomState whole(3);
  EXPECT_EQ(stream_checksum([&] { return whole.standard_normal(); }, 10000), 0x06f53a92U);
  NumpyRandomState scaled(3);
  for (const double expected : {0x1.44f1c71f09ef9p+2, 0x1.2fbf1c0c54b22p+1, 0x1.b1681dbb083bdp+0}) {
    EXPECT_EQ(scaled.normal(1.5, 2.0), expected);
  }
}

TEST(NumpyRandomState, DrawsUniformAndIntegers) {
  NumpyRandomState uniform(4);
  for (const double expected : {0x1.205940d413174p+5, -0x1.caa0cf4d1b330p+3, 0x1.25c6e886acacep+5}) {
    EXPECT_EQ(uniform.uniform(-80, 40), expected);
  }
  NumpyRandomState integers(5);
  std::vector<std::uint64_t> drawn;
  for (const std::uint64_t n : {1ULL, 2ULL, 3ULL, 10ULL, 1000ULL, 1ULL << 32, (1ULL << 32) + 1, (1ULL << 40) - 3,
                                (1ULL << 63) - 1, 7ULL, 7ULL, 7ULL, 7ULL, 7ULL}) {
    drawn.push_back(integers.randint(n));
  }
  EXPECT_THAT(drawn,
              ElementsAre(0, 1, 2, 6, 118, 3945403792, 2627419879, 819333335451, 6532693844112640670, 0, 4, 1, 5, 0));
}

TEST(NumpyRandomState, Shuffles) {
  NumpyRandomState rng(6);
  std::vector<int> values(20);
  std::iota(values.begin(), values.end(), 0);

  rng.shuffle(values);

  EXPECT_THAT(values, ElementsAre(17, 7, 5, 6, 8, 2, 15, 14, 4, 11, 12, 1, 18, 0, 16, 13, 19, 3, 9, 10));
  EXPECT_EQ(rng.random_sample(), 0x1.fafeacfa822d6p-1);
}

TEST(NumpyRandomState, ShowsNumpysState) {
  NumpyRandomState rng(7);
  for (int i = 0; i < 100; ++i) rng.random_sample();
  rng.standard_normal();

  const NumpyRandomState::State state = rng.state();

  EXPECT_EQ(state.engine.words[0], 2022286329U);
  EXPECT_EQ(std::accumulate(state.engine.words.begin(), state.engine.words.end(), std::uint64_t{0}), 1325876977024U);
  EXPECT_EQ(state.engine.index, 204U);
  EXPECT_EQ(state.gauss, -0x1.2e7961b6f647bp-1);
}

TEST(NumpyRandomState, GoesOnFromASavedStateAtAnyMoment) {
  NumpyRandomState rng(3);
  for (int i = 0; i < 700; ++i) {
    NumpyRandomState copy(rng.state());
    ASSERT_EQ(copy.standard_normal(), rng.standard_normal());
    ASSERT_EQ(copy.state(), rng.state());
  }
}

TEST(NumpyRandomState, RefusesImpossibleArguments) {
  NumpyRandomState rng(1);
  NumpyRandomState::State damaged = rng.state();
  damaged.engine.index = 625;

  EXPECT_THROW(rng.randint(0), InternalError);
  EXPECT_THROW(NumpyRandomState{damaged}, CheckpointError);
}

}  // namespace
}  // namespace cellwright::numeric
