#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/error.hpp"
#include "cellwright/run/trace_input.hpp"
#include "cellwright/run/trace_output.hpp"
#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(const std::string& text) {
  try {
    parse_trace_text(text, "trace.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TraceInput, ReadsJson) {
  const features::TraceData trace =
      parse_trace_text(R"( {"t": [0, 0.5, 1], "voltage": [-65, null, 1e1], "i": [0, 1, 0]})", "trace.json");

  EXPECT_THAT(trace.time_ms, ElementsAre(0, 0.5, 1));
  EXPECT_EQ(trace.voltage_mv[0], -65);
  EXPECT_TRUE(std::isnan(trace.voltage_mv[1]));
  EXPECT_THAT(trace.current_na, ElementsAre(0, 1, 0));
}

TEST(TraceInput, ReadsCsvAndColumns) {
  EXPECT_THAT(parse_trace_text("time,voltage\n0,-65\n1,-64\n", "trace.csv").voltage_mv, ElementsAre(-65, -64));
  EXPECT_THAT(parse_trace_text("0 -65\n1 -64\n", "trace.txt").time_ms, ElementsAre(0, 1));
}

TEST(TraceInput, WrongJsonIsReportedWithItsPlace) {
  EXPECT_THAT(error_of(R"({"time": [0, 1]})"),
              HasSubstr("trace.json:1:1: error: key 'voltage' is missing [trace-column]"));
  EXPECT_THAT(error_of(R"({"time": [0, 1], "voltage": [1]})"),
              HasSubstr("trace.json:1:29: error: /voltage: has 1 samples, 'time' has 2 [trace-length]"));
  EXPECT_THAT(error_of(R"({"time": [1, 0], "voltage": [1, 2]})"),
              HasSubstr("trace.json:1:14: error: /time/1: time 0 ms comes after 1 ms [trace-time]"));
  EXPECT_THAT(error_of(R"({"time": [], "voltage": []})"), HasSubstr("/time: the trace has no samples [trace-empty]"));
  EXPECT_THAT(error_of(R"({"time": [0, "x"], "voltage": [1, 2]})"), HasSubstr("[json-type]"));
}

TEST(TraceOutput, WritesEveryStepWith17Digits) {
  const double time[] = {0, 0.1}, voltage[] = {-65, 1.0 / 3};
  EXPECT_EQ(format_trace(time, voltage, std::nullopt),
            "time,voltage\n0,-65\n0.10000000000000001,0.33333333333333331\n");
}

TEST(TraceOutput, SamplesOnAGridByStraightLines) {
  const double time[] = {0, 1, 3, 4}, voltage[] = {0, 10, 30, 20};
  EXPECT_EQ(format_trace(time, voltage, 0.5),
            "time,voltage\n0,0\n0.5,5\n1,10\n1.5,15\n2,20\n2.5,25\n3,30\n3.5,25\n4,20\n");
  EXPECT_EQ(format_trace(time, voltage, 3), "time,voltage\n0,0\n3,30\n");
}

TEST(TraceOutput, EmptyTraceHasAHeaderOnly) { EXPECT_EQ(format_trace({}, {}, 1.0), "time,voltage\n"); }

}  // namespace
}  // namespace cellwright::run
