#pragma once
/// A folder of files for one test, read back and masked in messages.

#include <filesystem>
#include <string>

#include "cellwright/base/file.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::run {

class TemporaryFolder : public test::TemporaryFolder {
 public:
  std::string read(const std::string& name) const { return read_file(path() / name); }
  bool has(const std::string& name) const { return std::filesystem::exists(path() / name); }
  /// The text with this folder's path replaced by DIR.
  std::string masked(std::string text) const {
    const std::string own = path().string();
    for (std::size_t at = text.find(own); at != std::string::npos; at = text.find(own, at))
      text.replace(at, own.size(), "DIR");
    return text;
  }
};

}  // namespace cellwright::run
