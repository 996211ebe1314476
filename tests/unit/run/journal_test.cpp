#include "cellwright/run/journal.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

constexpr double never = 1e9;

class JournalTest : public testing::Test {
 protected:
  Journal open(const std::string& run = "run") const { return Journal(folder.path() / "journal", run, never); }
  void write_three() const {
    Journal journal = open();
    journal.add(4, values(4), std::vector{1.0, 0.1}, false, "");
    journal.add(6, values(6), std::vector{250.0, 250.0}, true, "why, \"because\"");
    journal.flush();
    journal.add(5, values(5), std::vector{-0.0, 1e-300}, false, "");
    journal.flush();
  }
  static std::vector<double> values(std::int64_t id) { return {0.1 * static_cast<double>(id), -2.5}; }

  TemporaryFolder folder;
};

TEST_F(JournalTest, GivesBackWhatWasWrittenInItsOrder) {
  write_three();

  const Journal journal = open();

  ASSERT_THAT(journal.entries(), SizeIs(3));
  EXPECT_EQ(journal.entries()[1].id, 6);
  EXPECT_THAT(journal.entries()[2].scores, ElementsAre(-0.0, 1e-300));
  ASSERT_NE(journal.find(6, values(6)), nullptr);
  EXPECT_TRUE(journal.find(6, values(6))->failed);
  EXPECT_EQ(journal.find(6, values(6))->reason, "why, \"because\"");
}

TEST_F(JournalTest, CountsForTheSameValuesOnly) {
  write_three();

  const Journal journal = open();

  EXPECT_EQ(journal.find(4, values(5)), nullptr);
  EXPECT_EQ(journal.find(7, values(7)), nullptr);
}

TEST_F(JournalTest, OfAnotherRunIsEmpty) {
  write_three();

  EXPECT_THAT(open("another").entries(), IsEmpty());
  EXPECT_THAT(open().entries(), IsEmpty());  // it was begun anew
}

class CutAt : public JournalTest, public testing::WithParamInterface<std::size_t> {};

TEST_P(CutAt, KeepsTheWholeLinesAndGoesOnBehindThem) {
  write_three();
  const std::string text = folder.read("journal");
  folder.write("journal", text.substr(0, text.size() - GetParam()));

  Journal(folder.path() / "journal", "run", never).close();
  {
    Journal journal = open();
    EXPECT_THAT(journal.entries(), SizeIs(2));
    journal.add(9, values(9), std::vector{9.0, 9.0}, false, "");
    journal.flush();
  }

  EXPECT_THAT(open().entries(), SizeIs(3));
}
INSTANTIATE_TEST_SUITE_P(Bytes, CutAt, testing::Values(1, 2, 40));

TEST_F(JournalTest, LeavesOutALineThatWasChanged) {
  write_three();
  std::string text = folder.read("journal");
  text.replace(text.find("0.1"), 3, "0.2");
  folder.write("journal", text);

  const Journal journal = open();

  ASSERT_THAT(journal.entries(), SizeIs(2));
  EXPECT_EQ(journal.entries()[0].id, 6);
}

TEST_F(JournalTest, KeepsNotANumberAndInfinity) {
  {
    Journal journal = open();
    journal.add(1, values(1), std::vector{std::nan(""), -std::numeric_limits<double>::infinity()}, false, "");
    journal.flush();
  }

  const Journal journal = open();

  ASSERT_THAT(journal.entries(), SizeIs(1));
  EXPECT_TRUE(std::isnan(journal.entries()[0].scores[0]));
  EXPECT_EQ(journal.entries()[0].scores[1], -std::numeric_limits<double>::infinity());
}

TEST_F(JournalTest, IsEmptiedWhenNothingOfItCounts) {
  write_three();
  {
    Journal journal = open();
    journal.forget([](std::int64_t id) { return id <= 5; });
    EXPECT_EQ(journal.size(), 1U);
    EXPECT_GT(folder.read("journal").size(), 300U);  // little waste is left where it is
    journal.forget([](std::int64_t id) { return id <= 6; });
    EXPECT_EQ(journal.size(), 0U);
  }
  EXPECT_THAT(open().entries(), IsEmpty());
}

TEST_F(JournalTest, IsWrittenAnewWhereMostOfItIsWaste) {
  Journal journal = open();
  for (std::int64_t id = 1; id <= 5000; ++id) journal.add(id, values(id), std::vector{1.0, 2.0}, false, "");
  journal.forget([](std::int64_t id) { return id != 3; });
  journal.add(5001, values(5001), std::vector{1.0, 2.0}, false, "");
  journal.flush();

  EXPECT_LT(folder.read("journal").size(), 1000U);
  const Journal again = open();
  ASSERT_THAT(again.entries(), SizeIs(2));
  EXPECT_EQ(again.entries()[0].id, 3);
}

TEST_F(JournalTest, LeavesNoFileWhenItEndsEmpty) {
  Journal empty = open();
  empty.close();

  EXPECT_FALSE(folder.has("journal"));
}

}  // namespace
}  // namespace cellwright::run
