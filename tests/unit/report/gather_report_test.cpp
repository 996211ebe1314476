#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/base/file.hpp"
#include "cellwright/report/make_report.hpp"
#include "cellwright/run/cell_evaluator.hpp"
#include "cellwright/run/optimisation_run.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::SizeIs;

constexpr const char* cell_text = R"({
  "name": "ball", "morphology": {"file": "ball.swc"},
  "mechanisms": {"insert": {"somatic": ["hh"]}},
  "parameters": [{"param_name": "gnabar_hh", "sectionlist": "somatic", "type": "range", "bounds": [0.05, 0.2]}],
  "locations": {"end": {"section_list": "somatic", "x": 0.9},
                "far": {"type": "SomaDistanceComp", "soma_distance": 500, "seclist_name": "somatic"}},
  "protocols": {"step": {"stimuli": [{"delay": 5, "amp": 0.3, "duration": 20, "totduration": 30}],
    "extra_recordings": [{"name": "end", "location": "end", "var": "v"}, {"name": "far", "location": "far", "var": "v"}]}},
  "features": {"step": {"soma": {"Spikecount": [2, 1], "AP_height": [30, 5]}}}
})";

class GatherReportTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_.write("ball.swc", "1 1 0 0 0 10 -1\n2 1 0 10 0 10 1\n3 1 0 20 0 10 2\n");
    cell_file_ = folder_.write("cell.json", cell_text);
    const run::Problem problem = run::load_problem(cell_file_);
    run::RunRequest request;
    request.identity = {.problem_name = "ball", .problem_hash = problem.hash, .offspring = 4, .hall_of_fame = 3};
    request.origin = {.problem_file = cell_file_, .command = {"cellwright"}, .working_directory = folder_.path()};
    request.directory = folder_.path() / "run";
    request.generations = 2;
    run::OptimisationRun(request).run(run::make_cell_evaluator(problem, 1));
  }
  ReportData gather(const ReportOptions& options = {}) const {
    return gather_report(run::read_run(folder_.path() / "run"), options);
  }

  test::TemporaryFolder folder_;
  std::filesystem::path cell_file_;
};

TEST_F(GatherReportTest, SimulatesTheHallOfFame) {
  const ReportData data = gather();

  EXPECT_THAT(data.notices, SizeIs(0));
  ASSERT_TRUE(data.cell);
  ASSERT_THAT(data.cell->individuals, SizeIs(3));
  const IndividualView& best = data.cell->individuals[0];
  EXPECT_THAT(best.feature_values, SizeIs(2));
  ASSERT_THAT(best.traces[0], SizeIs(3));
  EXPECT_NEAR(best.traces[0][0].x.back(), 30, 1e-9);
  EXPECT_THAT(best.traces[0][2].x, SizeIs(0)) << "there is no place 500 um away";
  EXPECT_THAT(best.errors[0], HasSubstr("no place"));
  const double spikes = *best.feature_values[0];
  EXPECT_EQ(data.run.checkpoint.state.hall_of_fame[0].fitness.values()[0], std::abs(spikes - 2));
}

TEST_F(GatherReportTest, DescribesProtocolsFeaturesAndTheCell) {
  const ReportData data = gather();

  ASSERT_TRUE(data.cell);
  const ProtocolView& step = data.cell->protocols[0];
  EXPECT_EQ(step.duration_ms, 30);
  EXPECT_THAT(step.stimuli[0].current.x, ElementsAre(0, 5, 5, 25, 25, 30));
  EXPECT_THAT(step.stimuli[0].current.y, ElementsAre(0, 0, 0.3, 0.3, 0, 0));
  EXPECT_EQ(data.cell->features[1].mark, TargetMark::level);
  EXPECT_EQ(data.cell->features[1].unit, "mV");
  const MorphologyView& morphology = data.cell->morphology;
  ASSERT_THAT(morphology.sections, SizeIs(1));
  ASSERT_THAT(morphology.sites, SizeIs(3));  // recordings at soma and end, the stimulus at soma
  EXPECT_EQ(morphology.sites[0].label, "soma");
  EXPECT_NEAR(morphology.sites[0].y, 10, 1e-6);
  EXPECT_NEAR(morphology.sites[1].y, 18, 1e-6);
  EXPECT_TRUE(morphology.sites[2].stimulus);
}

TEST_F(GatherReportTest, SaysThatTheCellFileIsGone) {
  std::filesystem::remove(cell_file_);

  const ReportData data = gather();

  EXPECT_FALSE(data.cell);
  EXPECT_THAT(data.notices, ElementsAre(HasSubstr("is not there any more")));
}

TEST_F(GatherReportTest, FindsACellFileThatMovedTogetherWithTheRun) {
  test::TemporaryFolder elsewhere;
  std::filesystem::copy(folder_.path(), elsewhere.path(), std::filesystem::copy_options::recursive);
  std::filesystem::remove(cell_file_);

  const ReportData data = gather_report(run::read_run(elsewhere.path() / "run"));

  EXPECT_TRUE(data.cell);
}

TEST_F(GatherReportTest, TakesAnotherPlaceOfTheCellFile) {
  std::filesystem::rename(cell_file_, folder_.path() / "new.json");

  EXPECT_TRUE(gather({.cell_file = folder_.path() / "new.json"}).cell);
}

TEST_F(GatherReportTest, DrawsNoTracesOfAChangedCell) {
  std::string changed = cell_text;
  changed.replace(changed.find("0.3"), 3, "0.4");
  folder_.write("cell.json", changed);

  const ReportData data = gather();

  EXPECT_FALSE(data.cell);
  EXPECT_THAT(data.notices, ElementsAre(HasSubstr("was changed since the run")));
}

TEST_F(GatherReportTest, SaysWhyACellCannotBeSimulated) {
  folder_.write("cell.json", "{ broken");

  EXPECT_THAT(gather().notices, ElementsAre(HasSubstr("cannot be simulated")));
}

TEST_F(GatherReportTest, WritesThePageAndThePlots) {
  const std::filesystem::path page = write_report(gather());

  EXPECT_EQ(page, folder_.path() / "run" / "report.html");
  EXPECT_THAT(read_file(page), HasSubstr("step.soma.AP_height"));
  for (const char* plot : {"traces_step", "objectives", "convergence", "parameters", "morphology"}) {
    const std::string svg = read_file(folder_.path() / "run" / "plots" / (std::string(plot) + ".svg"));
    EXPECT_TRUE(svg.starts_with("<svg ") && svg.ends_with("</svg>\n")) << plot;
  }
}

TEST_F(GatherReportTest, ReadsARunThatIsGoingOn) {
  std::filesystem::remove(folder_.path() / "run" / "checkpoint.previous");
  const std::string logbook = read_file(folder_.path() / "run" / "logbook.csv");
  folder_.write("run/logbook.csv", logbook + "3,4,1.0,");  // a row that is being written

  EXPECT_EQ(gather().run.logbook.size(), 2U);
}

TEST_F(GatherReportTest, RefusesAFolderWithoutResults) {
  try {
    run::read_run(folder_.path());
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.code(), "run-no-results");
  }
}

}  // namespace
}  // namespace cellwright::report
