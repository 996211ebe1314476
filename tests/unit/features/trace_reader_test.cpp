#include "cellwright/features/trace_reader.hpp"

#include <gmock/gmock.h>

#include <random>

#include "cellwright/base/error.hpp"
#include "support/fuzz_rounds.hpp"

namespace cellwright::features {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

std::string message_of(std::string_view text) {
  try {
    parse_trace(text, "trace.csv");
  } catch (const FeatureError& error) {
    return error.what();
  }
  return "no error";
}

TEST(TraceReader, reads_csv_with_more_columns_in_any_order) {
  const TraceData trace = parse_trace("# a comment\nvoltage,gate,time\n-70,0.1,0\n-69.5,0.2,0.1\r\n", "trace.csv");
  EXPECT_THAT(trace.time_ms, ElementsAre(0.0, 0.1));
  EXPECT_THAT(trace.voltage_mv, ElementsAre(-70.0, -69.5));
  EXPECT_THAT(trace.current_na, IsEmpty());
}

TEST(TraceReader, reads_a_current_column) {
  const TraceData trace = parse_trace("time,voltage,current\n0,-70,0.5\n", "trace.csv");
  EXPECT_THAT(trace.current_na, ElementsAre(0.5));
}

TEST(TraceReader, reads_columns_of_text) {
  const TraceData trace = parse_trace("  0 -70\n\n 0.1\t-6.9e1  \n", "trace.txt");
  EXPECT_THAT(trace.time_ms, ElementsAre(0.0, 0.1));
  EXPECT_THAT(trace.voltage_mv, ElementsAre(-70.0, -69.0));
}

TEST(TraceReader, reports_a_time_that_decreases) {
  EXPECT_EQ(message_of("time,voltage\n0,-70\n0.2,-70\n0.1,-70\n"),
            "trace.csv:4:1: error: time decreases from 0.2 to 0.1 ms [feature-time-order]\n"
            "  4 | 0.1,-70\n    | ^~~\n"
            "  fix: sort the lines by time, or cut the file into one trace each");
}

TEST(TraceReader, reports_what_is_not_a_number) {
  EXPECT_EQ(message_of("time,voltage\n0,-70mV\n"),
            "trace.csv:2:3: error: '-70mV' is not a number [feature-trace-number]\n  2 | 0,-70mV\n    |   ^~~~~");
}

TEST(TraceReader, reports_a_missing_column) {
  EXPECT_EQ(message_of("time,potential\n0,-70\n"),
            "trace.csv:1:1: error: the header has no column 'voltage' [feature-trace-columns]\n"
            "  1 | time,potential\n    | ^~~~\n"
            "  fix: name the columns time, voltage and, if there is one, current");
}

TEST(TraceReader, reports_a_row_of_another_length_and_an_empty_file) {
  EXPECT_EQ(message_of("0 -70\n0.1\n"),
            "trace.csv:2:1: error: this line has 1 cells, the first one 2 [feature-trace-row]\n  2 | 0.1\n    | ^~~");
  EXPECT_EQ(message_of("# nothing\n"), "trace.csv: error: the file has no samples [feature-trace-empty]");
}

TEST(TraceReader, survives_arbitrary_bytes) {
  std::mt19937 random(1);
  const std::string alphabet = "0123456789.,-+eE \t\r\n#timevolagcurnINF\xff";
  int errors = 0;
  for (int round = 0; round < test::fuzz_rounds(3000); ++round) {
    std::string text = round % 2 == 0 ? "time,voltage\n0,1\n" : "";
    for (auto n = random() % 60; n > 0; --n) text += alphabet[random() % alphabet.size()];
    try {
      const TraceData trace = parse_trace(text, "fuzz");
      ASSERT_EQ(trace.time_ms.size(), trace.voltage_mv.size());
    } catch (const FeatureError&) {
      ++errors;
    }
  }
  EXPECT_GT(errors, 1000);
}

}  // namespace
}  // namespace cellwright::features
