#include "cellwright/base/error.hpp"

#include <gmock/gmock.h>

namespace cellwright {
namespace {

TEST(Diagnostic, PrintsPlaceMessageCaretAndFix) {
  const Diagnostic diagnostic{.code = "nmodl-undeclared",
                              .message = "'mInff' is not declared",
                              .span = {"Ih.mod", 42, 7, 5},
                              .source_line = "\tm' = (mInff - m)/mTau",
                              .fix = "did you mean 'mInf'?",
                              .notes = {{"declared here", {"Ih.mod", 28, 5, 1}}}};

  EXPECT_EQ(diagnostic.format(),
            "Ih.mod:42:7: error: 'mInff' is not declared [nmodl-undeclared]\n"
            "  42 | \tm' = (mInff - m)/mTau\n"
            "     | \t     ^~~~~\n"
            "  note: Ih.mod:28:5: declared here\n"
            "  fix: did you mean 'mInf'?");
}

TEST(Diagnostic, LeavesOutWhatIsNotKnown) {
  EXPECT_EQ((Diagnostic{.code = "x", .message = "wrong"}.format()), "error: wrong [x]");
  EXPECT_EQ((Diagnostic{.severity = Severity::warning, .message = "odd", .span = {"a.swc", 3, 0, 1}}.format()),
            "a.swc:3: warning: odd");
}

TEST(Diagnostic, QuotesNothingThatATerminalWouldObey) {
  const Diagnostic diagnostic{
      .code = "x", .message = "byte \x1b", .span = {"a.mod", 1, 2, 1}, .source_line = "\tm\x1b[31m\x7f\r caf\xc3\xa9"};

  EXPECT_EQ(diagnostic.format(),
            "a.mod:1:2: error: byte ? [x]\n"
            "  1 | \tm?[31m?? caf\xc3\xa9\n"
            "    | \t^");
}

TEST(Diagnostic, QuotesOfALongLineOnlyWhatIsAroundThePlace) {
  const std::string line = std::string(300, 'a') + "WRONG" + std::string(300, 'b');
  const auto quoted = [&](int column, int length) {
    return Diagnostic{.message = "odd", .span = {"a.json", 1, column, length}, .source_line = line}.format();
  };

  EXPECT_EQ(quoted(301, 5), "a.json:1:301: error: odd\n  1 | ..." + std::string(40, 'a') + "WRONG" +
                                std::string(115, 'b') + "...\n    | " + std::string(43, ' ') + "^~~~~");
  EXPECT_EQ(quoted(1, 605),
            "a.json:1:1: error: odd\n  1 | " + std::string(160, 'a') + "...\n    | ^" + std::string(159, '~'));
  EXPECT_EQ(quoted(605, 9),
            "a.json:1:605: error: odd\n  1 | ..." + std::string(41, 'b') + "\n    | " + std::string(43, ' ') + "^");
}

TEST(NearestName, OfShortNamesKeepsSomethingOfThem) {
  EXPECT_EQ(nearest_name("u", {"g", "e"}), "");
  EXPECT_EQ(nearest_name("N0", {"N"}), "");
  EXPECT_EQ(nearest_name("M", {"m"}), "m");
  EXPECT_EQ(nearest_name("hinf", {"minf"}), "minf");
}

TEST(Error, ItsCodeIsThatOfTheFirstErrorNotOfAWarningBefore) {
  const Diagnostic warning{.severity = Severity::warning, .code = "odd", .message = "w"};
  const Diagnostic first{.code = "wrong", .message = "a"}, second{.code = "worse", .message = "b"};

  EXPECT_EQ(NmodlError({warning, first, second}).code(), "wrong");
  EXPECT_EQ(NmodlError(warning).code(), "odd");
}

TEST(DiagnosticList, ThrowsAllErrorsTogether) {
  DiagnosticList list;
  list.add({.severity = Severity::warning, .message = "w"});
  EXPECT_NO_THROW(list.throw_if_errors<ConfigError>());

  for (int i = 0; i < 3000; ++i) list.add({.message = "e" + std::to_string(i)});

  EXPECT_FALSE(list.full());
  try {
    list.throw_if_errors<ConfigError>();
    FAIL() << "nothing was thrown";
  } catch (const ConfigError& error) {
    EXPECT_EQ(error.diagnostics().size(), 3001U);
  }
}

TEST(DiagnosticList, OneOfAParserStopsAtItsLimitAndSaysSo) {
  DiagnosticList list(2);
  list.add({.severity = Severity::warning, .message = "w"});
  list.add({.message = "e1"});
  EXPECT_FALSE(list.full());
  list.add({.message = "e2"});
  list.add({.message = "e3"});

  EXPECT_TRUE(list.full());
  ASSERT_EQ(list.items().size(), 3U);
  EXPECT_TRUE(list.items()[1].notes.empty());
  EXPECT_EQ(list.items()[2].format(), "error: e2\n  note: this is error 2 of the file: those after it are not shown");
}

TEST(NearestName, SuggestsOnlyWhatIsNear) {
  EXPECT_EQ(nearest_name("threshhold", {"threshold", "timeout"}), "threshold");
  EXPECT_EQ(nearest_name("GNABAR", {"gnabar", "gkbar"}), "gnabar");
  EXPECT_EQ(nearest_name("banana", {"threshold", "timeout"}), "");
}

}  // namespace
}  // namespace cellwright
