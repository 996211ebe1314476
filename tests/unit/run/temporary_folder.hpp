#pragma once
/// A folder of files for one test.

#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <stdlib.h>

#include "cellwright/base/file.hpp"

namespace cellwright::run {

class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "cellwright-run-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code code;
    std::filesystem::remove_all(path_, code);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  const std::filesystem::path& path() const { return path_; }
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    std::filesystem::create_directories((path_ / name).parent_path());
    write_file_atomically(path_ / name, content);
    return path_ / name;
  }
  std::string read(const std::string& name) const { return read_file(path_ / name); }
  bool has(const std::string& name) const { return std::filesystem::exists(path_ / name); }
  /// The text with this folder's path replaced by DIR.
  std::string masked(std::string text) const {
    const std::string own = path_.string();
    for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at))
      text.replace(at, own.size(), "DIR");
    return text;
  }

 private:
  std::filesystem::path path_;
};

}  // namespace cellwright::run
