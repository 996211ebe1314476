#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "cellwright/morphology/reader.hpp"

namespace cellwright::morphology {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

Morphology read(std::string_view text) { return read_asc(text, "cell.asc"); }

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

std::string parent_of(const Morphology& cell, std::string_view name) {
  const int parent = cell.sections[static_cast<std::size_t>(cell.find_section(name))].parent;
  return parent < 0 ? "none" : cell.sections[static_cast<std::size_t>(parent)].name;
}

/// An outline of `count` points on an ellipse, not closed, as tracing programs write them.
std::string ellipse(double cx, double cy, double z, double rx, double ry, int count = 60,
                    const char* name = "CellBody") {
  std::string text = "(\"" + std::string(name) + "\" (Color Red) (CellBody)\n";
  for (int k = 0; k < count; ++k) {
    const double angle = 2.0 * std::numbers::pi * k / count;
    text += "(" + std::to_string(cx + rx * std::cos(angle)) + " " + std::to_string(cy + ry * std::sin(angle)) + " " +
            std::to_string(z) + " 0)\n";
  }
  return text + ")\n";
}

TEST(AscReader, TreeOfBranches) {
  const Morphology cell = read(
      "; a comment\n"
      "( (Color Blue) (Dendrite)\n"
      "  (0, 0, 0, 2) ; Root\n"
      "  (10 0 0 2)\n"
      "  (\n"
      "    (20 0 0 1)\n"
      "    Normal\n"
      "  |\n"
      "    (10 0 0 0.5)\n"
      "    (10 9 0 0.5)\n"
      "    Incomplete\n"
      "  )\n"
      ")\n");

  ASSERT_THAT(names(cell), ElementsAre("dend[0]", "dend[1]", "dend[2]"));
  EXPECT_EQ(cell.sections[0].parent, -1) << "no soma: the tree is a cell of its own";
  // The parent's last position with the child's own diameter, unless the child starts there itself.
  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{10, 0, 0, 1}, Point3{20, 0, 0, 1}));
  EXPECT_THAT(cell.sections[2].points, ElementsAre(Point3{10, 0, 0, 0.5F}, Point3{10, 9, 0, 0.5F}));
  EXPECT_EQ(cell.sections[2].parent, 0);
  EXPECT_EQ(cell.sections[2].parent_x, 1.0);
  EXPECT_THAT(cell.warnings, IsEmpty());
}

TEST(AscReader, LastPropertyNamesTheTree) {
  const auto name_of = [](const char* properties) {
    return read("( " + std::string(properties) + " (0 0 0 1) (9 0 0 1))").sections[0].name;
  };
  EXPECT_EQ(name_of("(Axon)"), "axon[0]");
  EXPECT_EQ(name_of("(Color RGB (1, 2, 3)) (Apical)"), "apic[0]");
  EXPECT_EQ(name_of("(Dendrite) (Color Red)"), "dend_0[0]");
  EXPECT_EQ(name_of("(Dendrite), (Set \"s\")"), "dend[0]");
  EXPECT_EQ(name_of(""), "dend_0[0]");
}

TEST(AscReader, MarkersSpinesTextsSetsAndOtherContoursAreDropped) {
  const Morphology cell = read(
      "(Description \"a ( in quotes\")\n"
      "(Sections S1 \"A\" 0.5)\n"
      "(Dot (Color Red) (Name \"m\") (1 2 3 4) (5 6 7 8))\n"
      "(\"Outline\" (Color Red) (1 2 3 0) (4 5 6 0) (9 9 9 1))\n"
      "( (Color Red) (Font \"Times\") (1 2 3 4) \"a text\" )\n"
      "( (Axon) (0 0 0 1 S1)\n"
      "  (5 0 0 1) <(Class 2 \"S\") (Color White) (6 0 0 1)>\n"
      "  (10 0 0 1 (1, 2, 3, 4))\n"
      "  (Cross (Color Red) (1 1 1 1))\n"
      "  Generated\n"
      ")\n");

  ASSERT_THAT(names(cell), ElementsAre("axon[0]"));
  EXPECT_EQ(cell.sections[0].points.size(), 3U);
  EXPECT_EQ(cell.sections[0].length_um, 10.0);
}

TEST(AscReader, PointsOfAMarkerBeforeABranchBelongToItAsInNeuron) {
  const Morphology cell = read("( (Axon) (0 0 0 1) (10 0 0 1) ( (Dot (5 5 5 1)) (20 0 0 1) ) )");

  ASSERT_EQ(cell.sections.size(), 2U);
  EXPECT_THAT(cell.sections[1].points, ElementsAre(Point3{10, 0, 0, 1}, Point3{5, 5, 5, 1}, Point3{20, 0, 0, 1}));
}

