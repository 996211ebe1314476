#include "optimise/ibea_kernel.hpp"

#include "cellwright/numeric/python_random.hpp"

#include <algorithm>
#include <bit>
#include <cmath>

#include <gtest/gtest.h>

namespace cellwright::optimise {
namespace {

/// Columns as ibea_fitness makes them, of random values of very different magnitude.
ScaledColumns random_columns(std::size_t individuals, std::size_t objectives, std::int64_t seed) {
  numeric::PythonRandom random(seed);
  ScaledColumns columns;
  columns.individuals = individuals;
  columns.stride = (individuals + ScaledColumns::tile - 1) / ScaledColumns::tile * ScaledColumns::tile;
  for (std::size_t k = 0; k < objectives; ++k) {
    const double unit = std::pow(10.0, 8.0 * random.random() - 4.0);
    const std::size_t begin = columns.values.size();
    for (std::size_t i = 0; i < columns.stride; ++i)
      columns.values.push_back(i < individuals ? unit * std::pow(random.random(), 3.0) : columns.values.back());
    const auto [low, high] =
        std::minmax_element(columns.values.begin() + static_cast<std::ptrdiff_t>(begin), columns.values.end());
    columns.ranges.push_back(*high == *low ? 1.0 : *high - *low);
    columns.inverse.push_back(1.0 / columns.ranges.back());
    for (std::size_t i = 0; i < columns.stride; ++i)
      columns.scaled.push_back(static_cast<float>((columns.values[begin + i] - *low) * columns.inverse.back()));
  }
  return columns;
}

TEST(IndicatorTerms, DoNotDependOnTheInstructionSet) {
  for (std::int64_t seed = 0; seed < 40; ++seed) {
    const ScaledColumns columns =
        random_columns(1 + static_cast<std::size_t>(seed) * 7, seed % 5 == 4 ? 66 : 1 + seed % 7, seed);
    std::vector<double> fast(columns.stride);
    std::vector<double> reference(columns.stride);
    for (std::size_t b = 0; b < columns.individuals; ++b) {
      indicator_terms(columns, b, -20.0, fast.data());
      indicator_terms_reference(columns, b, -20.0, reference.data());
      ASSERT_EQ(fast, reference) << "seed " << seed << ", individual " << b;
    }
  }
}

TEST(IndicatorTerms, DivideForAllWhereQuotientsComeNear) {
  ScaledColumns columns = random_columns(300, 20, 7);
  // Every objective nearly repeats the first one: no largest quotient stands out.
  for (std::size_t k = 1; k < 20; ++k) {
    for (std::size_t i = 0; i < columns.stride; ++i) {
      columns.values[k * columns.stride + i] = columns.values[i] * (1.0 + 1e-9 * static_cast<double>((i * k) % 17));
      columns.scaled[k * columns.stride + i] = columns.scaled[i];
    }
    columns.ranges[k] = columns.ranges[0];
    columns.inverse[k] = columns.inverse[0];
  }
  std::vector<double> fast(columns.stride);
  std::vector<double> reference(columns.stride);
  for (std::size_t b = 0; b < columns.individuals; ++b) {
    indicator_terms(columns, b, -20.0, fast.data());
    indicator_terms_reference(columns, b, -20.0, reference.data());
    ASSERT_EQ(fast, reference) << "individual " << b;
  }
}

TEST(IndicatorTerms, AreExponentialsOfCorrectlyRoundedQuotients) {
  double worst_ulp = 0.0;
  for (std::int64_t seed = 100; seed < 110; ++seed) {
    const ScaledColumns columns = random_columns(200, 3, seed);
    std::vector<double> terms(columns.stride);
    for (std::size_t b = 0; b < columns.individuals; ++b) {
      indicator_terms(columns, b, -20.0, terms.data());
      for (std::size_t a = 0; a < columns.individuals; ++a) {
        double indicator = -INFINITY;
        for (std::size_t k = 0; k < 3; ++k) {
          const double* column = columns.values.data() + k * columns.stride;
          indicator = std::max(indicator, (column[a] - column[b]) / columns.ranges[k]);
        }
        const double argument = -20.0 * indicator;
        const long double exact = std::exp(static_cast<long double>(argument));
        const double ulp = std::ldexp(1.0, std::ilogb(static_cast<double>(exact)) - 52);
        worst_ulp = std::max(worst_ulp, static_cast<double>(std::abs(exact - terms[a])) / ulp);
      }
      EXPECT_EQ(terms[b], 1.0);
    }
  }
  EXPECT_LE(worst_ulp, 0.7);
}

TEST(IndicatorTerms, AcceptRangesNearTheEndsOfTheDoubles) {
  ScaledColumns columns;
  columns.individuals = 2;
  columns.stride = ScaledColumns::tile;
  columns.values.assign(ScaledColumns::tile, 3e-310);
  columns.values[0] = 0.0;
  columns.ranges = {3e-310};
  columns.inverse = {1.0 / 3e-310};
  std::vector<double> terms(columns.stride);

  indicator_terms(columns, 0, -20.0, terms.data());

  EXPECT_DOUBLE_EQ(terms[1], std::exp(-20.0));
}

}  // namespace
}  // namespace cellwright::optimise
