#include "cellwright/base/file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>

#include <fcntl.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/host.hpp"

namespace cellwright {
namespace {

[[noreturn]] void throw_write_error(const std::filesystem::path& path, int error_number) {
  throw Error(Diagnostic{.code = "file-write",
                         .message = fmt::format("cannot write '{}': {}", path.string(), std::strerror(error_number)),
                         .fix = "check that the folder exists, is writable and has space"});
}

void write_all(int descriptor, std::string_view content, const std::filesystem::path& path) {
  while (!content.empty()) {
    const ssize_t written = ::write(descriptor, content.data(), content.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      const int error_number = errno;
      ::close(descriptor);
      throw_write_error(path, error_number);
    }
    content.remove_prefix(static_cast<std::size_t>(written));
  }
}

void sync_folder(const std::filesystem::path& folder) {
  const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY);
  if (descriptor < 0) return;  // some file systems cannot open a folder; the rename itself is still atomic
  ::fsync(descriptor);
  ::close(descriptor);
}

}  // namespace

std::string read_file(const std::filesystem::path& path) {
  std::error_code code;
  if (!std::filesystem::exists(path, code)) {
    throw ConfigError(Diagnostic{.code = "file-missing",
                                 .message = fmt::format("file '{}' does not exist", path.string()),
                                 .fix = "check the path; relative paths are relative to the file that names them"});
  }
  std::ifstream stream(path, std::ios::binary);
  std::ostringstream content;
  content << stream.rdbuf();
  if (!stream || std::filesystem::is_directory(path, code)) {
    throw ConfigError(Diagnostic{.code = "file-unreadable",
                                 .message = fmt::format("'{}' cannot be read", path.string()),
                                 .fix = "check that it is a file and that you may read it"});
  }
  return std::move(content).str();
}

void write_file_atomically(const std::filesystem::path& path, std::string_view content) {
  const std::filesystem::path temporary = path.string() + fmt::format(".tmp.{}.{}", host_name(), ::getpid());
  const int descriptor = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor < 0) throw_write_error(path, errno);
  write_all(descriptor, content, path);
  const bool synced = ::fsync(descriptor) == 0;
  const int sync_error = errno;
  ::close(descriptor);
  if (!synced && sync_error != EINVAL) throw_write_error(path, sync_error);
  if (::rename(temporary.c_str(), path.c_str()) != 0) throw_write_error(path, errno);
  sync_folder(path.parent_path());
}

}  // namespace cellwright
