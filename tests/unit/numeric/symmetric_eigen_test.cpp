#include "cellwright/numeric/symmetric_eigen.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

#include "cellwright/base/error.hpp"
#include "cellwright/numeric/mersenne_twister.hpp"

namespace cellwright::numeric {
namespace {

Table<double> random_covariance(std::size_t n, std::uint32_t seed) {
  MersenneTwister random = MersenneTwister::from_word(seed);
  Table<double> factor(2 * n, n);
  for (double& value : factor.values()) value = random.next_double() - 0.5;
  Table<double> result(n, n);
  for (std::size_t i = 0; i < n; ++i)
    for (std::size_t j = 0; j < n; ++j)
      for (std::size_t k = 0; k < 2 * n; ++k) result(i, j) += factor(k, i) * factor(k, j);
  return result;
}

/// Largest |A v - lambda v| and |v . w - (v is w)|.
double largest_error(const Table<double>& a, const SymmetricEigen& eigen) {
  const std::size_t n = a.rows();
  double worst = 0;
  for (std::size_t j = 0; j < n; ++j) {
    for (std::size_t i = 0; i < n; ++i) {
      double product = 0;
      double overlap = 0;
      for (std::size_t k = 0; k < n; ++k) {
        product += a(i, k) * eigen.vectors(k, j);
        overlap += eigen.vectors(k, i) * eigen.vectors(k, j);
      }
      worst = std::max(worst, std::abs(product - eigen.values[j] * eigen.vectors(i, j)));
      worst = std::max(worst, std::abs(overlap - (i == j ? 1.0 : 0.0)));
    }
  }
  return worst;
}

class OfEachSize : public ::testing::TestWithParam<std::size_t> {};
INSTANTIATE_TEST_SUITE_P(Sizes, OfEachSize, ::testing::Values(1, 2, 3, 4, 7, 20, 26, 41));

TEST_P(OfEachSize, SolvesRandomMatrices) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    const Table<double> matrix = random_covariance(GetParam(), seed);

    const SymmetricEigen eigen = symmetric_eigen(matrix);

    EXPECT_LT(largest_error(matrix, eigen), 1e-13 * static_cast<double>(GetParam()));
    EXPECT_TRUE(std::is_sorted(eigen.values.begin(), eigen.values.end()));
  }
}

TEST_P(OfEachSize, SolvesAMultipleEigenvalue) {
  const std::size_t n = GetParam();
  Table<double> matrix(n, n, 0.25);
  for (std::size_t i = 0; i < n; ++i) matrix(i, i) += 2.0;

  const SymmetricEigen eigen = symmetric_eigen(matrix);

  EXPECT_LT(largest_error(matrix, eigen), 1e-13 * static_cast<double>(n));
  EXPECT_NEAR(eigen.values.back(), 2.0 + 0.25 * static_cast<double>(n), 1e-13 * static_cast<double>(n));
}

TEST(SymmetricEigen, HasTheSignsOfNumpy) {
  // numpy.linalg.eigh (NumPy 2.4.6, OpenBLAS 0.3.31); tests/parity/deap/cma_replay.py compares whole trajectories.
  Table<double> matrix(3, 3);
  matrix.values() = {4, 1, -2, 1, 2, 0.5, -2, 0.5, 3};

  const SymmetricEigen eigen = symmetric_eigen(matrix);

  const double expected_values[] = {0.6539237684613841, 2.716348465618261, 5.629727765920354};
  const double expected_vectors[] = {-0.5323243447980562, 0.27463393193367164, -0.8007540167654305,
                                     0.6125169868955221,  0.7778893374994162,  -0.1403962940007677,
                                     -0.5843404253513105, 0.5652118028096821,  0.5823073803970535};
  for (std::size_t i = 0; i < 3; ++i) EXPECT_NEAR(eigen.values[i], expected_values[i], 1e-14);
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(eigen.vectors.values()[i], expected_vectors[i], 1e-14) << i;
}

TEST(SymmetricEigen, ReadsTheLowerTriangleOnly) {
  Table<double> matrix(2, 2);
  matrix.values() = {2, 99, 1, 2};

  EXPECT_THAT(symmetric_eigen(matrix).values, ::testing::ElementsAre(1.0, 3.0));
}

TEST(SymmetricEigen, GivesNanForWhatIsNotFinite) {
  Table<double> matrix(2, 2, std::numeric_limits<double>::infinity());

  const SymmetricEigen eigen = symmetric_eigen(matrix);

  EXPECT_TRUE(std::isnan(eigen.values[0]));
  EXPECT_TRUE(std::isnan(eigen.vectors(1, 1)));
}

TEST(SymmetricEigen, RefusesWhatIsNotSquare) { EXPECT_THROW(symmetric_eigen(Table<double>(2, 3)), InternalError); }

TEST(SymmetricEigen, SolvesNothing) { EXPECT_TRUE(symmetric_eigen(Table<double>()).values.empty()); }

}  // namespace
}  // namespace cellwright::numeric
