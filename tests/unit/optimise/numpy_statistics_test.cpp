#include "optimise/numpy_statistics.hpp"

#include "cellwright/numeric/python_random.hpp"

#include <gtest/gtest.h>

namespace cellwright::optimise {
namespace {

TEST(NumpyStatistics, EqualNumpysBits) {
  // numpy 2.4.6 on v = [1e3 * u * u * u for n uniform draws u], the draws going on from row to row from seed 42.
  struct Row {
    std::size_t n;
    double sum, mean, std;
  };
  const std::vector<Row> rows{
      {1, 261.4402805919316, 261.4402805919316, 0.0},
      {2, 20.819172488881073, 10.409586244440536, 10.39394106972118},
      {7, 1506.4055224208162, 215.20078891725944, 251.14066373843932},
      {8, 799.0213573618021, 99.87766967022526, 100.3310720617527},
      {9, 2352.98273052978, 261.44252561442, 303.29549817682255},
      {15, 5031.56373108222, 335.437582072148, 259.88883948190835},
      {16, 2168.6306865662027, 135.53941791038767, 213.5220198357873},
      {100, 25756.307026393944, 257.56307026393944, 300.97350905501264},
      {127, 34192.27168052494, 269.2304856734247, 315.9959862472923},
      {128, 35896.91252715692, 280.44462911841345, 292.54172253566014},
      {129, 28511.07874191738, 221.01611427842928, 255.23743687219297},
      {200, 49772.714280141096, 248.86357140070547, 278.18524960712654},
      {257, 74205.4210131328, 288.73704674370737, 296.70742270007906},
      {1000, 244399.29756305582, 244.39929756305582, 274.2265423916503},
      {2000, 500878.07602452685, 250.4390380122634, 283.60285263155737},
  };
  numeric::PythonRandom random(42);
  for (const Row& row : rows) {
    std::vector<double> v(row.n);
    for (double& value : v) {
      const double u = random.random();
      value = 1e3 * u * u * u;
    }
    EXPECT_EQ(numpy_sum(v), row.sum) << row.n;
    EXPECT_EQ(numpy_mean(v), row.mean) << row.n;
    EXPECT_EQ(numpy_std(v), row.std) << row.n;
  }
}

}  // namespace
}  // namespace cellwright::optimise
