#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>
#include <numeric>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/path_distance.hpp"
#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"

namespace cellwright::morphology {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
constexpr double pi = std::numbers::pi;

Section section_from(std::vector<Point3> points, int nseg) {
  Section section{.name = "dend[0]", .points = std::move(points), .nseg = nseg};
  section.arc_um = {0.0};
  for (std::size_t i = 1; i < section.points.size(); ++i) {  // the test points lie on the x axis
    section.arc_um.push_back(section.arc_um.back() + (section.points[i].x - section.points[i - 1].x));
  }
  section.length_um = section.arc_um.back();
  return section;
}

double sum(const std::vector<double>& values) { return std::accumulate(values.begin(), values.end(), 0.0); }

TEST(SectionGeometry, CylinderOfPoints) {
  const SectionGeometry g = section_geometry(section_from({{0, 0, 0, 2}, {30, 0, 0, 2}}, 3));

  EXPECT_THAT(g.x, ElementsAre(0.5 / 3, 1.5 / 3, 2.5 / 3));
  for (const double diam : g.diam_um) EXPECT_DOUBLE_EQ(diam, 2.0);
  for (const double area : g.area_um2) EXPECT_DOUBLE_EQ(area, pi * 2.0 * 10.0);
  // 10 um of 1 um radius: 0.01 * 10/pi MOhm per ohm cm; half of it to the section's ends.
  ASSERT_EQ(g.ri_per_ra.size(), 4U);
  EXPECT_DOUBLE_EQ(g.ri_per_ra[0], 0.05 / pi);
  EXPECT_DOUBLE_EQ(g.ri_per_ra[1], 0.1 / pi);
  EXPECT_DOUBLE_EQ(g.ri_per_ra[2], 0.1 / pi);
  EXPECT_DOUBLE_EQ(g.ri_per_ra[3], 0.05 / pi);
}

TEST(SectionGeometry, StylisedEqualsTheSameCylinderOfPoints) {
  Section stylised{.name = "axon[0]", .length_um = 30.0, .stylised_diam_um = 2.0, .nseg = 3};
  const SectionGeometry a = section_geometry(stylised);
  const SectionGeometry b = section_geometry(section_from({{0, 0, 0, 2}, {30, 0, 0, 2}}, 3));

  for (std::size_t k = 0; k < 3; ++k) {
    EXPECT_DOUBLE_EQ(a.area_um2[k], b.area_um2[k]);
    EXPECT_DOUBLE_EQ(a.diam_um[k], b.diam_um[k]);
  }
  for (std::size_t k = 0; k < 4; ++k) EXPECT_DOUBLE_EQ(a.ri_per_ra[k], b.ri_per_ra[k]);
}

TEST(SectionGeometry, ConeIsAveragedOverLengthAndCutAtHalves) {
  // Diameter 4 to 2 over 10 um, one segment: halves 4..3 and 3..2.
  const SectionGeometry g = section_geometry(section_from({{0, 0, 0, 4}, {10, 0, 0, 2}}, 1));

  EXPECT_DOUBLE_EQ(g.diam_um[0], 3.0);
  const double slant = std::sqrt(25.0 + 0.25);
  EXPECT_DOUBLE_EQ(g.area_um2[0], pi / 2 * 7 * slant + pi / 2 * 5 * slant);
  EXPECT_DOUBLE_EQ(g.ri_per_ra[0], 0.04 * 5 / (pi * 4 * 3));
  EXPECT_DOUBLE_EQ(g.ri_per_ra[1], 0.04 * 5 / (pi * 3 * 2));
}

TEST(SectionGeometry, StepAddsAnAnnulusToTheHalfThatHoldsIt) {
  // A step from 4 to 2 exactly at the middle of the only segment: it belongs to the left half.
  const SectionGeometry g =
      section_geometry(section_from({{0, 0, 0, 4}, {5, 0, 0, 4}, {5, 0, 0, 2}, {10, 0, 0, 2}}, 1));

  EXPECT_DOUBLE_EQ(g.area_um2[0], pi * 4 * 5 + pi * (4 - 1) + pi * 2 * 5);
  EXPECT_DOUBLE_EQ(g.diam_um[0], 3.0);
  EXPECT_NEAR(g.ri_per_ra[0], 0.04 * 5 / (pi * 16), 1e-17) << "NEURON gives the step a length of 1e-15 um";
  EXPECT_DOUBLE_EQ(g.ri_per_ra[1], 0.04 * 5 / (pi * 4));
}

TEST(SectionGeometry, AreaAndResistanceDoNotDependOnTheNumberOfSegments) {
  const std::vector<Point3> points = {{0, 0, 0, 4}, {7, 0, 0, 3}, {13, 0, 0, 1}, {13, 0, 0, 2}, {40, 0, 0, 0.5F}};
  const SectionGeometry one = section_geometry(section_from(points, 1));
  for (const int nseg : {2, 3, 5, 8, 27}) {
    const SectionGeometry g = section_geometry(section_from(points, nseg));
    EXPECT_NEAR(sum(g.area_um2), one.area_um2[0], 0.02 * one.area_um2[0]) << "cones are cut, never lost";
    EXPECT_NEAR(sum(g.diam_um) / nseg, one.diam_um[0], 1e-12);
  }
}

TEST(SetNseg, IsOddAndTruncates) {
  const Morphology cell = read_swc(
      "1 1 0 0 0 5 -1\n2 3 0 0 0 1 1\n3 3 39.9 0 0 1 2\n4 3 0 0 0 1 1\n5 3 0 40 0 1 4\n6 3 0 0 0 1 1\n7 3 0 0 120.5 1 "
      "6\n",
      "cell.swc");

  const Morphology divided = set_nseg(cell);

  EXPECT_EQ(divided.sections[0].nseg, 1);
  EXPECT_EQ(divided.sections[1].nseg, 1);
  EXPECT_EQ(divided.sections[2].nseg, 3);
  EXPECT_EQ(divided.sections[3].nseg, 7);
  EXPECT_EQ(cell.sections[3].nseg, 1) << "the argument stays as it was";
}

std::string refusal(const Morphology& cell, double frequency) {
  try {
    set_nseg(cell, frequency);
  } catch (const MorphologyError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(SetNseg, RefusesWhatNeuronCannotHold) {
  const Morphology cell = read_swc("1 1 0 0 0 5 -1\n2 3 0 0 0 1 1\n3 3 1e6 0 0 1 2\n", "cell.swc");

  EXPECT_EQ(
      refusal(cell, 40.0),
      "cell.swc: error: dend[0] is 1e+06 um long and would need 50001 segments; the limit is 32767 [morphology-nseg]\n"
      "  fix: check the file's coordinates (um), or use a larger nseg frequency");
  EXPECT_THAT(refusal(cell, 0.0), HasSubstr("nseg frequency 0 um is not a finite number greater than 0"));
  EXPECT_THAT(refusal(cell, -1.0), HasSubstr("nseg frequency -1 um"));
}

// Soma of 20 um; the axon leaves at 0.5 by a wire: three sections of 40, 30 and 30 um, a collateral, and a dendrite on
// it.
constexpr const char* cell_with_axon =
    "1 1 0 0 0 10 -1\n"
    "2 2 0 -10 0 1 1\n"
    "3 2 0 -50 0 1 2\n"
    "4 2 0 -80 0 0.8 3\n"
    "5 2 20 -50 0 0.4 3\n"
    "6 2 0 -110 0 0.6 4\n"
    "7 2 30 -80 0 0.3 4\n"
    "8 3 0 -200 0 2 6\n"
    "9 3 0 10 0 1 1\n"
    "10 3 0 50 0 1 9\n";

TEST(ReplaceAxon, TakesDiametersFromTheOldAxonAndDetachesWhatHungOnIt) {
  const Morphology cell = set_nseg(read_swc(cell_with_axon, "cell.swc"));
  ASSERT_EQ(cell.section_array("axon").size(), 5U);

  const Morphology replaced = replace_axon(cell);

  ASSERT_EQ(replaced.sections.size(), 5U);
  EXPECT_EQ(replaced.sections[1].name, "dend[0]");
  EXPECT_EQ(replaced.sections[1].parent, -1) << "it hung on the axon";
  EXPECT_EQ(replaced.sections[2].parent, 0);
  const Section& first = replaced.sections[3];
  const Section& second = replaced.sections[4];
  EXPECT_EQ(first.name, "axon[0]");
  EXPECT_EQ(first.parent, 0);
  EXPECT_EQ(first.parent_x, 1.0);
  EXPECT_EQ(first.length_um, 30.0);
  EXPECT_EQ(first.nseg, 1);
  EXPECT_DOUBLE_EQ(first.stylised_diam_um, 2.0);
  EXPECT_EQ(second.parent, 3);
  // The middles lie at 20, 55, 50, 85 and 85 um; the list's first beyond 60 um is the one from 0.8 to 0.6 um radius.
  EXPECT_NEAR(second.stylised_diam_um, 1.4, 1e-6);
  EXPECT_THAT(replaced.find_list("axonal")->sections, ElementsAre(3, 4));
  EXPECT_THAT(replaced.find_list("all")->sections, ElementsAre(0, 1, 2, 3, 4));
}

TEST(ReplaceAxon, CellWithoutAxonGetsAStubOfOneMicrometre) {
  const Morphology cell = replace_axon(read_swc("1 1 0 0 0 5 -1\n", "cell.swc"), 100.0, 20.0);

  ASSERT_EQ(cell.sections.size(), 3U);
  EXPECT_EQ(cell.sections[1].stylised_diam_um, 1.0);
  EXPECT_EQ(cell.sections[2].stylised_diam_um, 1.0);
  EXPECT_EQ(cell.sections[1].length_um, 50.0);
  EXPECT_EQ(cell.sections[1].nseg, 5);
}

TEST(ReplaceAxon, NeedsASoma) {
  const Morphology cell = read_swc("1 3 0 0 0 5 -1\n2 3 9 0 0 5 1\n", "cell.swc");
  try {
    replace_axon(cell);
    FAIL();
  } catch (const MorphologyError& error) {
    EXPECT_STREQ(
        error.what(),
        "cell.swc: error: the axon cannot be replaced: the cell has no soma[0] to put it on [morphology-no-soma]\n"
        "  fix: give the file a soma, or load the cell without replacing the axon");
  }
}

TEST(PathDistance, SnapsToSegmentCentresAndEnds) {
  const Morphology cell = set_nseg(read_swc(cell_with_axon, "cell.swc"), 10.0);
  const int soma = cell.find_section("soma[0]");
  const int axon = cell.find_section("axon[0]");  // 40 um, 9 segments
  ASSERT_EQ(cell.sections[static_cast<std::size_t>(axon)].nseg, 9);

  EXPECT_EQ(path_distance(cell, {soma, 0.5}, {soma, 0.5}), 0.0);
  EXPECT_EQ(path_distance(cell, {soma, 0.5}, {axon, 0.0}), 0.0) << "a wire has no length";
  EXPECT_EQ(path_distance(cell, {soma, 0.0}, {axon, 0.0}), 10.0);
  EXPECT_EQ(path_distance(cell, {soma, 0.5}, {axon, 1.0}), 40.0);
  EXPECT_DOUBLE_EQ(path_distance(cell, {soma, 0.5}, {axon, 0.01}), 0.5 * 40.0 / 9.0);
  EXPECT_DOUBLE_EQ(path_distance(cell, {axon, 0.01}, {soma, 0.5}), 0.5 * 40.0 / 9.0);
  const int dend = cell.find_section("dend[1]");
  EXPECT_EQ(path_distance(cell, {axon, 1.0}, {dend, 1.0}), 80.0);
}

TEST(PathDistance, OfDifferentTreesIsNeuronsHugeNumber) {
  const Morphology cell = replace_axon(read_swc(cell_with_axon, "cell.swc"));

  EXPECT_EQ(path_distance(cell, {0, 0.5}, {1, 0.5}), 1e20);
}

TEST(CableTree, ParentsComeFirstAndPlacesResolveLikeNeurons) {
  const Morphology cell = set_nseg(
      read_swc("1 1 0 0 0 5 -1\n2 0 0 10 0 1 1\n3 0 0 60 0 1 2\n4 3 0 -10 0 1 1\n5 3 0 -20 0 1 4\n", "cell.swc"));
  ASSERT_EQ(cell.sections[0].name, "dend_0[0]");

  const CableTree tree(cell);

  // soma: root node, segment, end; dend_0: 3 segments, end; dend: segment, end.
  ASSERT_EQ(tree.nodes().size(), 9U);
  for (std::size_t i = 0; i < tree.nodes().size(); ++i) EXPECT_LT(tree.nodes()[i].parent, static_cast<int>(i));
  const int soma = tree.first_node(1);
  EXPECT_EQ(tree.nodes()[static_cast<std::size_t>(soma)].parent, tree.node_at(1, 0.0));
  EXPECT_EQ(tree.node_at(1, 0.5), soma);
  EXPECT_EQ(tree.node_at(1, 1.0), soma + 1);
  EXPECT_EQ(tree.nodes()[static_cast<std::size_t>(soma) - 1].segment, -1);
  EXPECT_EQ(tree.nodes()[static_cast<std::size_t>(soma) - 1].area_um2, 0.0);
  const int dend0 = tree.first_node(0);
  EXPECT_EQ(tree.nodes()[static_cast<std::size_t>(dend0)].parent, soma);
  EXPECT_EQ(tree.node_at(0, 0.0), soma) << "a child's 0 end is its parent's node";
  EXPECT_EQ(tree.node_at(0, 0.34), dend0 + 1);
  EXPECT_EQ(tree.node_at(0, 0.999), dend0 + 2);
  EXPECT_EQ(tree.nodes()[static_cast<std::size_t>(dend0) + 3].area_um2, 0.0);
}

}  // namespace
}  // namespace cellwright::morphology
