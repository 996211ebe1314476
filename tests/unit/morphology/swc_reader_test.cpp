#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numbers>

#include "cellwright/morphology/geometry.hpp"
#include "cellwright/morphology/reader.hpp"

namespace cellwright::morphology {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Morphology read(std::string_view text) { return read_swc(text, "cell.swc"); }

std::string refusal(std::string_view text) {
  try {
    read(text);
  } catch (const MorphologyError& error) {
    return error.what();
  }
  return "accepted";
}

std::vector<std::string> names(const Morphology& cell) {
  std::vector<std::string> all;
  for (const Section& section : cell.sections) all.push_back(section.name);
  return all;
}

std::vector<int> members(const Morphology& cell, std::string_view list) { return cell.find_list(list)->sections; }

TEST(SwcReader, OnePointSomaIsACylinderAlongXWithTheSpheresArea) {
  const Morphology cell = read("1 1 10 20 30 5 -1\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]"));
  EXPECT_THAT(cell.sections[0].points,
              ElementsAre(Point3{5, 20, 30, 10}, Point3{10, 20, 30, 10}, Point3{15, 20, 30, 10}));
  EXPECT_EQ(cell.sections[0].parent, -1);
  EXPECT_EQ(cell.sections[0].length_um, 10.0);
  EXPECT_DOUBLE_EQ(section_geometry(cell.sections[0]).area_um2[0], std::numbers::pi * 100.0);
}

TEST(SwcReader, NeuriteOnAOnePointSomaHangsOnAWireWithoutLength) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 3 10 0 0 1 1\n"
      "3 3 20 0 0 1 2\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]"));
  EXPECT_EQ(cell.sections[1].parent, 0);
  EXPECT_EQ(cell.sections[1].parent_x, 0.5);
  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{10, 0, 0, 2}, Point3{20, 0, 0, 2}));
}

TEST(SwcReader, OnePointNeuriteOnTheSomaKeepsTheDistanceToIt) {
  const Morphology cell = read("1 1 0 0 0 5 -1\n2 3 10 0 0 1 1\n");

  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{0, 0, 0, 2}, Point3{10, 0, 0, 2}));
  EXPECT_EQ(cell.sections[1].parent_x, 0.5);
}

TEST(SwcReader, TwoPointSomaTakesChildrenAtItsEnds) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 1 10 0 0 5 1\n"
      "3 3 10 20 0 1 2\n"
      "4 3 10 40 0 1 3\n"
      "5 3 0 20 0 1 1\n"
      "6 3 0 40 0 1 5\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "dend[1]"));
  EXPECT_EQ(cell.sections[0].points.size(), 2U);
  EXPECT_EQ(cell.sections[1].parent_x, 1.0);
  EXPECT_EQ(cell.sections[2].parent_x, 0.0);
  // The copied point takes the child's diameter because the parent is soma and the child is not.
  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{10, 0, 0, 2}, Point3{10, 20, 0, 2}, Point3{10, 40, 0, 2}));
}

TEST(SwcReader, ThreePointSomaInAChainTakesChildrenAtStartMiddleAndEnd) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 1 10 0 0 5 1\n"
      "3 1 20 0 0 5 2\n"
      "4 3 10 20 0 1 2\n"
      "5 3 10 40 0 1 4\n"
      "6 3 0 20 0 1 1\n"
      "7 3 0 40 0 1 6\n"
      "8 3 20 20 0 1 3\n"
      "9 3 20 40 0 1 8\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "dend[1]", "dend[2]"));
  EXPECT_EQ(cell.sections[0].points.size(), 3U);
  EXPECT_EQ(cell.sections[1].parent_x, 0.5);
  EXPECT_EQ(cell.sections[1].points.size(), 2U) << "a wire: the copied point does not count";
  EXPECT_EQ(cell.sections[2].parent_x, 0.0);
  EXPECT_EQ(cell.sections[2].points.size(), 3U);
  EXPECT_EQ(cell.sections[3].parent_x, 1.0);
  EXPECT_EQ(cell.sections[3].points.size(), 3U);
}

TEST(SwcReader, NeuromorphoThreePointSomaIsASphere) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 1 0 -5 0 5 1\n"
      "3 1 0 5 0 5 1\n"
      "4 3 10 0 0 1 1\n"
      "5 3 20 0 0 1 4\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]"));
  EXPECT_THAT(cell.sections[0].points, ElementsAre(Point3{-5, 0, 0, 10}, Point3{0, 0, 0, 10}, Point3{5, 0, 0, 10}));
  EXPECT_EQ(cell.sections[1].parent_x, 0.5);
  EXPECT_EQ(cell.sections[1].points.size(), 2U);
}

