#include "cellwright/morphology/modifiers.hpp"

#include <functional>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cellwright/morphology/reader.hpp"
#include "cellwright/morphology/transform.hpp"

namespace cellwright::morphology {
namespace {

Morphology soma_and_axon() {
  return read_swc("1 1 0 0 0 10 -1\n2 1 10 0 0 10 1\n3 1 20 0 0 10 2\n4 2 21 0 0 2 3\n5 2 121 0 0 1 4\n", "a.swc");
}

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const MorphologyError& error) {
    return error.what();
  }
  return "";
}

TEST(Modifiers, ReplaceAxonIsBluePyOptsWithItsArguments) {
  const Morphology cell = soma_and_axon();

  const Morphology usual = modify(cell, "replace_axon");
  const Morphology longer = modify(cell, "replace_axon", {{"axon_stub_length", 90}, {"axon_nseg_frequency", 20}});

  EXPECT_EQ(usual.sections, replace_axon(cell).sections);
  EXPECT_EQ(longer.sections, replace_axon(cell, 90, 20).sections);
  EXPECT_NE(longer.sections, usual.sections);
}

TEST(Modifiers, ThoseOfAProgramAreFoundByName) {
  add_modifier("test.thicker", {.change =
                                    [](const Morphology& cell, const ModifierArguments& arguments) {
                                      Morphology changed = cell;
                                      for (Section& section : changed.sections) {
                                        for (Point3& point : section.points)
                                          point.diam *= static_cast<float>(arguments.at("factor"));
                                      }
                                      return changed;
                                    },
                                .argument_names = {"factor"}});

  const Morphology thick = modify(soma_and_axon(), "test.thicker", {{"factor", 2}});

  EXPECT_EQ(thick.sections[1].points[1].diam, 2 * soma_and_axon().sections[1].points[1].diam);
  EXPECT_THAT(modifier_names(), testing::ElementsAre("replace_axon", "test.thicker"));
  EXPECT_EQ(
      message_of([] { add_modifier("test.thicker", {.change = [](const auto& cell, const auto&) { return cell; }}); }),
      "error: there is a morph_modifier 'test.thicker' already [morphology-modifier]\n  fix: choose another name");
}

TEST(Modifiers, SayWhatIsWrong) {
  EXPECT_EQ(
      message_of([] { modify({}, "replaceaxon"); }),
      "error: there is no morph_modifier 'replaceaxon' [morphology-modifier]\n  fix: did you mean 'replace_axon'?");
  EXPECT_EQ(message_of([] {
              check_modifier("replace_axon", {{"axon_stub_lenght", 1}});
            }),
            "error: the morph_modifier 'replace_axon' takes no argument 'axon_stub_lenght' [morphology-modifier]\n"
            "  fix: did you mean 'axon_stub_length'?");
  EXPECT_EQ(message_of([] { add_modifier("test.nothing", {}); }),
            "error: a morph_modifier needs a name and a function [morphology-modifier]\n  fix: give both");
}

}  // namespace
}  // namespace cellwright::morphology
