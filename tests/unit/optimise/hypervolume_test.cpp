#include "cellwright/optimise/hypervolume.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

Table<double> table(std::size_t columns, std::vector<double> values) {
  Table<double> result(values.size() / columns, columns);
  result.values() = std::move(values);
  return result;
}

TEST(Hypervolume, OfABoxIsItsVolume) {
  const Table<double> points = table(3, {1, 2, 3});

  EXPECT_DOUBLE_EQ(hypervolume(points.view(), std::vector<double>{2, 4, 6}), 6.0);
}

TEST(Hypervolume, CountsOverlapsOnce) {
  const Table<double> plane = table(2, {1, 3, 2, 2, 3, 1, 3, 3, 9, 0});
  const Table<double> space = table(3, {0, 1, 1, 1, 0, 1, 1, 1, 0});

  EXPECT_DOUBLE_EQ(hypervolume(plane.view(), std::vector<double>{4, 4}), 6.0);
  EXPECT_DOUBLE_EQ(hypervolume(space.view(), std::vector<double>{2, 2, 2}), 4.0);
}

TEST(Hypervolume, OfOneObjectiveIsALength) {
  EXPECT_DOUBLE_EQ(hypervolume(table(1, {3, 1, 2}).view(), std::vector<double>{5}), 4.0);
}

TEST(Hypervolume, OfNothingBelowTheReferenceIsZero) {
  EXPECT_EQ(hypervolume(table(2, {5, 0, 4, 4}).view(), std::vector<double>{4, 4}), 0.0);
}

TEST(HypeIndicatorExact, OfOneRemovedPointIsWhatItAloneAdds) {
  const Table<double> points = table(2, {1, 3, 2, 2, 3, 1});

  EXPECT_THAT(hype_indicator_exact(points.view(), std::vector<double>{4, 4}, 1), ::testing::ElementsAre(1.0, 1.0, 1.0));
}

TEST(HypeIndicatorExact, SharesAddUpToTheHypervolumeWhereAllAreRemoved) {
  const Table<double> points = table(3, {0, 1, 1, 1, 0, 1, 1, 1, 0});
  const std::vector<double> bounds{2, 2, 2};

  const std::vector<double> shares = hype_indicator_exact(points.view(), bounds, -1);

  // (k - j) / (n - j) / i is 1 / i^(i - 1) for k = n: three points share the cube of side 1 with 1/9 each.
  for (const double share : shares) EXPECT_NEAR(share, 1.0 + 1.0 / 9.0, 1e-15);
}

TEST(HypeIndicatorSampled, ApproachesTheExactOne) {
  const Table<double> points = table(3, {0, 1, 1, 1, 0, 1, 1, 1, 0, 0.5, 0.5, 0.9});
  const std::vector<double> bounds{2, 2, 2};
  numeric::NumpyRandomState random(1);

  const std::vector<double> sampled = hype_indicator_sampled(points.view(), bounds, 3, 200000, random);

  const std::vector<double> exact = hype_indicator_exact(points.view(), bounds, 3);
  for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(sampled[i], exact[i], 0.02) << i;
}

}  // namespace
}  // namespace cellwright::optimise
