#include <gmock/gmock.h>

#include "cellwright/nmodl/front_end.hpp"
#include "golden_cases.hpp"

namespace cellwright::nmodl {
namespace {

/// The whole text of all messages about a malformed mod file, or of the warnings about an accepted one.
std::string messages(const std::string& text) {
  try {
    std::string warnings;
    for (const Diagnostic& warning : compile_front_end(text, "case.mod").warnings) warnings += warning.format() + "\n";
    if (!warnings.empty()) return warnings;
  } catch (const NmodlError& error) {
    return std::string(error.what()) + "\n";
  }
  return "(accepted)\n";
}

TEST(NmodlDiagnostics, TellEveryProblemOfMalformedFiles) {
  const auto cases = test::read_cases("diagnostics.txt");

  ASSERT_GE(cases.size(), 50U);
  for (const auto& [name, input, expected] : cases) EXPECT_EQ(messages(input), expected) << name;
}

TEST(NmodlDiagnostics, StopAtTwentyErrors) {
  std::string text = "NEURON { SUFFIX x }\nBREAKPOINT {\n";
  for (int i = 0; i < 50; ++i) text += "v = unknown_" + std::to_string(i * 1000) + "\n";

  try {
    compile_front_end(text + "}", "case.mod");
    FAIL() << "accepted";
  } catch (const NmodlError& error) {
    EXPECT_EQ(error.diagnostics().size(), DiagnosticList::parser_limit);
  }
}

TEST(NmodlDiagnostics, ManyOperatorsAndDeepBlocksEndInAMessage) {
  std::string sum = "v = 1";
  for (int i = 0; i < 100000; ++i) sum += "+1";
  std::string blocks;
  for (int i = 0; i < 100000; ++i) blocks += "if (v) { ";
  std::string minus = "v = " + std::string(100000, '-') + "1";

  for (const std::string& body : {sum, blocks, minus}) {
    EXPECT_THROW(compile_front_end("NEURON { SUFFIX x }\nBREAKPOINT {\n" + body + "\n}", "case.mod"), NmodlError);
  }
}

}  // namespace
}  // namespace cellwright::nmodl
