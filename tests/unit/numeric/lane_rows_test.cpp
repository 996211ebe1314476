#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "cellwright/numeric/instruction_set.hpp"
#include "unit/numeric/lane_rows_kernels.hpp"

namespace cellwright::numeric {
namespace {

constexpr std::size_t lanes = 16;
constexpr float infinity = std::numeric_limits<float>::infinity();

struct alignas(64) AlignedRow {
  float values[lanes];
};

class LaneRows : public ::testing::Test {
 protected:
  void SetUp() override {
    if (row_kernels() == nullptr) GTEST_SKIP() << "not built for x86-64";
    if (best_instruction_set() != InstructionSet::v4) GTEST_SKIP() << "this processor has no AVX-512";
  }

  using Kernel = void (*)(float*, const float*, std::size_t);

  static std::vector<float> apply(Kernel kernel, std::vector<float> x) {
    const std::size_t wanted = x.size();
    x.resize((wanted + lanes - 1) / lanes * lanes);
    std::vector<AlignedRow> from(x.size() / lanes), to(from.size());
    std::copy(x.begin(), x.end(), from.front().values);
    kernel(to.front().values, from.front().values, x.size());
    return {to.front().values, to.front().values + wanted};
  }

  /// Largest error where the exact result is a normal number, in units of its last place.
  template <class Reference>
  static double worst_error(Kernel kernel, double low, double high, const Reference& reference) {
    std::vector<float> x;
    for (int k = 0; k < 400'000; ++k) x.push_back(static_cast<float>(low + (high - low) * k / 399'999));
    for (int k = -30; k < 3; ++k) {
      for (const double sign : {-1.0, 1.0}) {
        const double value = sign * std::ldexp(1.37, k);
        if (value >= low && value <= high) x.push_back(static_cast<float>(value));
      }
    }
    const std::vector<float> result = apply(kernel, x);
    double worst = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      const double exact = reference(static_cast<double>(x[k]));
      const double size = std::fabs(exact);
      if (size < 1e-37) continue;
      worst = std::max(worst, std::fabs(result[k] - exact) / std::ldexp(1.0, std::ilogb(size) - 23));
    }
    return worst;
  }
};

TEST_F(LaneRows, ExponentialsAreAsExactAsTheHeaderSays) {
  const RowKernels& rows = *row_kernels();
  EXPECT_LE(worst_error(rows.exp2, -125, 127, [](double x) { return std::exp2(x); }), 3.0);
  EXPECT_LE(worst_error(rows.exp, -10, 10, [](double x) { return std::exp(x); }), 9.0);  // as x/ln 2 is rounded
  EXPECT_LE(worst_error(rows.one_minus_exp, -100, 0, [](double x) { return -std::expm1(x); }), 2.8);
  EXPECT_LE(worst_error(rows.one_minus_exp, 0, 0.1, [](double x) { return -std::expm1(x); }), 2.8);
  EXPECT_LE(worst_error(rows.one_minus_exp, 0, 87, [](double x) { return -std::expm1(x); }), 70.0);
}

TEST_F(LaneRows, ExponentialsHaveTheirLimits) {
  const RowKernels& rows = *row_kernels();
  const float nan = std::nanf("");
  const std::vector<float> x{0, -0.0F, 200, 1e30F, infinity, -200, -1e30F, -infinity, nan};
  for (const auto kernel : {rows.exp, rows.exp2}) {
    const std::vector<float> result = apply(kernel, x);
    EXPECT_EQ(std::vector<float>(result.begin(), result.end() - 1),
              (std::vector<float>{1, 1, infinity, infinity, infinity, result[5], 0, 0}));
    EXPECT_LE(result[5], 1e-37F);
    EXPECT_GE(result[5], 0);
    EXPECT_TRUE(std::isnan(result[8]));
  }
  const std::vector<float> result = apply(rows.one_minus_exp, x);
  EXPECT_EQ(result[0], 0);
  for (const std::size_t k : {2, 3, 4}) EXPECT_LE(result[k], -1e38F);
  for (const std::size_t k : {5, 6, 7}) EXPECT_EQ(result[k], 1);
  EXPECT_TRUE(std::isnan(result[8]));
}

TEST_F(LaneRows, ALaneIsAloneInItsRow) {
  const RowKernels& rows = *row_kernels();
  std::vector<float> x;
  for (int k = 0; k < 160; ++k) x.push_back(static_cast<float>(std::sin(k) * (k % 7 == 0 ? 1e4 : 30)));
  for (const auto kernel : {rows.exp, rows.exp2, rows.one_minus_exp, rows.selected}) {
    const std::vector<float> together = apply(kernel, x);
    for (std::size_t k = 0; k < x.size(); ++k) {
      const std::vector<float> alone = apply(kernel, std::vector<float>(lanes, x[k]));
      for (const float value : alone) ASSERT_EQ(value, together[k]);
    }
  }
}

TEST_F(LaneRows, SelectsByConditions) {
  const std::vector<float> x{0.5F, 1.0F, 5.0F, 0.0F, -0.5F, 0.25F};
  EXPECT_EQ(apply(row_kernels()->selected, x),
            (std::vector<float>{0.5F, -2.0F / 3.0F, -10.0F / 3.0F, -0.0F, 1.0F / 3.0F, 0.25F}));
}

TEST_F(LaneRows, MovesRowsInMemory) {
  AlignedRow to[2], from[2];
  alignas(64) double times[lanes];
  for (std::size_t k = 0; k < lanes; ++k) {
    to[0].values[k] = to[1].values[k] = 1;
    from[0].values[k] = static_cast<float>(k);
    from[1].values[k] = static_cast<float>(2 * k);
    times[k] = 0.25 * static_cast<double>(k);
  }
  row_kernels()->moved(to[0].values, from[0].values, times, 2 * lanes);
  for (std::size_t k = 0; k < lanes; ++k) {
    EXPECT_EQ(to[0].values[k], 1 + 0.75F * static_cast<float>(k));
    EXPECT_EQ(to[1].values[k], 1 + 1.75F * static_cast<float>(k));
  }
}

}  // namespace
}  // namespace cellwright::numeric
