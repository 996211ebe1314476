#include "cellwright/numeric/interpolation.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/python_random.hpp"
#include "unit/numeric/stream_checksum.hpp"

// Every expected figure was printed by NumPy 2.4.6.

namespace cellwright::numeric {
namespace {

using Values = std::vector<double>;
using testing::ElementsAre;
using testing::NanSensitiveDoubleEq;

const double nan = std::numeric_limits<double>::quiet_NaN();
const double infinity = std::numeric_limits<double>::infinity();

TEST(Interpolate, HasNumpysBits) {
  PythonRandom rng(1);
  Values values;
  for (int i = 0; i < 1400; ++i) {
    const double factor = rng.random() - 0.5;
    values.push_back(factor * std::pow(1000.0, rng.random()));
  }
  Values xp(values.begin(), values.begin() + 200);
  std::sort(xp.begin(), xp.end());
  const Values fp(values.begin() + 200, values.begin() + 400);
  Values x(values.begin() + 400, values.end());
  x.insert(x.end(), xp.begin(), xp.end());

  const Values all = interpolate(x, xp, fp);

  std::size_t next = 0;
  EXPECT_EQ(stream_checksum([&] { return all[next++]; }, all.size()), 0x6a64a38bU);
  next = 0;
  EXPECT_EQ(stream_checksum([&] { return interpolate(x[next++], xp, fp); }, 300), 0xc914b5f5U);
}

TEST(Interpolate, HoldsTheEndsAndTakesTheLastOfEqualPoints) {
  EXPECT_THAT(interpolate(Values{0.5, 1, 1.5, 2, 3, -1}, Values{0, 1, 1, 2}, Values{10, 20, 30, 40}),
              ElementsAre(15, 30, 35, 40, 40, 10));
  EXPECT_EQ(interpolate(5, Values{1}, Values{7}), 7);
  EXPECT_EQ(interpolate(0, Values{1}, Values{7}), 7);
}

TEST(Interpolate, TreatsInfinityAndNanAsNumpyDoes) {
  EXPECT_THAT(interpolate(Values{-infinity, infinity, nan, 0.5}, Values{0, 1}, Values{1, 2}),
              ElementsAre(1, 2, NanSensitiveDoubleEq(nan), 1.5));
  EXPECT_EQ(interpolate(0.5, Values{0, 1, 2}, Values{infinity, infinity, 3}), infinity);
  EXPECT_EQ(interpolate(0.5, Values{0, infinity}, Values{5, 7}), 5);
  EXPECT_EQ(interpolate(0.5, Values{-infinity, 1}, Values{5, 7}), 7);
  EXPECT_EQ(interpolate(0.5, Values{-infinity, infinity}, Values{5, 5}), 5);
  EXPECT_TRUE(std::isnan(interpolate(nan, Values{0, 1}, Values{1, 2})));
}

TEST(Interpolate, RefusesPointsThatDoNotPair) {
  EXPECT_THROW(interpolate(1, Values{}, Values{}), InternalError);
  EXPECT_THROW(interpolate(1, Values{1, 2}, Values{1}), InternalError);
}

}  // namespace
}  // namespace cellwright::numeric
