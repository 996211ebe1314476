#include "cellwright/ephys/responses.hpp"

#include <gmock/gmock.h>

#include "cellwright/base/file.hpp"
#include "error_text.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::ephys {
namespace {

TEST(TimeVoltageResponse, GivesItsColumns) {
  const auto response = TimeVoltageResponse::make("soma.v", {.time = {0, 0.1}, .voltage = {-65, -64.5}});

  EXPECT_THAT((*response)["time"], testing::ElementsAre(0, 0.1));
  EXPECT_THAT((*response)["voltage"], testing::ElementsAre(-65, -64.5));
  EXPECT_EQ(error_of([&] { (*response)["current"]; }),
            "error: response 'soma.v' has no column 'current', only 'time' and 'voltage' [ephys-response]");
  EXPECT_THROW(TimeVoltageResponse::make("soma.v", {.time = {0}}), ConfigError);
}

TEST(TimeVoltageResponse, GoesThroughAFileUnchanged) {
  const test::TemporaryFolder folder;
  const auto written = TimeVoltageResponse::make("a", {.time = {0, 0.1}, .voltage = {-65, 1.0 / 3}});
  const auto read = TimeVoltageResponse::make("b");

  written->to_csv(folder.path() / "a.csv");
  read->read_csv(folder.path() / "a.csv");

  EXPECT_EQ(read_file(folder.path() / "a.csv"), "time,voltage\n0.0,-65.0\n0.1,0.3333333333333333\n");
  EXPECT_EQ(read->time, written->time);
  EXPECT_EQ(read->voltage, written->voltage);
}

TEST(TimeVoltageResponse, ReadsWhatBluePyOptWrites) {
  const test::TemporaryFolder folder;
  const auto response = TimeVoltageResponse::make("b");

  response->read_csv(folder.write("pandas.csv", ",time,voltage\n0,0.0,-65.0\n1,0.1,-64.0\n"));

  EXPECT_THAT(response->time, testing::ElementsAre(0, 0.1));
  EXPECT_THAT(response->voltage, testing::ElementsAre(-65, -64));
}

TEST(TimeVoltageResponse, DrawsItself) {
  const auto response = TimeVoltageResponse::make("soma <v> & more", {.time = {0, 1, 2}, .voltage = {-70, 30, -70}});

  const std::string svg = response->plot();

  EXPECT_THAT(svg, testing::StartsWith("<svg xmlns=\"http://www.w3.org/2000/svg\""));
  EXPECT_THAT(svg, testing::HasSubstr("<polyline points=\"60.00,330.00 340.00,30.00 620.00,330.00\""));
  EXPECT_THAT(svg, testing::HasSubstr(">soma &lt;v> &amp; more</text>"));
  EXPECT_THAT(svg, testing::EndsWith("</svg>\n"));
  EXPECT_THROW(TimeVoltageResponse::make("a")->plot(), ConfigError);
}

}  // namespace
}  // namespace cellwright::ephys
