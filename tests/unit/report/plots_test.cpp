#include "report/svg/plots.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/features/feature.hpp"
#include "cellwright/report/make_report.hpp"
#include "example_data.hpp"
#include "report/svg/canvas.hpp"
#include "report/target_marks.hpp"

namespace cellwright::report {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

TEST(Frame, PutsTheAxesEndsOntoItsCorners) {
  const Frame frame{100, 50, 200, 80, 0, 10, -1, 1};

  EXPECT_EQ(frame.x(0), 100);
  EXPECT_EQ(frame.x(10), 300);
  EXPECT_EQ(frame.y(1), 50);
  EXPECT_EQ(frame.y(-1), 130);
}

TEST(RoundTicks, AreOneTwoOrFiveTimesAPowerOfTen) {
  EXPECT_THAT(round_ticks(0, 10, 5), ElementsAre(0, 2, 4, 6, 8, 10));
  EXPECT_THAT(round_ticks(-80, 45, 5), ElementsAre(-50, 0));
  EXPECT_THAT(round_ticks(3, 3, 5), ElementsAre(3));
}

TEST(TracesPlot, DrawsTraceTargetAndStimulus) {
  const std::string svg = draw_traces(example_cell(), 0);

  // 100 ms on 820 pixels from 60 on: the spike at 50 ms and the stimulus's edges at 10 and 60 ms.
  EXPECT_THAT(svg, HasSubstr(" 470.0,"));
  EXPECT_THAT(svg, HasSubstr(" 142.0,"));
  EXPECT_THAT(svg, HasSubstr("<rect x=\"142.0\""));  // the target's band begins with the stimulus
  EXPECT_THAT(svg, HasSubstr("width=\"410.0\""));
}

TEST(ObjectivesPlot, ShowsTheWorstFirstInItsColour) {
  const std::string svg = draw_objectives(example_data());

  EXPECT_LT(svg.find(">step.soma.Spikecount<"), svg.find(">step.soma.AP_height<"));
  EXPECT_THAT(svg, HasSubstr(std::string(colour::good)));
  EXPECT_THAT(svg, HasSubstr(std::string(colour::fair)));
  EXPECT_THAT(svg, Not(HasSubstr(std::string(colour::poor))));
}

TEST(ObjectivesPlot, CutsLongBars) {
  EXPECT_EQ(score_axis_end({0.1, 0.2}), 3);
  EXPECT_EQ(score_axis_end({0.1, 5}), 5);
  EXPECT_EQ(score_axis_end({250, 5}), 10);
}

TEST(ParametersPlot, PutsValuesBetweenTheirBounds) {
  ReportData data = example_data();
  data.run.checkpoint.parameters = {"0123456789", "g"};
  const std::string svg = draw_parameters(data);

  // A quarter and three quarters of 460 pixels; 10 characters of 6.2 pixels and 104 more stand before.
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"281.0\""));
  EXPECT_THAT(svg, HasSubstr("<circle cx=\"511.0\""));
}

TEST(MorphologyPlot, DrawsSectionsAndSites) {
  const std::string svg = draw_morphology(example_cell().morphology);

  EXPECT_THAT(svg, HasSubstr("<title>dend[0]</title>"));
  EXPECT_THAT(svg, HasSubstr("<title>recording: soma</title>"));
  EXPECT_THAT(svg, HasSubstr("µm"));
}

TEST(Plots, EscapeNames) {
  ReportData data = example_data();
  data.run.checkpoint.objectives[0] = nasty;
  data.cell->protocols[0].name = nasty;
  data.cell->protocols[0].recordings[0].name = nasty;

  for (const Plot& plot : draw_plots(data)) {
    EXPECT_THAT(plot.svg, Not(HasSubstr("<script"))) << plot.file_name;
    EXPECT_EQ(plot.file_name.find_first_of("<>/ &"), std::string::npos) << plot.file_name;
  }
}

TEST(Plots, OfProtocolsWithLikeNamesHaveFilesOfTheirOwn) {
  ReportData data = example_data();
  data.cell->protocols = {data.cell->protocols[0], data.cell->protocols[0]};
  data.cell->protocols[0].name = "a/b";
  data.cell->protocols[1].name = "a_b";
  data.cell->individuals[0].traces.push_back(data.cell->individuals[0].traces[0]);

  const std::vector<Plot> plots = draw_plots(data);

  EXPECT_EQ(plots[0].file_name, "traces_a_b.svg");
  EXPECT_EQ(plots[1].file_name, "traces_a_b_2.svg");
}

TEST(TargetMarks, AreOfFeaturesInTheRightUnit) {
  for (const features::Feature& feature : features::all_features()) {
    const TargetMark mark = mark_of(feature.name);
    if (mark == TargetMark::level) {
      EXPECT_EQ(feature.unit, "mV") << feature.name;
    }
    if (mark == TargetMark::time) {
      EXPECT_EQ(feature.unit, "ms") << feature.name;
    }
  }
  EXPECT_EQ(mark_of("AP_height"), TargetMark::level);
  EXPECT_EQ(mark_of("AP_amplitude"), TargetMark::none);
  EXPECT_EQ(mark_of("time_to_first_spike"), TargetMark::time);
}

}  // namespace
}  // namespace cellwright::report