TEST(SwcReader, OtherForkedThreePointSomaBecomesTwoSections) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 1 0 -8 0 5 1\n"
      "3 1 0 8 0 5 1\n"
      "4 3 10 0 0 1 1\n"
      "5 3 20 0 0 1 4\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "soma[1]", "dend[0]"));
  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{0, 0, 0, 10}, Point3{0, 8, 0, 10}));
  EXPECT_EQ(cell.sections[1].parent_x, 0.0);
  EXPECT_EQ(cell.sections[2].parent_x, 0.0);
  EXPECT_EQ(cell.sections[2].points.size(), 2U) << "a wire, for the soma point has two soma children";
}

TEST(SwcReader, ForkCopiesTheParentPointWithTheParentsDiameter) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 3 10 0 0 2 1\n"
      "3 3 20 0 0 2 2\n"
      "4 3 30 5 0 1 3\n"
      "5 3 30 -5 0 0.5 3\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "dend[1]", "dend[2]"));
  EXPECT_THAT(cell.sections[2].points, ElementsAre(Point3{20, 0, 0, 4}, Point3{30, 5, 0, 2}));
  EXPECT_THAT(cell.sections[3].points, ElementsAre(Point3{20, 0, 0, 4}, Point3{30, -5, 0, 1}));
  EXPECT_EQ(cell.sections[3].parent, 1);
  EXPECT_EQ(cell.sections[3].parent_x, 1.0);
}

TEST(SwcReader, SecondChildOfAWiresFirstPointConnectsToTheProximalEnd) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 3 10 0 0 1 1\n"
      "3 3 20 0 0 1 2\n"
      "4 3 30 0 0 1 3\n"
      "5 3 40 0 0 1 1\n"
      "6 3 50 0 0 1 5\n"
      "7 3 50 9 0 1 5\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "dend[1]", "dend[2]"));
  EXPECT_EQ(cell.sections[3].parent, 2);
  EXPECT_EQ(cell.sections[3].parent_x, 0.0);
  EXPECT_THAT(cell.sections[2].points, ElementsAre(Point3{40, 0, 0, 2}, Point3{50, 0, 0, 2}));
}

TEST(SwcReader, TypesAreOrderedByNumberAndBasalTakesDendZeroAsInNeuron) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 5 10 0 0 1 1\n"
      "3 5 20 0 0 1 2\n"
      "4 3 50 0 0 1 1\n"
      "5 3 60 0 0 1 4\n"
      "6 0 60 20 0 1 1\n"
      "7 0 60 40 0 1 6\n"
      "8 2 -60 20 0 1 1\n"
      "9 2 -60 40 0 1 8\n");

  EXPECT_THAT(names(cell), ElementsAre("dend_0[0]", "soma[0]", "axon[0]", "dend[0]", "dend_5[0]"));
  EXPECT_EQ(cell.sections[0].parent, 1);
  EXPECT_THAT(members(cell, "all"), ElementsAre(0, 1, 2, 3, 4));
  EXPECT_THAT(members(cell, "somatic"), ElementsAre(1));
  EXPECT_THAT(members(cell, "axonal"), ElementsAre(2));
  EXPECT_THAT(members(cell, "basal"), ElementsAre(0, 3));
  EXPECT_THAT(members(cell, "apical"), IsEmpty());
  EXPECT_THAT(members(cell, "myelinated"), IsEmpty());
  EXPECT_THAT(members(cell, "dendritic_0"), ElementsAre(0));
  EXPECT_THAT(members(cell, "dendritic_5"), ElementsAre(4));
  EXPECT_THAT(cell.section_array("dend"), ElementsAre(3));
  EXPECT_EQ(cell.find_section("axon[0]"), 2);
  EXPECT_EQ(cell.find_section("axon[1]"), -1);
}

TEST(SwcReader, TypeChangeStartsASection) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 3 10 0 0 1 1\n"
      "3 3 20 0 0 1 2\n"
      "4 4 30 0 0 1 3\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "apic[0]"));
  EXPECT_EQ(cell.sections[2].parent, 1);
  EXPECT_THAT(cell.sections[2].points, ElementsAre(Point3{20, 0, 0, 2}, Point3{30, 0, 0, 2}));
}

