#pragma once
/// What the fuzzing programs share: options, the files to damage, a watch over each damaged text.

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"

namespace cellwright::test {

struct FuzzOptions {
  int mutants = 1000;
  int compile = 0;
  std::uint64_t seed = 20260101;
  std::filesystem::path work;                  ///< a mutant stays here if it crashes or hangs the program
  std::vector<std::filesystem::path> folders;  ///< or files
};

/// --mutants N, --compile N, --seed N, --work DIR; all else are folders and files.
inline FuzzOptions read_fuzz_options(int argc, char** argv) {
  FuzzOptions options;
  const auto number = [](std::string_view text, auto& value) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
      throw std::runtime_error("not a number: " + std::string(text));
  };
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t i = 0; i < words.size(); ++i) {
    const bool has_value = i + 1 < words.size();
    if (words[i] == "--mutants" && has_value) {
      number(words[++i], options.mutants);
    } else if (words[i] == "--compile" && has_value) {
      number(words[++i], options.compile);
    } else if (words[i] == "--seed" && has_value) {
      number(words[++i], options.seed);
    } else if (words[i] == "--work" && has_value) {
      options.work = words[++i];
    } else {
      options.folders.emplace_back(words[i]);
    }
  }
  if (options.work.empty() || options.folders.empty()) throw std::runtime_error("--work and a folder are needed");
  std::filesystem::create_directories(options.work);
  return options;
}

struct SeedFile {
  std::filesystem::path path;
  std::string text;
};

/// The files below the folders whose name ends so (lower case), each content once, in the order of their paths.
inline std::vector<SeedFile> find_seed_files(const FuzzOptions& options, const std::set<std::string>& extensions) {
  std::set<std::filesystem::path> paths;
  for (const auto& folder : options.folders) {
    if (std::filesystem::is_regular_file(folder)) paths.insert(folder);
    if (!std::filesystem::is_directory(folder)) continue;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      std::string extension = entry.path().extension();
      for (char& c : extension) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
      if (entry.is_regular_file() && extensions.contains(extension)) paths.insert(entry.path());
    }
  }
  std::vector<SeedFile> files;
  std::set<std::string> known;
  for (const auto& path : paths) {
    std::string text = read_file(path);
    if (known.insert(text).second) files.push_back({path, std::move(text)});
  }
  if (files.empty()) throw std::runtime_error("no file to damage below " + options.folders.front().string());
  return files;
}

/// Keeps a text in a file while it is tried, and ends the program (SIGALRM) if that takes long.
class MutantWatch {
 public:
  MutantWatch(const std::filesystem::path& file, const std::string& text) : file_(file) {
    std::ofstream(file_, std::ios::binary) << text;
    ::alarm(60);
  }
  ~MutantWatch() {
    ::alarm(0);
    std::error_code ignored;
    if (!keep_) std::filesystem::remove(file_, ignored);
  }
  MutantWatch(const MutantWatch&) = delete;
  MutantWatch& operator=(const MutantWatch&) = delete;
  void keep() { keep_ = true; }

 private:
  std::filesystem::path file_;
  bool keep_ = false;
};

/// What is wrong with the messages of an error, if anything: each has a code, a text, a place and no control
/// characters.
inline std::optional<std::string> wrong_message(const Error& error, bool needs_line) {
  if (error.diagnostics().empty()) return "an error without a message";
  for (const Diagnostic& diagnostic : error.diagnostics()) {
    const std::string text = diagnostic.format();
    if (diagnostic.code.empty() || diagnostic.message.empty()) return "a message without text or code: " + text;
    if (diagnostic.span.file.empty()) return "a message without a file: " + text;
    if (needs_line && diagnostic.span.line < 1) return "a message without a line: " + text;
    const auto is_control = [](unsigned char c) { return (c < ' ' && c != '\n' && c != '\t') || c == 0x7f; };
    if (std::ranges::any_of(text, is_control)) return "a message with control characters: " + text;
  }
  return std::nullopt;
}

}  // namespace cellwright::test
