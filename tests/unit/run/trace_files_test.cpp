#include <cmath>
#include <random>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/error.hpp"
#include "cellwright/run/trace_input.hpp"
#include "cellwright/run/trace_output.hpp"
#include "support/fuzz_rounds.hpp"
#include "temporary_folder.hpp"

namespace cellwright::run {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

std::string error_of(const std::string& text) {
  try {
    parse_traces(text, "trace.json");
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

TEST(TraceInput, ReadsJson) {
  const std::vector<NamedTrace> traces =
      parse_traces(R"( {"t": [0, 0.5, 1], "voltage": [-65, null, 1e1], "i": [0, 1, 0], "cell": "x"})", "trace.json");

  ASSERT_EQ(traces.size(), 1U);
  EXPECT_EQ(traces[0].name, "trace.json");
  EXPECT_EQ(traces[0].stim_start_ms, std::nullopt);
  const features::TraceData& trace = traces[0].data;
  EXPECT_THAT(trace.time_ms, ElementsAre(0, 0.5, 1));
  EXPECT_EQ(trace.voltage_mv[0], -65);
  EXPECT_TRUE(std::isnan(trace.voltage_mv[1]));
  EXPECT_THAT(trace.current_na, ElementsAre(0, 1, 0));
}

TEST(TraceInput, ReadsSeveralTracesWithTheirStimuli) {
  const std::vector<NamedTrace> traces =
      parse_traces(R"([{"time": [0, 1], "voltage": [-65, -64], "stim_start": 0.2, "stim_end": 0.8},
                       {"time": [0], "voltage": [-60], "stimulus_current": -0.5}])",
                   "two.json");

  ASSERT_EQ(traces.size(), 2U);
  EXPECT_EQ(traces[0].name, "two.json[0]");
  EXPECT_EQ(traces[0].stim_start_ms, 0.2);
  EXPECT_EQ(traces[0].stim_end_ms, 0.8);
  EXPECT_EQ(traces[0].stimulus_current_na, std::nullopt);
  EXPECT_EQ(traces[1].name, "two.json[1]");
  EXPECT_THAT(traces[1].data.voltage_mv, ElementsAre(-60));
  EXPECT_EQ(traces[1].stimulus_current_na, -0.5);
}

TEST(TraceInput, ReadsCsvAndColumns) {
  EXPECT_THAT(parse_traces("time,voltage\n0,-65\n1,-64\n", "trace.csv")[0].data.voltage_mv, ElementsAre(-65, -64));
  EXPECT_THAT(parse_traces("0 -65\n1 -64\n", "trace.txt")[0].data.time_ms, ElementsAre(0, 1));
}

TEST(TraceInput, WrongJsonIsReportedWithItsPlace) {
  EXPECT_THAT(error_of(R"({"time": [0, 1]})"),
              HasSubstr("trace.json:1:1: error: key 'voltage' is missing [trace-column]"));
  EXPECT_THAT(error_of(R"({"time": [0, 1], "voltage": [1]})"),
              HasSubstr("trace.json:1:29: error: /voltage: has 1 samples, 'time' has 2 [trace-length]"));
  EXPECT_THAT(error_of(R"({"time": [1, 0], "voltage": [1, 2]})"),
              HasSubstr("trace.json:1:14: error: /time/1: time 0 ms comes after 1 ms [trace-time]"));
  EXPECT_THAT(error_of(R"({"time": [], "voltage": []})"), HasSubstr("/time: the trace has no samples [trace-empty]"));
  EXPECT_THAT(error_of(R"([])"), HasSubstr("the list has no traces [trace-empty]"));
  EXPECT_THAT(error_of(R"([{"time": [0], "voltage": [1]}, 3])"), HasSubstr("[json-type]"));
  EXPECT_THAT(error_of(R"({"time": [0], "t": [0], "voltage": [1]})"),
              HasSubstr("'time' and 't' are the same column [trace-column]"));
  EXPECT_THAT(error_of(R"({"time": [0], "voltage": [1], "stim_start": 1e999})"),
              HasSubstr("/stim_start: must be finite [trace-stimulus]"));
  EXPECT_THAT(error_of(R"({"time": [0, "x"], "voltage": [1, 2]})"), HasSubstr("[json-type]"));
}

TEST(TraceInput, SurvivesArbitraryText) {
  const std::string sound = R"([{"time": [0, 0.5, 1], "voltage": [-65, null, 1e1], "stim_start": 0, "stim_end": 1}])";
  const std::string alphabet = "[]{}\",:0123456789.eE+-nul timevolag\\\xff\n";
  std::mt19937 random(11);
  int errors = 0;
  for (int round = 0; round < test::fuzz_rounds(3000); ++round) {
    std::string text = round % 5 == 0 ? "[" : sound;
    for (auto n = 1 + random() % 6; n > 0; --n) {
      const std::size_t place = random() % (text.size() + 1);
      const char letter = alphabet[random() % alphabet.size()];
      if (random() % 3 == 0 || place == text.size()) {
        text.insert(place, 1, letter);
      } else if (random() % 2 == 0) {
        text[place] = letter;
      } else {
        text.erase(place, 1 + random() % 8);
      }
    }
    try {
      for (const NamedTrace& trace : parse_traces(text, "fuzz")) {
        ASSERT_EQ(trace.data.time_ms.size(), trace.data.voltage_mv.size());
      }
    } catch (const Error&) {
      ++errors;
    }
  }
  EXPECT_GT(errors, 1000);
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