TEST(SwcReader, TwoEqualPointsAreRemovedAndTheChildMovesUp) {
  const Morphology cell = read(
      "1 3 0 0 0 1 -1\n"
      "2 3 10 0 0 1 1\n"
      "3 3 20 0 0 1 2\n"
      "4 4 20 0 0 1 3\n"
      "5 3 30 0 0 1 4\n");

  ASSERT_THAT(names(cell), ElementsAre("dend[0]", "dend[1]"));
  EXPECT_EQ(cell.sections[1].parent, 0);
  EXPECT_EQ(cell.sections[1].parent_x, 1.0);
  ASSERT_EQ(cell.warnings.size(), 1U);
  EXPECT_EQ(cell.warnings[0].format(),
            "cell.swc:4: warning: a section without length was removed; its children moved to its parent "
            "[morphology-empty-section]");
}

TEST(SwcReader, FurtherRootIsConnectedToTheFirstSectionWithAWarning) {
  const Morphology cell = read(
      "1 1 0 0 0 5 -1\n"
      "2 3 10 0 0 1 1\n"
      "3 3 20 0 0 1 2\n"
      "4 3 50 0 0 1 -1\n"
      "5 3 60 0 0 1 4\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]", "dend[1]"));
  EXPECT_EQ(cell.sections[2].parent, 0);
  EXPECT_EQ(cell.sections[2].parent_x, 0.5);
  ASSERT_EQ(cell.warnings.size(), 1U);
  EXPECT_EQ(cell.warnings[0].format(),
            "cell.swc:4: warning: point 4 is a further root; it was connected to the first section, as NEURON does "
            "[swc-several-roots]\n"
            "  4 | 4 3 50 0 0 1 -1\n"
            "  fix: give it the parent that you mean");
}

TEST(SwcReader, NumbersAreRoundedOnceToSinglePrecisionAndPassThroughEightDigits) {
  const Morphology cell = read("1 3 1234.56789 0 0 1 -1\n2 3 2000 0.1 0 0.35 1\n");

  // float32 1234.5679, as text 1234.5679; the diameter is twice the rounded radius.
  EXPECT_EQ(cell.sections[0].points[0].x, 1234.5679F);
  EXPECT_EQ(cell.sections[0].points[1].diam, 0.69999999F);
  const double dx = 2000.0F - 1234.5679F;
  const double dy = 0.1F;
  EXPECT_EQ(cell.sections[0].length_um, std::sqrt(dx * dx + dy * dy));
}

TEST(SwcReader, CommentsBlankLinesCarriageReturnsAndFurtherFieldsAreAccepted) {
  const Morphology cell = read(
      "\xEF\xBB\xBF# header\r\n"
      "\r\n"
      "   # indented\r\n"
      " 10 1 0 0 0 +5e0 -1 extra fields\r\n"
      "\t12 3 1.0 2 3 .5 10 # trailing\r\n");

  EXPECT_THAT(names(cell), ElementsAre("soma[0]", "dend[0]"));
  EXPECT_THAT(cell.warnings, IsEmpty());
}

TEST(SwcErrors, MissingFields) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n2 3 10 0 0\n"),
            "cell.swc:2:1: error: the line has 5 of the 7 fields of an SWC point [swc-fields]\n"
            "  2 | 2 3 10 0 0\n"
            "    | ^\n"
            "  fix: write: id type x y z radius parent; comments start with #");
}

TEST(SwcErrors, EveryBadFieldIsReportedOnce) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n2 3 ten 0 nan 1 1.5\n"),
            "cell.swc:2:5: error: x 'ten' is not a number [swc-number]\n"
            "  2 | 2 3 ten 0 nan 1 1.5\n"
            "    |     ^~~\n"
            "  fix: write a decimal number of um, such as 12.5\n"
            "cell.swc:2:11: error: z 'nan' is not a number [swc-number]\n"
            "  2 | 2 3 ten 0 nan 1 1.5\n"
            "    |           ^~~\n"
            "  fix: write a decimal number of um, such as 12.5\n"
            "cell.swc:2:17: error: parent '1.5' is not a whole number [swc-number]\n"
            "  2 | 2 3 ten 0 nan 1 1.5\n"
            "    |                 ^~~\n"
            "  fix: give the id of an earlier point, or -1 for the root");
}

