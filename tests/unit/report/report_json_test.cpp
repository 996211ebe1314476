#include "report/report_json.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/report/make_report.hpp"
#include "cellwright/text/located_json.hpp"
#include "example_data.hpp"

namespace cellwright::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;
using text::JsonValue;

text::JsonDocument parse(const ReportData& data) { return text::parse_json(format_report_json(data), "data"); }

std::vector<double> numbers(const JsonValue& list) {
  std::vector<double> result;
  for (const JsonValue& item : list.as_array()) result.push_back(item.as_number());
  return result;
}

TEST(ReportJson, HoldsTheHallOfFame) {
  const auto json = parse(example_data());

  const std::vector<JsonValue>& individuals = json.root().at("individuals").as_array();
  ASSERT_THAT(individuals, SizeIs(2));
  EXPECT_THAT(numbers(individuals[1].at("params")), ElementsAre(1.5, 1));
  EXPECT_THAT(numbers(individuals[1].at("scores")), ElementsAre(250, 0));
  EXPECT_EQ(individuals[0].at("sum").as_number(), 2.5);
  EXPECT_EQ(json.root().at("parameters").as_array()[1].at("name").as_string(), nasty);
}

TEST(ReportJson, HoldsTheCourseWithTheSpreadInsideWhatOccurred) {
  const auto json = parse(example_data());

  const JsonValue& course = json.root().at("convergence");
  EXPECT_THAT(numbers(course.at("best")), ElementsAre(50, 2.5, 2.5));
  EXPECT_THAT(numbers(course.at("low")), ElementsAre(70, 2.5, 25));
  EXPECT_THAT(numbers(course.at("high")), ElementsAre(100, 80, 35));
}

TEST(ReportJson, HoldsTracesStimuliAndFeatures) {
  const auto json = parse(example_data());

  const JsonValue& trace = json.root().at("results").as_array()[0].at("traces").as_array()[0].as_array()[0];
  EXPECT_THAT(numbers(trace.at("t")), ElementsAre(0, 50, 100));
  EXPECT_THAT(numbers(trace.at("v")), ElementsAre(-70, 22.123, -70));
  const JsonValue& stimulus = json.root().at("protocols").as_array()[0].at("stimuli").as_array()[0];
  EXPECT_THAT(numbers(stimulus.at("i")), ElementsAre(0, 0, 0.5, 0.5, 0, 0));
  EXPECT_EQ(json.root().at("features").as_array()[0].at("mark").as_string(), "level");
}

TEST(ReportJson, HasNullForWhatAnIndividualDoesNotHave) {
  const auto json = parse(example_data());

  const JsonValue& second = json.root().at("results").as_array()[1];
  EXPECT_TRUE(second.at("values").as_array()[0].is_null());
  EXPECT_THAT(numbers(second.at("scores")), ElementsAre(250, 0));
  EXPECT_TRUE(second.at("traces").as_array()[0].as_array()[0].is_null());
  EXPECT_EQ(second.at("errors").as_array()[0].as_string(), "failed at 3 ms");
}

TEST(ReportJson, GivesCommandsForAShell) {
  const auto json = parse(example_data());

  const std::vector<JsonValue>& commands = json.root().at("commands").as_array();
  EXPECT_EQ(commands[0].as_array()[1].as_string(), "cd /data && cellwright optimise 'my cell.json'");
  EXPECT_EQ(commands[3].as_array()[1].as_string(), "cellwright report '/tmp/some run'");
}

TEST(ReportJson, IsSafeInsideAScriptElement) { EXPECT_THAT(format_report_json(example_data()), Not(HasSubstr("<"))); }

TEST(ReportJson, WithoutACellHasNoTraces) {
  ReportData data = example_data();
  data.cell.reset();
  data.run.info.reset();

  const auto json = parse(data);

  for (const char* key : {"protocols", "features", "results", "parameters", "commands"})
    EXPECT_THAT(json.root().at(key).as_array(), SizeIs(0)) << key;
}

TEST(Page, NamesOfUsersCannotBecomeMarkup) {
  ReportData data = example_data();
  data.run.checkpoint.identity.problem_name = nasty;
  data.run.checkpoint.objectives[0] = nasty;
  data.cell->protocols[0].name = nasty;
  data.cell->morphology.sites[0].label = nasty;
  data.notices = {nasty};

  const std::string page = format_page(data);

  EXPECT_THAT(page, Not(HasSubstr("alert(1)</script>")));
  EXPECT_THAT(page, Not(HasSubstr("<script>alert")));
}

TEST(Page, AsksForNothingFromElsewhere) {
  const std::string page = format_page(example_data());

  EXPECT_THAT(page, Not(HasSubstr("src=\"http")));
  EXPECT_THAT(page, Not(HasSubstr("sourceMappingURL")));
  EXPECT_THAT(page, HasSubstr("default-src 'none'"));
  EXPECT_THAT(page, HasSubstr("Dan Vanderkam"));  // the library's licence
}

}  // namespace
}  // namespace cellwright::report
