#include "cellwright/base/shell_text.hpp"

#include <gtest/gtest.h>

namespace cellwright {
namespace {

TEST(ShellText, LeavesPlainWordsAlone) {
  EXPECT_EQ(shell_command({"cellwright", "-q", "a/b.json"}), "cellwright -q a/b.json");
}

TEST(ShellText, QuotesWhatTheShellWouldChange) {
  EXPECT_EQ(shell_quoted("my cell.json"), "'my cell.json'");
  EXPECT_EQ(shell_quoted("it's"), "'it'\\''s'");
  EXPECT_EQ(shell_quoted(""), "''");
  EXPECT_EQ(shell_quoted("$HOME"), "'$HOME'");
}

}  // namespace
}  // namespace cellwright
