#include "cellwright/optimise/logbook.hpp"

#include "cellwright/base/error.hpp"

#include <gmock/gmock.h>

namespace cellwright::optimise {
namespace {

using ::testing::ElementsAre;

TEST(Summarise, GivesTheStatisticsOfThePopulation) {
  const LogbookRow row = summarise(3, 4, 1, std::vector{1.0, 2.0, 3.0, 6.0});

  EXPECT_EQ(
      row, (LogbookRow{.gen = 3, .nevals = 4, .avg = 3.0, .std = 1.8708286933869707, .min = 1, .max = 6, .failed = 1}));
}

TEST(Logbook, SelectsColumnsByName) {
  Logbook logbook;
  logbook.append({.gen = 1, .nevals = 10, .avg = 2.0, .std = 0.5, .min = 1.0, .max = 3.0, .failed = 2});
  logbook.append({.gen = 2, .nevals = 9, .avg = 1.5, .std = 0.25, .min = 0.5, .max = 2.0, .failed = 0});

  EXPECT_THAT(logbook.select("gen"), ElementsAre(1, 2));
  EXPECT_THAT(logbook.select("nevals"), ElementsAre(10, 9));
  EXPECT_THAT(logbook.select("avg"), ElementsAre(2.0, 1.5));
  EXPECT_THAT(logbook.select("std"), ElementsAre(0.5, 0.25));
  EXPECT_THAT(logbook.select("min"), ElementsAre(1.0, 0.5));
  EXPECT_THAT(logbook.select("max"), ElementsAre(3.0, 2.0));
  EXPECT_THAT(logbook.select("failed"), ElementsAre(2, 0));
}

TEST(Logbook, RefusesAnUnknownColumn) {
  try {
    Logbook().select("median");
    FAIL() << "nothing was thrown";
  } catch (const ConfigError& error) {
    EXPECT_STREQ(error.what(),
                 "error: the logbook has no column 'median' [logbook-column]\n"
                 "  fix: its columns are gen, nevals, avg, std, min, max, failed");
  }
}

}  // namespace
}  // namespace cellwright::optimise
