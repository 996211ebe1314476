#include "cellwright/numeric/python_format.hpp"

#include <cmath>
#include <limits>

#include <gmock/gmock.h>

namespace cellwright::numeric {
namespace {

struct Printed {
  double value;
  const char* repr;
  const char* g17;
};

class PythonFormat : public testing::TestWithParam<Printed> {};

TEST_P(PythonFormat, PrintsAsPython) {
  EXPECT_EQ(python_repr(GetParam().value), GetParam().repr);
  EXPECT_EQ(format_17g(GetParam().value), GetParam().g17);
}

INSTANTIATE_TEST_SUITE_P(
    Cpython, PythonFormat,
    testing::Values(Printed{0.1, "0.1", "0.10000000000000001"}, Printed{1e-5, "1e-05", "1.0000000000000001e-05"},
                    Printed{1.0, "1.0", "1"}, Printed{1e16, "1e+16", "10000000000000000"}, Printed{0.0, "0.0", "0"},
                    Printed{-0.0, "-0.0", "-0"}, Printed{5e-324, "5e-324", "4.9406564584124654e-324"},
                    Printed{1e17, "1e+17", "1e+17"}, Printed{123456.789, "123456.789", "123456.789"},
                    Printed{std::numeric_limits<double>::infinity(), "inf", "inf"},
                    Printed{-std::numeric_limits<double>::infinity(), "-inf", "-inf"},
                    Printed{std::nan(""), "nan", "nan"}, Printed{-std::nan(""), "nan", "nan"},
                    Printed{100.0, "100.0", "100"}, Printed{1e-4, "0.0001", "0.0001"}));

}  // namespace
}  // namespace cellwright::numeric
