#include "nmodl/passes/pass.hpp"

#include <sstream>

#include <gmock/gmock.h>

#include "golden_cases.hpp"

namespace cellwright::nmodl {
namespace {

/// NMODL text through the passes that `names` lists, as NMODL text.
std::string run_named(const std::string& names, const std::string& text) {
  PassContext context(parse_nmodl(text, "case.mod"));
  context.folder = test::data_folder;
  std::istringstream stream(names);
  for (std::string name; stream >> name;) {
    for (const Pass& pass : passes()) {
      if (pass.name == name) pass.run(context);
    }
  }
  context.diagnostics.throw_if_errors<NmodlError>();
  return print_nmodl(context.module);
}

TEST(Passes, TextToPassToText) {
  const auto cases = test::read_cases("passes.txt");

  ASSERT_GE(cases.size(), 8U);
  for (const auto& [names, input, expected] : cases) EXPECT_EQ(run_named(names, input), expected) << names << input;
}

TEST(Passes, EachIsDumpedInTheOrderOfTheTable) {
  PassContext context(parse_nmodl("NEURON { SUFFIX x }", "case.mod"));
  std::vector<std::string> dumped;

  run_passes(context, [&](const std::string& pass, const std::string& text) {
    dumped.push_back(pass);
    EXPECT_EQ(text, "NEURON {\n  SUFFIX x\n}\n");
  });

  EXPECT_THAT(dumped, testing::ElementsAre("include", "define", "verbatim", "check", "tidy", "fold", "locals", "methods", "unroll",
                                           "equations", "kinetic", "linear", "implicit", "solve"));
}

TEST(Passes, TheDriverRefusesAnOrderThatBreaksTheNeeds) {
  PassContext context(parse_nmodl("NEURON { SUFFIX x }", "case.mod"));

  EXPECT_THROW(run_passes(context, passes().subspan(3, 1)), InternalError);
}

TEST(Passes, IncludesThatIncludeThemselvesEnd) {
  const std::string path = test::data_folder + "includes_itself.inc";

  EXPECT_THROW(compile_front_end(std::filesystem::path(path)), NmodlError);
}

}  // namespace
}  // namespace cellwright::nmodl
