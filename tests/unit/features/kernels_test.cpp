#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <limits>
#include <numbers>
#include <random>
#include <vector>

#include "features/exponential_fit.hpp"
#include "features/signal_kernel.hpp"
#include "features/spectrum.hpp"
#include "features/statistics.hpp"

namespace cellwright::features {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// The definition: goes through the samples one by one.
template <class Measure>
std::ptrdiff_t first_smallest(const std::vector<double>& x, std::ptrdiff_t first, std::ptrdiff_t last,
                              Measure measure) {
  std::ptrdiff_t best = first;
  for (std::ptrdiff_t i = first + 1; i < last; ++i) {
    if (measure(x[static_cast<std::size_t>(i)]) < measure(x[static_cast<std::size_t>(best)])) best = i;
  }
  return best;
}

TEST(SignalKernel, finds_what_a_plain_search_finds) {
  std::mt19937 random(5);
  for (int round = 0; round < 4000; ++round) {
    std::vector<double> x(1 + random() % 400);
    // Few different values, so that the smallest stands several times; now and then NaN and infinities.
    for (double& value : x) {
      const double special[] = {nan, INFINITY, -INFINITY, -0.0};
      value = random() % 50 == 0 ? special[random() % 4] : static_cast<double>(random() % 40) - 20.0;
    }
    const auto n = static_cast<std::ptrdiff_t>(x.size());
    const auto first = static_cast<std::ptrdiff_t>(random() % x.size());
    const std::ptrdiff_t last = first + 1 + static_cast<std::ptrdiff_t>(random() % static_cast<unsigned>(n - first));
    const double level = static_cast<double>(random() % 40) - 20.5;
    ASSERT_EQ(min_index(x, first, last), first_smallest(x, first, last, [](double v) { return v; }));
    ASSERT_EQ(max_index(x, first, last), first_smallest(x, first, last, [](double v) { return -v; }));
    ASSERT_EQ(nearest_index(x, first, last, level),
              first_smallest(x, first, last, [&](double v) { return std::fabs(v - level); }));
  }
}

TEST(SignalKernel, of_an_empty_range) {
  const std::vector<double> x(10);
  EXPECT_EQ(min_index(x, 4, 4), 4);
  EXPECT_EQ(max_index(x, 5, 3), 3);
  EXPECT_EQ(nearest_index(x, 5, 3, 0.0), 5);
}

TEST(RunningMedian, equals_the_median_of_what_came) {
  std::mt19937 random(6);
  RunningMedian running;
  std::vector<double> values;
  for (int i = 0; i < 200; ++i) {
    const double value = static_cast<double>(random() % 50);
    running.add(value);
    values.push_back(value);
    ASSERT_EQ(running.value(), median(values));
  }
  running.clear();
  running.add(3.0);
  EXPECT_EQ(running.value(), 3.0);
}

TEST(Spectrum, equals_the_sums_that_define_it) {
  std::mt19937 random(8);
  for (const std::size_t n : {3U, 63U, 64U, 65U, 128U, 997U}) {
    std::vector<double> x(n), y(n);
    for (std::size_t i = 0; i < n; ++i) {
      x[i] = static_cast<double>(random() % 1000) / 100 - 5;
      y[i] = static_cast<double>(random() % 1000) / 100 - 5;
    }
    const std::size_t count = (n - 1) / 2;
    const std::vector<double> ratio = spectrum_ratio(x, y, count);
    ASSERT_EQ(ratio.size(), count);
    for (std::size_t k = 1; k <= count; ++k) {
      std::complex<long double> top = 0, bottom = 0;
      for (std::size_t i = 0; i < n; ++i) {
        const long double angle =
            2 * std::numbers::pi_v<long double> * static_cast<long double>(i * k % n) / static_cast<long double>(n);
        const std::complex<long double> phase(std::cos(angle), std::sin(angle));
        top += static_cast<long double>(x[i]) * phase;
        bottom += static_cast<long double>(y[i]) * phase;
      }
      const double expected = static_cast<double>(std::abs(top) / std::abs(bottom));
      EXPECT_NEAR(ratio[k - 1], expected, 1e-11 * expected) << n << " " << k;
    }
  }
}

TEST(ExponentialFit, recovers_an_exponential) {
  for (const std::size_t n : {8U, 511U, 512U, 513U, 4000U}) {
    std::vector<double> t, y;
    for (std::size_t i = 0; i < n; ++i) {
      t.push_back(40.0 * static_cast<double>(i) / static_cast<double>(n));
      y.push_back(-60.0 + 12.0 * std::exp(-t.back() / 7.5));
    }
    const auto fit = fit_exponential(t, y, {1.0, y.back(), y.front() - y.back()}, +1);
    ASSERT_TRUE(fit.has_value()) << n;
    EXPECT_NEAR(fit->tau, 7.5, 1e-5);
    EXPECT_NEAR(fit->constant, -60.0, 1e-5);
    EXPECT_NEAR(fit->factor, 12.0, 1e-5);
  }
}

TEST(ExponentialFit, keeps_the_factor_on_its_side_of_0) {
  std::vector<double> t, y;
  for (int i = 0; i < 300; ++i) {
    t.push_back(0.1 * i);
    y.push_back(-60.0 + 12.0 * std::exp(-t.back() / 7.5));
  }
  const auto fit = fit_exponential(t, y, {1.0, y.back(), 0.0}, -1);
  EXPECT_TRUE(!fit || fit->factor <= 0.0);
  EXPECT_FALSE(fit_exponential(t, y, {1.0, y.back(), 3.0}, -1)) << "a start outside the bounds";
  EXPECT_FALSE(fit_exponential({}, {}, {1.0, 0.0, 0.0}, +1));
  y[7] = INFINITY;
  EXPECT_FALSE(fit_exponential(t, y, {1.0, y.back(), 3.0}, +1));
}

}  // namespace
}  // namespace cellwright::features
