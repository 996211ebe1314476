/// Which mod files belong to a problem's identity.

#include <algorithm>
#include <map>
#include <set>

#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "loader_context.hpp"

namespace cellwright::run {
namespace {

namespace fs = std::filesystem;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

/// The next word of NMODL text from `position` on, skipping comments and everything that is not a word.
std::string next_word(std::string_view text, std::size_t& position) {
  while (position < text.size() && !is_name_character(text[position])) {
    if (text[position] == ':' || text[position] == '?') {
      position = std::min(text.find('\n', position), text.size());
    } else {
      ++position;
    }
  }
  const std::size_t begin = position;
  while (position < text.size() && is_name_character(text[position])) ++position;
  return std::string(text.substr(begin, position - begin));
}

/// The name of a mod file's mechanism: what follows SUFFIX, POINT_PROCESS or ARTIFICIAL_CELL; "" if there is none.
std::string mechanism_name(std::string_view text) {
  std::size_t position = 0;
  while (position < text.size()) {
    const std::string word = next_word(text, position);
    if (word == "COMMENT") {
      position = std::min(text.find("ENDCOMMENT", position), text.size());
    } else if (word == "SUFFIX" || word == "POINT_PROCESS" || word == "ARTIFICIAL_CELL") {
      return next_word(text, position);
    }
  }
  return {};
}

/// Mod files by the name of their mechanism. Unreadable files are left to the mechanism library, which reports them.
std::map<std::string, fs::path> find_mod_files(const std::vector<fs::path>& directories) {
  std::set<fs::path> files;
  std::error_code code;
  for (const fs::path& directory : directories) {
    for (const auto& entry : fs::directory_iterator(directory, code)) {
      if (entry.path().extension() == ".mod") files.insert(entry.path());
    }
  }
  std::map<std::string, fs::path> found;
  for (const fs::path& file : files) {
    try {
      found.emplace(mechanism_name(read_file(file)), file);
    } catch (const ConfigError&) {
      continue;
    }
  }
  return found;
}

/// The file and all that it includes; the file alone if it is wrong (it is refused later, with its errors).
std::vector<std::string> texts_of(const fs::path& file) {
  try {
    return nmodl::compile_front_end(file).texts;
  } catch (const Error&) {
    return {read_file(file)};
  }
}

}  // namespace

void hash_mechanisms(const model::CellModel& cell, LoaderContext& context) {
  const std::map<std::string, fs::path> files = find_mod_files(cell.mechanism_directories);
  std::set<std::string> done;
  const auto add = [&](const std::string& suffix) {
    const auto file = files.find(suffix);
    if (file == files.end() || !done.insert(suffix).second) return;
    for (const std::string& text : texts_of(file->second)) context.hash.add(text);
  };
  for (const model::NrnMODMechanism& mechanism : cell.mechanisms) add(mechanism.suffix);
  for (const model::NrnMODPointProcessMechanism& mechanism : cell.point_processes) add(mechanism.suffix);
  for (const model::ArtificialCell& artificial : cell.artificial_cells) add(artificial.suffix);
}

}  // namespace cellwright::run
