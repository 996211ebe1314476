#include "optimise/equal_rows.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

TEST(EqualRows, NumbersGroupsByFirstAppearance) {
  Table<double> table(5, 2);
  table.values() = {3.0, 1.0, 2.0, 2.0, 3.0, 1.0, 0.0, 0.0, 2.0, 2.0};

  const EqualRows rows = find_equal_rows(std::as_const(table).view());

  EXPECT_THAT(rows.group_of, ElementsAre(0, 1, 0, 2, 1));
  EXPECT_THAT(rows.first_row, ElementsAre(0, 1, 3));
}

TEST(EqualRows, TakesBothZerosAsEqual) {
  Table<double> table(2, 1);
  table.values() = {0.0, -0.0};

  EXPECT_EQ(find_equal_rows(std::as_const(table).view()).groups(), 1U);
}

TEST(EqualRows, AcceptsAnEmptyTable) { EXPECT_EQ(find_equal_rows(TableView<const double>()).groups(), 0U); }

}  // namespace
}  // namespace cellwright::optimise