TEST(SwcErrors, RadiusMustBePositive) {
  EXPECT_EQ(refusal("1 1 0 0 0 0 -1\n"),
            "cell.swc:1:11: error: radius 0 is not greater than 0 [swc-radius]\n"
            "  1 | 1 1 0 0 0 0 -1\n"
            "    |           ^\n"
            "  fix: give the point its radius in um, or remove it from the file");
  EXPECT_THAT(refusal("1 1 0 0 0 -2.5 -1\n"), HasSubstr("radius -2.5 is not greater than 0 [swc-radius]"));
  EXPECT_THAT(refusal("1 1 0 0 0 1e-99 -1\n"), HasSubstr("radius 1e-99 is not greater than 0 [swc-radius]"));
  EXPECT_THAT(refusal("1 1 0 0 0 inf -1\n"), HasSubstr("radius 'inf' is not a number [swc-number]"));
  EXPECT_THAT(refusal("1 1 0 1e30 0 1 -1\n"), HasSubstr("y '1e30' is not a length below 1e9 um [swc-number]"));
  EXPECT_THAT(refusal("1 1 0 1e300 0 1 -1\n"), HasSubstr("y '1e300' is not a number [swc-number]"));
}

TEST(SwcErrors, UnknownParent) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n2 3 10 0 0 1 7\n"),
            "cell.swc:2:14: error: parent 7 of point 2 is not in the file [swc-unknown-parent]\n"
            "  2 | 2 3 10 0 0 1 7\n"
            "    |              ^\n"
            "  fix: give the id of an earlier point, or -1 for the root");
}

TEST(SwcErrors, IdsMustIncrease) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n3 3 10 0 0 1 1\n2 3 10 0 0 1 1\n"),
            "cell.swc:3:1: error: id 2 stands after id 3: ids must increase [swc-unsorted]\n"
            "  3 | 2 3 10 0 0 1 1\n"
            "    | ^\n"
            "  fix: sort the lines by id; NEURON does not read this file either");
}

TEST(SwcErrors, ParentMustStandBefore) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n2 3 10 0 0 1 3\n3 3 20 0 0 1 1\n"),
            "cell.swc:2:14: error: parent 3 of point 2 stands after it [swc-unsorted]\n"
            "  2 | 2 3 10 0 0 1 3\n"
            "    |              ^\n"
            "  note: cell.swc:3: the parent stands here\n"
            "  fix: write parents before their children; NEURON does not read this file either");
}

TEST(SwcErrors, DuplicateId) {
  EXPECT_EQ(refusal("1 1 0 0 0 5 -1\n2 3 10 0 0 1 1\n2 3 20 0 0 1 1\n"),
            "cell.swc:3:1: error: id 2 is used twice [swc-duplicate]\n"
            "  3 | 2 3 20 0 0 1 1\n"
            "    | ^\n"
            "  note: cell.swc:2: first used here\n"
            "  fix: give every point an id of its own");
}

TEST(SwcErrors, Cycles) {
  EXPECT_THAT(refusal("1 1 0 0 0 5 1\n"), HasSubstr("cell.swc:1:13: error: point 1 is its own ancestor [swc-cycle]"));
  EXPECT_THAT(refusal("1 1 0 0 0 5 -1\n2 3 10 0 0 1 3\n3 3 20 0 0 1 2\n"),
              HasSubstr("cell.swc:2:14: error: point 2 is its own ancestor [swc-cycle]"));
}

TEST(SwcErrors, EmptyAndBinaryFiles) {
  EXPECT_EQ(refusal(""),
            "cell.swc: error: the file is empty [morphology-empty]\n"
            "  fix: check that it was written or downloaded completely");
  EXPECT_EQ(refusal("# only a comment\n"),
            "cell.swc: error: the file holds no point [morphology-empty]\n"
            "  fix: an SWC file needs lines of: id type x y z radius parent");
  EXPECT_EQ(refusal(std::string_view("1 1 0\n\0\x8f", 8)),
            "cell.swc:2: error: the file is binary (a zero byte stands here), not text [morphology-format]\n"
            "  fix: give an SWC or Neurolucida ASC text file; unpack it first if it is compressed");
  EXPECT_THAT(refusal("\x89PNG\r\n\x1a\n"), HasSubstr("cell.swc:1:1: error: the line has 1 of the 7 fields"));
}

TEST(LoadMorphology, RefusesOtherExtensions) {
  try {
    load_morphology("cell.h5");
    FAIL();
  } catch (const MorphologyError& error) {
    EXPECT_THAT(error.what(),
                HasSubstr("cell.h5: error: '.h5' is not a kind of morphology file [morphology-extension]"));
  }
}

}  // namespace
}  // namespace cellwright::morphology
