#include "cellwright/run/failure_tally.hpp"

#include <gtest/gtest.h>

namespace cellwright::run {
namespace {

using Counts = std::vector<std::pair<std::string, std::size_t>>;

TEST(FailureTally, TellsEachReasonOnceMostFrequentFirst) {
  FailureTally tally;
  EXPECT_TRUE(tally.empty());
  for (const char* reason : {"late", "", "died", "died", "late", "odd", "died"}) tally.add(reason);
  EXPECT_EQ(tally.most_frequent(), (Counts{{"died", 3}, {"late", 2}, {"odd", 1}}));
  EXPECT_EQ(tally.most_frequent(1), (Counts{{"died", 3}, {"other reasons", 3}}));
}

TEST(FailureTally, KeepsABoundedNumberOfReasonsAndCountsAll) {
  FailureTally tally;
  for (int k = 0; k < 5000; ++k) tally.add("at " + std::to_string(k) + " ms");
  const Counts counts = tally.most_frequent(2);
  ASSERT_EQ(counts.size(), 3U);
  EXPECT_EQ(counts.back(), (std::pair<std::string, std::size_t>{"other reasons", 4998}));
}

}  // namespace
}  // namespace cellwright::run
