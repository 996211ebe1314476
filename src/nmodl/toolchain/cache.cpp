#include "nmodl/toolchain/cache.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <string_view>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "nmodl/toolchain/hash.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view checksum_mark = "CWCHECK1";

std::string checksum_of(std::string_view content) {
  const Hash hash = hash_bytes(content);
  return std::string(checksum_mark) + std::string(reinterpret_cast<const char*>(hash.data()), hash.size());
}

}  // namespace

fs::path resolve_cache_folder(const fs::path& wanted) {
  if (!wanted.empty()) return wanted;
  for (const auto& [variable, below] :
       {std::pair{"CELLWRIGHT_CACHE", ""}, {"XDG_CACHE_HOME", "cellwright"}, {"HOME", ".cache/cellwright"}}) {
    const char* value = std::getenv(variable);
    if (value && *value) return *below ? fs::path(value) / below : fs::path(value);
  }
  return {};
}

TemporaryFolder::TemporaryFolder() {
  std::error_code code;
  fs::path base = fs::temp_directory_path(code);
  if (code) base = "/tmp";
  std::string name = (base / "cellwright-XXXXXX").string();
  if (!::mkdtemp(name.data())) {
    throw ToolchainError(Diagnostic{
        .code = "toolchain-folder",
        .message = fmt::format("cannot make a temporary folder in '{}': {}", base.string(), std::strerror(errno)),
        .fix = "set CELLWRIGHT_CACHE or TMPDIR to a folder that you may write to"});
  }
  path_ = name;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code code;
  fs::remove_all(path_, code);
}

bool is_writable_folder(const fs::path& folder) {
  if (folder.empty()) return false;
  std::error_code code;
  fs::create_directories(folder, code);
  return fs::is_directory(folder, code) && ::access(folder.c_str(), W_OK | X_OK) == 0;
}

EntryLock::EntryLock(const fs::path& file) : descriptor_(::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)) {
  if (descriptor_ < 0) return;  // renaming alone keeps entries whole; the lock only saves double work
  int result = 0;
  while ((result = ::flock(descriptor_, LOCK_EX)) != 0 && errno == EINTR) {
  }
  held_ = result == 0;
}

EntryLock::~EntryLock() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void append_checksum(const fs::path& file) {
  const std::string mark = checksum_of(read_file(file));
  std::ofstream stream(file, std::ios::binary | std::ios::app);
  stream.write(mark.data(), static_cast<std::streamsize>(mark.size()));
  stream.close();
  if (!stream) {
    throw ToolchainError(Diagnostic{.code = "toolchain-folder",
                                    .message = fmt::format("cannot write '{}'", file.string()),
                                    .fix = "check that the folder is writable and has space"});
  }
}

bool has_valid_checksum(const fs::path& file) {
  std::error_code code;
  if (!fs::is_regular_file(file, code)) return false;
  std::ifstream stream(file, std::ios::binary);
  const std::string content{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  const std::size_t mark_size = checksum_mark.size() + sizeof(Hash);
  if (!stream.good() && !stream.eof()) return false;
  if (content.size() <= mark_size) return false;
  const std::string_view body = std::string_view(content).substr(0, content.size() - mark_size);
  return std::string_view(content).substr(body.size()) == checksum_of(body);
}

}  // namespace cellwright::nmodl