TEST(AscReader, OutlineBecomes21DiscsAlongItsLongAxis) {
  const Morphology cell = read(ellipse(100, 50, 3, 10, 6));

  ASSERT_THAT(names(cell), ElementsAre("soma[0]"));
  const Section& soma = cell.sections[0];
  ASSERT_EQ(soma.points.size(), 21U);
  // The long axis is x; the discs come in its positive direction and are as wide as the ellipse is high. The outline
  // is not closed, so that the stations' mean lies a little off the middle.
  EXPECT_LT(soma.points.front().x, soma.points.back().x);
  const auto width = [](const Point3& p) { return 12.0 * std::sqrt(1.0 - std::pow((p.x - 100.0) / 10.0, 2)); };
  for (std::size_t k = 1; k < 20; ++k) {
    EXPECT_NEAR(soma.points[k].z, 3.0, 1e-6);
    EXPECT_NEAR(soma.points[k].diam, width(soma.points[k]), 0.5) << "disc " << k;
  }
  // The end discs are averaged with their neighbours so that they do not vanish.
  EXPECT_NEAR(soma.points[0].diam, (width(soma.points[0]) + soma.points[1].diam) / 2.0, 0.5);
  EXPECT_NEAR(soma.points[20].diam, (width(soma.points[20]) + soma.points[19].diam) / 2.0, 0.5);
  EXPECT_NEAR(soma.length_um, 20.0, 0.2);
}

TEST(AscReader, OverlappingOutlinesAreAStackWithOneDiscEach) {
  const Morphology cell = read(ellipse(0, 0, 0, 4, 4) + ellipse(0, 0, 2, 5, 5) + ellipse(1, 0, 4, 3, 3, 60, "Soma"));

  ASSERT_THAT(names(cell), ElementsAre("soma[0]"));
  ASSERT_EQ(cell.sections[0].points.size(), 3U);
  EXPECT_NEAR(cell.sections[0].points[0].diam, 8.0, 0.02);
  EXPECT_NEAR(cell.sections[0].points[1].diam, 10.0, 0.02);
  EXPECT_NEAR(cell.sections[0].points[2].diam, 6.0, 0.02);
  EXPECT_FLOAT_EQ(cell.sections[0].points[1].z, 2.0F);
}

TEST(AscReader, TreesHangOnTheSomaThatHoldsThemOrIsNearest) {
  const Morphology cell =
      read("( (Axon) (0 5.4 0 1) (0 50 0 1) )\n" + ellipse(0, 0, 0, 6, 5) + ellipse(100, 0, 0, 6, 5) +
           "( (Dendrite) (100 0 0 1) (100 50 0 1) )\n"
           "( (Dendrite) (80 30 0 1) (80 60 0 1) )\n");

  ASSERT_THAT(names(cell), ElementsAre("soma[0]", "soma[1]", "axon[0]", "dend[0]", "dend[1]"));
  EXPECT_EQ(parent_of(cell, "axon[0]"), "soma[0]") << "within half a micrometre of the box";
  EXPECT_EQ(parent_of(cell, "dend[0]"), "soma[1]");
  EXPECT_EQ(parent_of(cell, "dend[1]"), "soma[1]");
  for (const char* name : {"axon[0]", "dend[0]", "dend[1]"}) {
    const Section& section = cell.sections[static_cast<std::size_t>(cell.find_section(name))];
    EXPECT_EQ(section.parent_x, 0.5);
    EXPECT_EQ(section.points.size(), 2U) << "a wire";
  }
  ASSERT_EQ(cell.warnings.size(), 1U);
  EXPECT_EQ(cell.warnings[0].format(),
            "cell.asc:127: warning: the tree starts outside the soma; it was connected to the middle of the nearest "
            "soma, as NEURON does [asc-root-outside]");
}

TEST(AscReader, WhatFollowsTheLastObjectIsIgnoredWithAWarning) {
  const Morphology cell = read("( (Axon) (0 0 0 1) (9 0 0 1) )\n)\n( (Axon) (0 0 0 1) (9 0 0 1) )\n");

  EXPECT_EQ(cell.sections.size(), 1U);
  ASSERT_EQ(cell.warnings.size(), 1U);
  EXPECT_EQ(cell.warnings[0].format(),
            "cell.asc:2:1: warning: everything from here on is ignored, as NEURON does [asc-trailing]\n"
            "  2 | )\n"
            "    | ^\n"
            "  fix: check the parentheses before this place");
}

TEST(AscReader, SmallSomaContourIsIgnoredWithAWarning) {
  const Morphology cell = read("(\"CellBody\" (0 0 0 0) (1 0 0 0))\n( (Axon) (0 0 0 1) (9 0 0 1) )\n");

  EXPECT_THAT(names(cell), ElementsAre("axon[0]"));
  ASSERT_EQ(cell.warnings.size(), 1U);
  EXPECT_THAT(cell.warnings[0].format(), HasSubstr("cell.asc:1:2: warning: a soma contour of fewer than 3 points"));
}

