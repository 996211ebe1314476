#pragma once
/// The folder of compiled mechanisms: <folder>/<key>/mechanism.so beside the text it was made from.

#include <filesystem>
#include <functional>
#include <optional>
#include <string>

namespace cellwright::nmodl {

/// ToolchainSettings::cache_folder resolved; "" if neither it nor the environment names one.
std::filesystem::path resolve_cache_folder(const std::filesystem::path& wanted);

/// A folder that is deleted with everything in it when the object dies.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

/// True if files can be made in `folder`, which is created if need be.
bool is_writable_folder(const std::filesystem::path& folder);

/// Holds the lock of one cache entry against other threads and processes, as far as the file system can.
class EntryLock {
 public:
  explicit EntryLock(const std::filesystem::path& file);
  ~EntryLock();
  EntryLock(const EntryLock&) = delete;
  EntryLock& operator=(const EntryLock&) = delete;
  /// False on a file system without locks.
  bool held() const { return held_; }

 private:
  int descriptor_;
  bool held_ = false;
};

/// Appends the checksum that has_valid_checksum() looks for; a shared object stays loadable with it.
void append_checksum(const std::filesystem::path& file);
/// False if the file does not exist, is cut short or has a wrong byte.
bool has_valid_checksum(const std::filesystem::path& file);

}  // namespace cellwright::nmodl
