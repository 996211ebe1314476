#include "cellwright/base/number_text.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright {
namespace {

TEST(ShortestNumber, PrintsAsPythonsRepr) {
  EXPECT_EQ(shortest_number(0.0), "0.0");
  EXPECT_EQ(shortest_number(-0.0), "-0.0");
  EXPECT_EQ(shortest_number(0.1), "0.1");
  EXPECT_EQ(shortest_number(0.0001), "0.0001");
  EXPECT_EQ(shortest_number(0.00012345), "0.00012345");
  EXPECT_EQ(shortest_number(0.00001), "1e-05");
  EXPECT_EQ(shortest_number(1.5e-7), "1.5e-07");
  EXPECT_EQ(shortest_number(123.0), "123.0");
  EXPECT_EQ(shortest_number(-123.25), "-123.25");
  EXPECT_EQ(shortest_number(1234567890123456.0), "1234567890123456.0");
  EXPECT_EQ(shortest_number(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(shortest_number(1e16), "1e+16");
  EXPECT_EQ(shortest_number(1.2345e22), "1.2345e+22");
  EXPECT_EQ(shortest_number(5e-324), "5e-324");
  EXPECT_EQ(shortest_number(1.7976931348623157e308), "1.7976931348623157e+308");
  EXPECT_EQ(shortest_number(0.1 + 0.2), "0.30000000000000004");
}

TEST(ShortestNumber, NamesWhatIsNotFinite) {
  EXPECT_EQ(shortest_number(std::nan("")), "nan");
  EXPECT_EQ(shortest_number(-std::nan("")), "nan");
  EXPECT_EQ(shortest_number(std::numeric_limits<double>::infinity()), "inf");
  EXPECT_EQ(shortest_number(-std::numeric_limits<double>::infinity()), "-inf");
}

}  // namespace
}  // namespace cellwright
