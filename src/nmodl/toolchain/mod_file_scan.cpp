#include "nmodl/toolchain/mod_file_scan.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;

bool is_word_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// Words and single other characters of NMODL text, without comments, VERBATIM parts and the title line.
class WordReader {
 public:
  explicit WordReader(std::string_view text) : text_(text) {}

  /// The next word or character; "" at the end.
  std::string_view next() {
    for (;;) {
      const std::string_view word = next_raw();
      if (word == ":" || word == "?" || word == "TITLE") {
        skip_past("\n");
      } else if (word == "COMMENT") {
        skip_past("ENDCOMMENT");
      } else if (word == "VERBATIM") {
        skip_past("ENDVERBATIM");
      } else {
        return word;
      }
    }
  }

 private:
  std::string_view next_raw() {
    while (at_ < text_.size() && static_cast<unsigned char>(text_[at_]) <= ' ') ++at_;
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word_character(text_[at_])) ++at_;
    if (at_ == begin && at_ < text_.size()) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void skip_past(std::string_view end) {
    const std::size_t found = text_.find(end, at_);
    at_ = found == std::string_view::npos ? text_.size() : found + end.size();
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

[[noreturn]] void throw_bad_folder(const fs::path& folder, const std::string& reason) {
  throw ConfigError(Diagnostic{.code = "mechanism-folder",
                               .message = fmt::format("mechanism folder '{}' {}", folder.string(), reason),
                               .fix = "check the path; relative paths are relative to the file that names them"});
}

std::vector<fs::path> list_mod_files(const fs::path& folder) {
  std::error_code code;
  if (!fs::exists(folder, code)) throw_bad_folder(folder, "does not exist");
  if (!fs::is_directory(folder, code)) throw_bad_folder(folder, "is not a folder");
  std::vector<fs::path> files;
  fs::directory_iterator entry(folder, code);
  for (; !code && entry != fs::directory_iterator(); entry.increment(code)) {
    std::error_code ignored;
    if (entry->path().extension() == ".mod" && entry->is_regular_file(ignored)) files.push_back(entry->path());
  }
  if (code) throw_bad_folder(folder, "cannot be read: " + code.message());
  std::sort(files.begin(), files.end());
  return files;
}

}  // namespace

std::string scan_mechanism_name(std::string_view text) {
  WordReader reader(text);
  std::string_view word = reader.next();
  while (!word.empty() && word != "NEURON") word = reader.next();
  for (; !word.empty() && word != "}"; word = reader.next()) {
    if (word == "SUFFIX" || word == "POINT_PROCESS" || word == "ARTIFICIAL_CELL") {
      const std::string name(reader.next());
      return !name.empty() && is_word_character(name.front()) && name != "nothing" ? name : "";
    }
  }
  return "";
}

std::vector<ModFile> scan_folders(const std::vector<fs::path>& folders) {
  std::vector<ModFile> files;
  std::vector<fs::path> seen;
  for (const fs::path& folder : folders) {
    std::error_code code;
    const fs::path canonical = fs::weakly_canonical(folder, code);
    if (std::find(seen.begin(), seen.end(), canonical) != seen.end()) continue;  // one folder named twice
    seen.push_back(canonical);
    for (const fs::path& path : list_mod_files(folder)) {
      std::string text = read_file(path);
      std::string name = scan_mechanism_name(text);
      files.push_back({path, std::move(text), std::move(name)});
    }
  }
  return files;
}

}  // namespace cellwright::nmodl
