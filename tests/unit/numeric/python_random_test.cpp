#include "cellwright/numeric/python_random.hpp"

#include <limits>
#include <numeric>
#include <random>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "unit/numeric/stream_checksum.hpp"

// Every expected figure was printed by CPython 3.11.7.

namespace cellwright::numeric {
namespace {

using testing::ElementsAre;

struct Seeded {
  std::int64_t seed;
  double first[3];
  std::uint32_t checksum;  // of the first 10 000 draws
};

class PythonRandomSeeds : public testing::TestWithParam<Seeded> {};

TEST_P(PythonRandomSeeds, GiveCpythonsStream) {
  PythonRandom start(GetParam().seed);
  for (const double expected : GetParam().first) EXPECT_EQ(start.random(), expected);

  PythonRandom whole(GetParam().seed);
  EXPECT_EQ(stream_checksum([&] { return whole.random(); }, 10000), GetParam().checksum);
}

INSTANTIATE_TEST_SUITE_P(
    Cpython, PythonRandomSeeds,
    testing::Values(Seeded{0, {0x1.b0580f98a7dbep-1, 0x1.84129978f9c1ap-1, 0x1.aeaa51052e978p-2}, 0x94f8f029},
                    Seeded{1, {0x1.132d8f91b7584p-3, 0x1.b1e2d5b3584f8p-1, 0x1.870d778409f13p-1}, 0xe5fa57e8},
                    Seeded{42, {0x1.4762f307200c5p-1, 0x1.99c6b5eeb2060p-6, 0x1.19a1491f589dcp-2}, 0x6c00204b},
                    Seeded{4294967295, {0x1.454d9227a7013p-1, 0x1.a0274a3720bf8p-3, 0x1.36f8c1616ef77p-1}, 0xdea29645},
                    Seeded{4294967296, {0x1.ced31cb3df170p-4, 0x1.abdb5477a4f26p-2, 0x1.1139c02ebd380p-6}, 0x63c551f6},
                    Seeded{
                        1099511627776, {0x1.a881d8b4d9a60p-4, 0x1.5753194433dafp-1, 0x1.b4e4e38637f14p-2}, 0xf0ae9b96},
                    Seeded{7, {0x1.4b9ad0f953a6ep-2, 0x1.34f0696513270p-3, 0x1.4d474883171ffp-1}, 0xeb0e77c0},
                    Seeded{-7, {0x1.4b9ad0f953a6ep-2, 0x1.34f0696513270p-3, 0x1.4d474883171ffp-1}, 0xeb0e77c0},
                    Seeded{std::numeric_limits<std::int64_t>::max(),
                           {0x1.443e8e5409ca6p-2, 0x1.43346b887de9dp-1, 0x1.9b6b765f6b847p-1},
                           0xe87a2946},
                    Seeded{std::numeric_limits<std::int64_t>::min(),
                           {0x1.1b5fa2193586fp-1, 0x1.e198384d65bb9p-1, 0x1.ef9ab7f81e664p-3},
                           0x4513481a}));

TEST(PythonRandom, DrawsBits) {
  PythonRandom rng(5);
  std::vector<std::uint64_t> drawn;
  for (const int bits : {1, 5, 31, 32, 33, 40, 53, 63, 64, 0}) drawn.push_back(rng.getrandbits(bits));

  EXPECT_THAT(drawn, ElementsAre(1, 8, 1592975436, 1539898300, 7710297655, 927465761770, 5872980113096233,
                                 4888754783560498592, 15501686781378355951U, 0));
}

TEST(PythonRandom, DrawsBelowALimit) {
  PythonRandom rng(6);
  std::vector<std::uint64_t> drawn;
  for (const std::uint64_t n :
       {1ULL, 2ULL, 3ULL, 10ULL, 1000ULL, 1ULL << 32, (1ULL << 32) + 1, (1ULL << 40) - 3, 1ULL << 63}) {
    drawn.push_back(rng.randbelow(n));
  }

  EXPECT_THAT(drawn, ElementsAre(0, 1, 1, 0, 0, 2518931407, 3156097729, 847480308304, 5030391745869418977));
}

TEST(PythonRandom, DrawsUniformIntegersAndChoices) {
  PythonRandom uniform(7);
  for (const double expected : {-0x1.491edc1641939p+5, -0x1.ef2f4e989f05cp+5, -0x1.e34b014694840p+0}) {
    EXPECT_EQ(uniform.uniform(-80, 40), expected);
  }
  PythonRandom integers(8);
  for (const int expected : {-2, 0, 1, -3, -2, -5, -4, -3}) EXPECT_EQ(integers.randint(-5, 5), expected);
  EXPECT_EQ(integers.randint(0, std::int64_t{1} << 40), 881367651656);
  EXPECT_EQ(integers.randint(0, std::int64_t{1} << 40), 67181313388);
  PythonRandom choices(9);
  for (const std::size_t expected : {7, 9, 5, 4, 2, 2, 10, 0, 5, 8}) EXPECT_EQ(choices.choice_index(13), expected);
}

TEST(PythonRandom, Shuffles) {
  PythonRandom rng(10);
  std::vector<int> values(20);
  std::iota(values.begin(), values.end(), 0);

  rng.shuffle(values);

  EXPECT_THAT(values, ElementsAre(14, 11, 5, 6, 19, 8, 9, 12, 16, 2, 10, 4, 17, 7, 3, 0, 15, 13, 1, 18));
  EXPECT_EQ(rng.random(), 0x1.b8670708e048fp-1);
}

struct Sampled {
  std::size_t size;
  std::vector<std::size_t> indices;
  double next_random;
};

class PythonRandomSample : public testing::TestWithParam<Sampled> {};

TEST_P(PythonRandomSample, PicksCpythonsIndices) {
  PythonRandom rng(11);

  EXPECT_EQ(rng.sample_indices(GetParam().size, GetParam().indices.size()), GetParam().indices);

  EXPECT_EQ(rng.random(), GetParam().next_random);
}

INSTANTIATE_TEST_SUITE_P(
    Cpython, PythonRandomSample,
    testing::Values(Sampled{10, {7, 8, 9}, 0x1.cead21c100f14p-2},
                    Sampled{10, {7, 8, 9, 3, 4, 5, 1, 0, 6, 2}, 0x1.818798e4a7db8p-4},
                    Sampled{21, {14, 17, 20, 18, 16}, 0x1.b5c88aa597b68p-1},  // last size with a pool
                    Sampled{22, {14, 17, 16, 18, 6}, 0x1.7a2f33cdcc690p-3},   // first with a set
                    Sampled{85, {57, 71, 59, 84, 65, 75}, 0x1.84eb5b2f45e64p-3},
                    Sampled{86, {57, 71, 59, 65, 75, 24}, 0x1.7a2f33cdcc690p-3},
                    Sampled{1000, {463, 886, 573, 877, 946, 799, 476, 462, 520, 875, 601, 194}, 0x1.7a2f33cdcc690p-3},
                    Sampled{0, {}, 0x1.cf3c95eed0a4ap-2},
                    Sampled{300,
                            {231, 286, 238, 260, 97,  94, 262, 243, 95,  48, 228, 155, 72,  46,  275,
                             21,  202, 80,  7,   270, 32, 30,  18,  123, 15, 237, 167, 225, 100, 265},
                            0x1.de819aa3ea284p-3}));

TEST(PythonRandom, SamplesValues) {
  PythonRandom rng(11);

  EXPECT_THAT(rng.sample(std::vector<char>{'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'}, 3),
              ElementsAre('h', 'i', 'j'));
}

TEST(PythonRandom, DrawsNormalDeviates) {
  PythonRandom start(12);
  for (const double expected : {-0x1.63efa40ef0f90p+0, 0x1.f73dc595bcf88p+0, 0x1.e33289822dcd0p-1, 0x1.148941f121c23p-1,
                                0x1.b78562fac81dcp+1}) {
    EXPECT_EQ(start.gauss(1.5, 2.0), expected);
  }
  PythonRandom whole(12);
  EXPECT_EQ(stream_checksum([&] { return whole.gauss(0, 1); }, 10000), 0x5eb3648cU);
}

TEST(PythonRandom, ShowsPythonsState) {
  PythonRandom rng(13);
  for (int i = 0; i < 100; ++i) rng.random();
  rng.gauss(0, 1);

  const PythonRandom::State state = rng.state();

  EXPECT_EQ(state.engine.words[0], 4019705618U);
  EXPECT_EQ(state.engine.words[623], 4125221590U);
  EXPECT_EQ(std::accumulate(state.engine.words.begin(), state.engine.words.end(), std::uint64_t{0}), 1372533613355U);
  EXPECT_EQ(state.engine.index, 204U);
  EXPECT_EQ(state.gauss_next, 0x1.789038a6ed6f1p-2);
}

TEST(PythonRandom, GoesOnFromASavedStateAtAnyMoment) {
  PythonRandom rng(3);
  for (int i = 0; i < 700; ++i) {
    PythonRandom copy(rng.state());
    ASSERT_EQ(copy.gauss(0, 1), rng.gauss(0, 1));
    ASSERT_EQ(copy.state(), rng.state());
  }
}

TEST(PythonRandom, RefusesImpossibleArguments) {
  PythonRandom rng(1);
  PythonRandom::State damaged = rng.state();
  damaged.engine.index = 625;

  EXPECT_THROW(rng.getrandbits(65), InternalError);
  EXPECT_THROW(rng.getrandbits(-1), InternalError);
  EXPECT_THROW(rng.randbelow(0), InternalError);
  EXPECT_THROW(rng.choice_index(0), InternalError);
  EXPECT_THROW(rng.randint(2, 1), InternalError);
  EXPECT_THROW(rng.sample_indices(3, 4), InternalError);
  try {
    PythonRandom unused(damaged);
    FAIL() << "nothing was thrown";
  } catch (const CheckpointError& error) {
    EXPECT_STREQ(error.what(),
                 "error: random state has index 625; 0 to 624 are possible [random-state]\n"
                 "  fix: the checkpoint is damaged; use an older one");
  }
}

TEST(MersenneTwister, IsTheStandardsGenerator) {
  for (const std::uint32_t seed : {0U, 1U, 5489U, 4294967295U}) {
    MersenneTwister own = MersenneTwister::from_word(seed);
    std::mt19937 standard(seed);
    for (int i = 0; i < 2000; ++i) ASSERT_EQ(own.next(), standard());
  }
}

TEST(MersenneTwister, TakesAKeyLongerThanItsState) {
  std::vector<std::uint32_t> key(700);
  std::iota(key.begin(), key.end(), 1U);

  // random.Random(sum(w << (32 * i) for i, w in enumerate(range(1, 701)))).getrandbits(32)
  EXPECT_EQ(MersenneTwister::from_key(key).next(), 1434167400U);
}

}  // namespace
}  // namespace cellwright::numeric
