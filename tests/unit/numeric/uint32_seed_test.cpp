#include "cellwright/numeric/uint32_seed.hpp"

#include <string>

#include <gmock/gmock.h>

namespace cellwright::numeric {
namespace {

TEST(Uint32Seed, IsTheEndOfTheDigest) {
  EXPECT_EQ(uint32_seed("test"), 640136438U);  // bluepyopt-behaviour 1
  EXPECT_EQ(uint32_seed(""), 3975692926U);
  EXPECT_EQ(uint32_seed("gkbar_hh0.03gnabar_hh0.1"), 571037054U);
}

TEST(Uint32Seed, TakesTextsOfAnyLength) {
  // Python: int(hashlib.md5(b'x' * n).hexdigest()[-8:], 16)
  EXPECT_EQ(uint32_seed(std::string(55, 'x')), 950701938U);
  EXPECT_EQ(uint32_seed(std::string(56, 'x')), 2909647179U);
  EXPECT_EQ(uint32_seed(std::string(64, 'x')), 3945079894U);
  EXPECT_EQ(uint32_seed(std::string(1000, 'x')), 2970372963U);
}

}  // namespace
}  // namespace cellwright::numeric
