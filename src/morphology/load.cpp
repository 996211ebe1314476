#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/morphology/reader.hpp"

namespace cellwright::morphology {

Morphology load_morphology(const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  std::transform(extension.begin(), extension.end(), extension.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  if (extension == ".swc") return read_swc(read_file(path), path.string());
  if (extension == ".asc") return read_asc(read_file(path), path.string());
  throw MorphologyError(Diagnostic{.code = "morphology-extension",
                                   .message = fmt::format("'{}' is not a kind of morphology file", extension),
                                   .span = {.file = path.string()},
                                   .fix = "give an .swc or an .asc (Neurolucida text) file"});
}

}  // namespace cellwright::morphology
