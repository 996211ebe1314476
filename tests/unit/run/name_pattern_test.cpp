#include "cellwright/run/name_pattern.hpp"

#include <gtest/gtest.h>

namespace cellwright::run {
namespace {

struct Case {
  const char* pattern;
  const char* name;
  bool matches;
};

class NamePattern : public testing::TestWithParam<Case> {};

TEST_P(NamePattern, MatchesAsPythonsFnmatchcase) {
  const Case& c = GetParam();
  EXPECT_EQ(matches_pattern(c.pattern, c.name), c.matches) << c.pattern << " against " << c.name;
}

INSTANTIATE_TEST_SUITE_P(Table, NamePattern,
                         testing::Values(Case{"*", "", true}, Case{"*", "bAP", true}, Case{"dend*", "dend1", true},
                                         Case{"dend*", "adend1", false}, Case{"*1", "dend1", true},
                                         Case{"*1", "dend12", false}, Case{"Step?", "Step3", true},
                                         Case{"Step?", "Step", false}, Case{"Step[13]", "Step3", true},
                                         Case{"Step[13]", "Step2", false}, Case{"Step[1-3]", "Step2", true},
                                         Case{"Step[!1-3]", "Step2", false}, Case{"Step[!1-3]", "Step4", true},
                                         Case{"step1", "Step1", false}, Case{"a*b*c", "aXbYbc", true},
                                         Case{"a*b*c", "aXbYb", false}, Case{"[", "[", true}, Case{"[a", "[a", true},
                                         Case{"[]]", "]", true}, Case{"", "", true}, Case{"", "a", false},
                                         Case{"**", "abc", true}));

}  // namespace
}  // namespace cellwright::run
