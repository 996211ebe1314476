#pragma once
/// The files of a problem, read once and sent to other ranks, which have them in a folder of their own machine.

#include <filesystem>
#include <string>
#include <vector>

namespace cellwright::run {

/// A file and where it was found.
struct InputFile {
  std::string path;  ///< absolute
  std::string content;
};

/// Reads the files, and those in the folders (not below them; larger ones than 4 MB are left out).
std::vector<InputFile> read_inputs(const std::vector<std::filesystem::path>& files,
                                   const std::vector<std::filesystem::path>& folders);

/// Where the file of an absolute path stands below `root`: relative paths in files lead to one another there too.
std::filesystem::path mirrored_path(const std::filesystem::path& root, const std::filesystem::path& path);
/// Writes each file at its mirrored_path(). @throws Error "file-write".
void write_inputs(const std::vector<InputFile>& inputs, const std::filesystem::path& root);

/// As one text, and back. @throws DistributionError "rank-message" for another text.
std::string pack_inputs(const std::vector<InputFile>& inputs);
std::vector<InputFile> unpack_inputs(const std::string& packed);

}  // namespace cellwright::run
