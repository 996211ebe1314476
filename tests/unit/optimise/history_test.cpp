#include "cellwright/optimise/history.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(History, KnowsParentsAndAncestors) {
  History history;
  for (const Parentage& parents : std::vector<Parentage>{{0, 0}, {0, 0}, {1, 2}, {2, 0}, {3, 4}})
    history.append(parents);

  EXPECT_EQ(history.next_id(), 6);
  EXPECT_THAT(history.parents_of(3), ElementsAre(1, 2));
  EXPECT_THAT(history.parents_of(1), ElementsAre(0, 0));
  EXPECT_THAT(history.ancestors_of(5), ElementsAre(1, 2, 3, 4));
  EXPECT_THAT(history.ancestors_of(4), ElementsAre(2));
  EXPECT_THAT(history.ancestors_of(1), IsEmpty());
}

TEST(History, MayBeginLater) {
  History history(101);
  history.append({57, 58});

  EXPECT_EQ(history.next_id(), 102);
  EXPECT_THAT(history.parents_of(101), ElementsAre(57, 58));
  EXPECT_THAT(history.parents_of(57), ElementsAre(0, 0));
  EXPECT_THAT(history.ancestors_of(101), ElementsAre(57, 58));
  EXPECT_THAT(history.ancestors_of(999), IsEmpty());
}

}  // namespace
}  // namespace cellwright::optimise
