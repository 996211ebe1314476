#include "cellwright/base/file.hpp"

#include <filesystem>

#include <gmock/gmock.h>
#include <unistd.h>

#include "cellwright/base/error.hpp"

namespace cellwright {
namespace {

class FileTest : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }
  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("cellwright-file-test-" + std::to_string(::getpid()));
};

TEST_F(FileTest, WritesReplacesAndReads) {
  const auto path = folder_ / "a.txt";

  write_file_atomically(path, "one");
  write_file_atomically(path, "two\n");

  EXPECT_EQ(read_file(path), "two\n");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1) << "no temporary file is left";
}

TEST_F(FileTest, MissingFileNamesThePath) {
  try {
    read_file(folder_ / "none.json");
    FAIL() << "nothing was thrown";
  } catch (const ConfigError& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("none.json' does not exist [file-missing]"));
  }
}

TEST_F(FileTest, UnwritableFolderNamesThePathAndReason) {
  try {
    write_file_atomically(folder_ / "no" / "a.txt", "x");
    FAIL() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_THAT(error.what(), testing::HasSubstr("a.txt': No such file or directory [file-write]"));
  }
}

}  // namespace
}  // namespace cellwright
