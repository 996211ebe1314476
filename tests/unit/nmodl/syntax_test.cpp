#include <set>

#include <gmock/gmock.h>

#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "golden_cases.hpp"
#include "nmodl/syntax/parser.hpp"

namespace cellwright::nmodl {
namespace {

/// An expression, parsed and printed.
std::string reprinted(const std::string& text) {
  const Module module = parse_nmodl("BREAKPOINT { x = " + text + " }", "case.mod");
  const auto& block = std::get<CodeBlock>(module.items.front().node);
  return print_nmodl(std::get<Assignment>(block.body.front().node).value);
}

TEST(Parser, KeepsTheGroupingOfExpressions) {
  EXPECT_EQ(reprinted("2^3^2"), "2^3^2");
  EXPECT_EQ(reprinted("(2^3)^2"), "(2^3)^2");
  EXPECT_EQ(reprinted("-2^2"), "-2^2");
  EXPECT_EQ(reprinted("(-2)^-x"), "(-2)^-x");
  EXPECT_EQ(reprinted("a - (b - c) - d"), "a - (b - c) - d");
  EXPECT_EQ(reprinted("a/(b*c)/d"), "a/(b*c)/d");
  EXPECT_EQ(reprinted("-(a + b)*c"), "-(a + b)*c");
  EXPECT_EQ(reprinted("a * - b"), "a*-b");
  EXPECT_EQ(reprinted("(a < b) == (c && !d || e)"), "a < b == (c && !d || e)");
}

TEST(Parser, SkipsUnitsBehindNumbers) {
  EXPECT_EQ(reprinted("2 (mV)*x + 1(/ms)"), "2*x + 1");
  EXPECT_EQ(reprinted(".5e-3 + 5. + 1E3"), ".5e-3 + 5. + 1E3");
}

TEST(Parser, ComparisonsIgnorePlaces) {
  EXPECT_EQ(parse_nmodl("BREAKPOINT { x = 1 }", "a"), parse_nmodl(": comment\nBREAKPOINT\n{x=1.0}", "b"));
  EXPECT_NE(parse_nmodl("BREAKPOINT { x = 1 }", "a"), parse_nmodl("BREAKPOINT { x = 2 }", "a"));
}

class EveryFile : public testing::TestWithParam<const char*> {};

TEST_P(EveryFile, PrintsAndParsesBackToTheSameTree) {
  const std::string text = read_file(test::data_folder + GetParam());

  const Module module = parse_nmodl(text, GetParam());
  const std::string printed = print_nmodl(module);
  const Module again = parse_nmodl(printed, "printed");

  EXPECT_EQ(module, again);
  EXPECT_EQ(print_nmodl(again), printed);
  EXPECT_GT(module.items.size(), 3U);
}

INSTANTIATE_TEST_SUITE_P(Data, EveryFile,
                         testing::Values("whole_language.mod", "potassium.mod", "calcium_pool.mod", "ramp_clamp.mod"));

TEST(Parser, KnowsTheWholeLanguage) {
  const Module module = parse_nmodl(read_file(test::data_folder + "whole_language.mod"), "whole_language.mod");

  std::set<CodeBlock::Kind> kinds;
  for (const Item& item : module.items) {
    if (const auto* block = std::get_if<CodeBlock>(&item.node)) kinds.insert(block->kind);
  }
  EXPECT_EQ(kinds.size(), 15U);  // every kind of block
}

}  // namespace
}  // namespace cellwright::nmodl
