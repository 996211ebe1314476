#include "cellwright/optimise/meta_list_equal_parameter.hpp"

#include "cellwright/base/error.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

struct Pair {
  std::shared_ptr<Parameter> soma = std::make_shared<Parameter>("cm.soma", 0.5, 2.0);
  std::shared_ptr<Parameter> axon = std::make_shared<Parameter>("cm.axon", 0.0, 1.5);
  MetaListEqualParameter both{"cm", {soma, axon}, {.bounds = Bounds{0.0, 3.0}}};
};

TEST(MetaListEqualParameter, SetsAllItsParameters) {
  Pair pair;
  pair.both.set_value(1.0);

  EXPECT_EQ(pair.both.value(), 1.0);
  EXPECT_EQ(pair.soma->value(), 1.0);
  EXPECT_EQ(pair.axon->value(), 1.0);
}

TEST(MetaListEqualParameter, ChangesNothingIfOneRefuses) {
  Pair pair;
  pair.both.set_value(1.0);
  try {
    pair.both.set_value(1.8);
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), "parameter-bounds");
    EXPECT_THAT(error.what(), ::testing::HasSubstr("cm.axon"));
  }

  EXPECT_EQ(pair.soma->value(), 1.0);
  EXPECT_EQ(pair.both.value(), 1.0);
}

TEST(MetaListEqualParameter, FreezesAndUnfreezesAll) {
  Pair pair;
  pair.both.freeze(1.0);
  EXPECT_TRUE(pair.both.frozen() && pair.soma->frozen() && pair.axon->frozen());
  EXPECT_THROW(pair.both.set_value(1.1), ConfigError);
  pair.both.unfreeze();

  EXPECT_FALSE(pair.both.frozen() || pair.soma->frozen() || pair.axon->frozen());
  EXPECT_FALSE(pair.soma->value().has_value());
}

TEST(MetaListEqualParameter, GivesItsFirstValueOn) {
  const auto soma = std::make_shared<Parameter>("cm.soma", 0.5, 2.0);
  const MetaListEqualParameter meta("cm", {soma}, {.value = 0.75});

  EXPECT_EQ(soma->value(), 0.75);
}

TEST(MetaListEqualParameter, NeedsSubParameters) {
  try {
    const MetaListEqualParameter meta("cm", {});
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "error: parameter 'cm' has no sub-parameters [parameter-sub-parameters]\n"
                 "  fix: name the parameters that shall have its value");
  }
}

TEST(MetaListEqualParameter, ShowsAllBounds) {
  EXPECT_EQ(Pair().both.to_string(),
            "cm (sub_params: cm.soma: value = [0.5, 2],cm.axon: value = [0, 1.5]): value = [0, 3]");
}

}  // namespace
}  // namespace cellwright::optimise
