#include "cellwright/numeric/numpy_argsort.hpp"

#include <limits>

#include <gmock/gmock.h>

namespace cellwright::numeric {
namespace {

using ::testing::ElementsAre;

TEST(NumpyArgsort, KeepsTheOrderOfEqualValuesInShortLists) {
  EXPECT_THAT(numpy_argsort(std::vector<double>{2, 1, 2, 1, 0}), ElementsAre(4, 1, 3, 0, 2));
}

TEST(NumpyArgsort, LeavesEqualValuesOfLongListsAsNumpyDoes) {
  // numpy.argsort of NumPy 2.4.6 under NPY_DISABLE_CPU_FEATURES="X86_V3 X86_V4".
  const std::vector<double> values{4, 5, 0, 5, 3, 3, 4, 2, 6, 0, 1, 2, 3, 2, 0, 0, 0, 0, 1, 6,
                                   1, 4, 5, 1, 1, 3, 1, 6, 1, 6, 5, 5, 0, 2, 4, 3, 4, 4, 4, 0};
  const std::vector<std::uint32_t> expected{39, 2,  32, 17, 9,  16, 15, 14, 24, 23, 28, 20, 18, 26,
                                            10, 11, 7,  33, 13, 12, 35, 5,  4,  25, 34, 36, 37, 0,
                                            21, 38, 6,  22, 30, 31, 3,  1,  29, 8,  27, 19};

  EXPECT_EQ(numpy_argsort(values), expected);
}

TEST(NumpyArgsort, PutsNanLast) {
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_THAT(numpy_argsort(std::vector<double>{nan, 1, nan, -1}), ElementsAre(3, 1, 0, 2));
}

TEST(NumpyArgsort, SortsNothing) { EXPECT_TRUE(numpy_argsort({}).empty()); }

}  // namespace
}  // namespace cellwright::numeric
