#pragma once
/// Reading and writing whole files.

#include <filesystem>
#include <string>
#include <string_view>

namespace cellwright {

/// The bytes of a file. @throws ConfigError (code "file-missing" or "file-unreadable") naming the path.
std::string read_file(const std::filesystem::path& path);

/// Writes `content` so that `path` holds either its old or its new content, whenever the process or machine dies:
/// a temporary file beside it is written, flushed to the disk and renamed over it.
/// @throws Error (code "file-write") naming the path and the system's reason.
void write_file_atomically(const std::filesystem::path& path, std::string_view content);

}  // namespace cellwright
