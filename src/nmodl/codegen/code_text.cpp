#include "nmodl/codegen/code_text.hpp"

#include <filesystem>

#include <fmt/format.h>

namespace cellwright::nmodl {
namespace {

/// The file's name for #line, without characters that would end the C string.
std::string line_name(const std::string& path) {
  std::string name = std::filesystem::path(path).filename().string();
  std::erase_if(name, [](char c) { return c == '"' || c == '\\' || c == '\n'; });
  return name;
}

}  // namespace

void CodeText::line(std::string text) {
  lines_.push_back({std::string(static_cast<std::size_t>(2 * indent_), ' ') + std::move(text), 0, 0});
}

void CodeText::line(std::string text, const Place& place) {
  line(std::move(text));
  lines_.back().file = place.file;
  lines_.back().mod_line = place.line;
}

void CodeText::append(const CodeText& other) {
  const std::string indent(static_cast<std::size_t>(2 * indent_), ' ');
  for (const Line& l : other.lines_) {
    lines_.push_back(l);
    if (!l.text.empty()) lines_.back().text = indent + l.text;
  }
}

std::string CodeText::print(const std::vector<std::string>& mod_files, const std::string& own_name) const {
  std::string text;
  int physical = 1;          // number of the next line of `text`
  bool in_mod_file = false;  // what the compiler believes of the next line
  int believed_file = 0, believed_line = 0;
  for (const Line& l : lines_) {
    const bool from_mod = l.mod_line > 0 && l.file >= 0 && l.file < static_cast<int>(mod_files.size());
    if (from_mod && !(in_mod_file && believed_file == l.file && believed_line == l.mod_line)) {
      text += fmt::format("#line {} \"{}\"\n", l.mod_line, line_name(mod_files[static_cast<std::size_t>(l.file)]));
      ++physical;
    } else if (!from_mod && in_mod_file) {
      ++physical;
      text += fmt::format("#line {} \"{}\"\n", physical, own_name);
    }
    in_mod_file = from_mod;
    believed_file = l.file;
    believed_line = l.mod_line + 1;
    text += l.text + "\n";
    ++physical;
  }
  return text;
}

}  // namespace cellwright::nmodl