TEST(AscErrors, TruncatedFile) {
  EXPECT_EQ(
      refusal("( (Axon)\n  (0 0 0 1)\n  (10 0 0 1)\n  (\n    (20 0 0 1)\n"),
      "cell.asc:5: error: expected '|' or ')' at the end of the branches, found the end of the file [asc-syntax]\n"
      "  note: cell.asc:4:3: this '(' is still open\n"
      "  fix: the file seems to be cut off: get it anew, or close what is open");
  EXPECT_THAT(refusal("( (Axon)\n  (0 0 0"),
              HasSubstr("expected ')' at the end of the point, found the end of the file"));
  EXPECT_THAT(refusal("( (Axon) (0 0 0 1) (Dot (1 2 3"),
              HasSubstr("expected ')' at the end of the marker, found the end"));
}

TEST(AscErrors, MarkerBetweenPoints) {
  EXPECT_EQ(refusal("( (Axon)\n  (0 0 0 1)\n  (Dot (1 1 1 1))\n  (10 0 0 1)\n)\n"),
            "cell.asc:4:4: error: expected '(' of a point, found '10' [asc-syntax]\n"
            "  4 |   (10 0 0 1)\n"
            "    |    ^~\n"
            "  note: cell.asc:4:3: this '(' is still open\n"
            "  fix: NEURON does not read this file either; check the parentheses before this place");
}

TEST(AscErrors, DiameterOfZero) {
  EXPECT_EQ(refusal("( (Axon)\n  (0 0 0 1)\n  (10 0 0 0)\n)\n"),
            "cell.asc:3:3: error: the point's diameter (4th number) is 0, not greater than 0 [asc-diameter]\n"
            "  3 |   (10 0 0 0)\n"
            "    |   ^\n"
            "  fix: give the point its diameter in um, or remove it from the file");
}

TEST(AscErrors, PointWithoutDiameter) {
  EXPECT_EQ(refusal("( (Axon)\n  (0 0 0 1)\n  (10, 0, 0)\n)\n"),
            "cell.asc:3:3: error: the point has no diameter (4th number) [asc-diameter]\n"
            "  3 |   (10, 0, 0)\n"
            "    |   ^\n"
            "  fix: give the point its diameter in um, or remove it from the file");
}

TEST(AscErrors, DiameterThatVanishesInSinglePrecision) {
  EXPECT_THAT(refusal("( (Axon) (0 0 0 1) (10 0 0 1e-50) )"),
              HasSubstr("cell.asc:1:20: error: the point's diameter (4th number) is 1e-50, not greater than 0"));
}

TEST(AscErrors, Numbers) {
  EXPECT_EQ(refusal("( (Axon) (0 1e99 0 1))"),
            "cell.asc:1:13: error: '1e99' is not a length below 1e9 um [asc-number]\n"
            "  1 | ( (Axon) (0 1e99 0 1))\n"
            "    |             ^~~~\n"
            "  fix: write a decimal number of um, such as 12.5");
  EXPECT_THAT(refusal("( (Axon) (0 1e999 0 1))"), HasSubstr("'1e999' is not a length below 1e9 um"));
  EXPECT_THAT(refusal("( (Axon) (0 nan 0 1))"), HasSubstr("expected a number, found 'nan'"));
}

TEST(AscErrors, DeepNesting) {
  std::string text = "( (Axon)";
  for (int k = 0; k < 100000; ++k) text += "(1 2 3 1)(";
  EXPECT_THAT(refusal(text), HasSubstr("error: more than 1000 nested branches [asc-depth]"));
}

TEST(AscErrors, FlatSoma) {
  EXPECT_EQ(refusal("(\"CellBody\" (0 0 0 0) (5 0 0 0) (9 0 0 0) (20 0 0 0))"),
            "cell.asc:1: error: the soma contour has no width in the xy plane [asc-soma]\n"
            "  fix: draw the outline of the soma as seen along z");
}

TEST(AscErrors, EmptyAndBinaryFiles) {
  EXPECT_THAT(refusal("  \n"), HasSubstr("cell.asc: error: the file is empty [morphology-empty]"));
  EXPECT_THAT(refusal("; comment only\n"),
              HasSubstr("cell.asc:1: error: expected '(', found the end of the file [asc-syntax]"));
  EXPECT_THAT(refusal("(Sections S1)"), HasSubstr("cell.asc: error: the file holds no section [morphology-empty]"));
  EXPECT_THAT(refusal(std::string_view("(\0)", 3)), HasSubstr("cell.asc:1: error: the file is binary"));
  EXPECT_THAT(refusal("\x89PNG\r\n\x1a\n"), HasSubstr("cell.asc:1:1: error: expected '(', found '?' [asc-syntax]"));
  EXPECT_THAT(refusal("(1 2 3 4)"), HasSubstr("cell.asc:1:2: error: expected a contour's name in quotes"));
  EXPECT_THAT(refusal("( (Set \"a\" ((Set \"b\" ((1 2 3 4)))(1 2 3 4)))(1 2 3 4))"),
              HasSubstr("expected no tree or text within the properties of another one"));
}

}  // namespace
}  // namespace cellwright::morphology
