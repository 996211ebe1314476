#include "cellwright/numeric/statistics.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/python_random.hpp"
#include "unit/numeric/stream_checksum.hpp"

// Every expected figure was printed by NumPy 2.4.6 and CPython 3.11.7.

namespace cellwright::numeric {
namespace {

using Values = std::vector<double>;

const double nan = std::numeric_limits<double>::quiet_NaN();

/// In Python: r = random.Random(1); [(r.random() - 0.5) * 1000.0 ** r.random() for _ in range(3000)].
Values spread_values() {
  PythonRandom rng(1);
  Values values;
  for (int i = 0; i < 3000; ++i) {
    const double factor = rng.random() - 0.5;
    values.push_back(factor * std::pow(1000.0, rng.random()));
  }
  return values;
}

class Statistics : public testing::Test {
 protected:
  /// Checksum of statistic(values[:n]) for n = start, start + 7, ... below 3000.
  template <class Statistic>
  std::uint32_t checksum(Statistic statistic, std::size_t start = 1) const {
    std::size_t n = start;
    const std::size_t count = (3000 - start + 6) / 7;
    return stream_checksum(
        [&] {
          const double value = statistic(std::span(values_).first(n));
          n += 7;
          return value;
        },
        count);
  }

  const Values values_ = spread_values();
};

TEST_F(Statistics, HaveNumpysBitsForEveryLength) {
  EXPECT_EQ(checksum([](auto v) { return sum(v); }), 0x93d9410fU);
  EXPECT_EQ(checksum([](auto v) { return mean(v); }), 0x9dc38718U);
  EXPECT_EQ(checksum([](auto v) { return standard_deviation(v); }), 0x803dda83U);
  EXPECT_EQ(checksum([](auto v) { return standard_deviation(v, 1); }, 2), 0x7f3873aaU);
  EXPECT_EQ(checksum([](auto v) { return median(v); }), 0x83839291U);
  EXPECT_EQ(sum(std::span(values_).first(1000)), 0x1.5abfe672478c8p+7);
}

TEST_F(Statistics, PythonSumHasPythonsBits) {
  EXPECT_EQ(checksum([](auto v) { return python_sum(v); }), 0xaa28e6b5U);
}

TEST_F(Statistics, PercentileHasNumpysBits) {
  const Values percents{0, 5, 12.5, 33.3, 50, 90, 99.9, 100};
  std::size_t draw = 0;

  const std::uint32_t seen = stream_checksum(
      [&] {
        const std::size_t n = 1 + 7 * (draw / percents.size());
        return percentile(std::span(values_).first(n), percents[draw++ % percents.size()]);
      },
      86 * percents.size());

  EXPECT_EQ(seen, 0x9babde7fU);
}

TEST(SmallStatistics, AreWhatTheirNamesSay) {
  const Values values{4, -1, 3, 2};

  EXPECT_EQ(minimum(values), -1);
  EXPECT_EQ(maximum(values), 4);
  EXPECT_EQ(median(values), 2.5);
  EXPECT_EQ(median(Values{3, 1, 2}), 2);
  EXPECT_EQ(mean(values), 2);
  EXPECT_EQ(standard_deviation(Values{1, 3}), 1);
  EXPECT_EQ(standard_deviation(Values{1, 3}, 1), std::sqrt(2.0));
  EXPECT_EQ(percentile(values, 100), 4);
  EXPECT_FALSE(std::signbit(sum(Values{-0.0})));  // as NumPy's, which starts at 0
}

TEST(SmallStatistics, OfNothingOrWithNan) {
  EXPECT_EQ(sum({}), 0);
  EXPECT_EQ(python_sum({}), 0);
  EXPECT_TRUE(std::isnan(standard_deviation(Values{1}, 1)));
  for (const Values& values : {Values{}, Values{1, nan, 2}}) {
    EXPECT_TRUE(std::isnan(mean(values)));
    EXPECT_TRUE(std::isnan(standard_deviation(values)));
    EXPECT_TRUE(std::isnan(minimum(values)));
    EXPECT_TRUE(std::isnan(maximum(values)));
    EXPECT_TRUE(std::isnan(median(values)));
    EXPECT_TRUE(std::isnan(percentile(values, 50)));
  }
  EXPECT_THROW(percentile(Values{1}, 101), InternalError);
  EXPECT_THROW(percentile(Values{1}, nan), InternalError);
}

void expect_coefficients(const Values& seen, const Values& expected) {
  ASSERT_EQ(seen.size(), expected.size());
  for (std::size_t i = 0; i < seen.size(); ++i) {
    EXPECT_NEAR(seen[i], expected[i], 1e-13 * std::fabs(expected[i])) << i;
  }
}

TEST_F(Statistics, PolyfitAgreesWithNumpy) {
  const std::span all(values_);
  Values index;
  for (int i = 0; i < 10; ++i) index.push_back(i);
  Values log_index;
  Values log_values;
  for (int i = 0; i < 11; ++i) {
    log_index.push_back(std::log(i + 1.0));
    log_values.push_back(std::log(std::fabs(values_[i])));
  }

  expect_coefficients(polyfit(all.first(50), all.subspan(50, 50), 1), {-0x1.cc16a11e440c9p-5, -0x1.d40d4631e93eap+1});
  expect_coefficients(polyfit(index, all.first(10), 3),
                      {0x1.cd02e0605d736p+0, -0x1.d0f259da36135p+4, 0x1.efcb856c7db03p+6, -0x1.e812b48cfdd99p+6});
  expect_coefficients(polyfit(log_index, log_values, 1), {-0x1.3adf146ed8094p-2, 0x1.f20a000535a8fp+0});
}

TEST(Polyfit, PassesThroughAsManyPointsAsCoefficients) {
  expect_coefficients(polyfit(Values{1, 2}, Values{5, 7}, 1), {2, 3});
  expect_coefficients(polyfit(Values{4}, Values{7}, 0), {7});
}

TEST(Polyfit, GivesNanWherePointsDoNotDetermineIt) {
  EXPECT_THAT(polyfit(Values{1, 1, 1}, Values{1, 2, 3}, 1), testing::Each(testing::NanSensitiveDoubleEq(nan)));
  EXPECT_THAT(polyfit(Values{}, Values{}, 1), testing::Each(testing::NanSensitiveDoubleEq(nan)));
  EXPECT_THAT(polyfit(Values{1, 2}, Values{1, nan}, 1), testing::Each(testing::NanSensitiveDoubleEq(nan)));
  EXPECT_THROW(polyfit(Values{1, 2}, Values{1}, 1), InternalError);
}

}  // namespace
}  // namespace cellwright::numeric
