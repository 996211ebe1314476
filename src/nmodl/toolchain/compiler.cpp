#include "nmodl/toolchain/compiler.hpp"

#include <array>
#include <cstdlib>
#include <sstream>

#include <sys/stat.h>
#include <unistd.h>
#if defined(__x86_64__) || defined(__i386__)
#include <cpuid.h>
#else
#include <sys/auxv.h>
#endif

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/abi/mechanism_abi.h"
#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "cellwright/nmodl/toolchain.hpp"
#include "cellwright/numeric/instruction_set.hpp"
#include "cellwright/process/run_program.hpp"
#include "nmodl/toolchain/hash.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value ? value : "";
}

/// Absolute path of a program, or "" if there is none.
std::string find_program(const std::string& name) {
  const auto runs = [](const fs::path& path) { return ::access(path.c_str(), X_OK) == 0 && !fs::is_directory(path); };
  if (name.find('/') != std::string::npos) return runs(name) ? fs::absolute(name).string() : "";
  std::istringstream folders(environment("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    const fs::path path = fs::path(folder.empty() ? "." : folder) / name;
    if (runs(path)) return fs::absolute(path).string();
  }
  return "";
}

std::vector<std::string> split_words(const std::string& text) {
  std::istringstream stream(text);
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

[[noreturn]] void throw_missing(const std::string& message) {
  throw ToolchainError(Diagnostic{
      .code = "toolchain-missing",
      .message = message,
      .fix = "install a C++20 compiler (Debian, Ubuntu: apt install g++) or name one in CELLWRIGHT_CXX; the built-in "
             "mechanisms need none"});
}

/// The command if its program exists. A value such as "ccache g++" is split; a path with blanks is taken whole.
std::vector<std::string> resolve(std::vector<std::string> command, const std::string& source) {
  const std::string program = find_program(command.front());
  if (program.empty()) throw_missing(fmt::format("the C++ compiler '{}' ({}) does not exist", command.front(), source));
  command.front() = program;
  return command;
}

/// Path, size and time of change of every word of the command that is a program.
std::string fingerprint(const std::vector<std::string>& command) {
  std::string text;
  for (const std::string& word : command) {
    const std::string program = find_program(word);
    struct stat status {};
    if (!program.empty() && ::stat(program.c_str(), &status) == 0) {
      text += fmt::format("{} {} {}.{} ", program, status.st_size, status.st_mtim.tv_sec, status.st_mtim.tv_nsec);
    }
    text += word + "\n";
  }
  return text;
}

std::string architecture_flag() {
#if defined(__x86_64__)
  constexpr std::array<const char*, 3> flags{"-march=x86-64-v2", "-march=x86-64-v3", "-march=x86-64-v4"};
  if (numeric::instruction_set_is_chosen()) return flags.at(static_cast<std::size_t>(numeric::best_instruction_set()));
#endif
  return "-march=native";
}

}  // namespace

std::vector<std::string> find_compiler(const std::vector<std::string>& wanted) {
  if (!wanted.empty()) return resolve(wanted, "from the settings");
  for (const char* variable : {"CELLWRIGHT_CXX", "CXX"}) {
    const std::string value = environment(variable);
    const std::vector<std::string> words = split_words(value);
    if (words.empty()) continue;
    const std::string source = fmt::format("from the environment variable {}", variable);
    return resolve(find_program(value).empty() ? words : std::vector<std::string>{value}, source);
  }
  for (const char* name : {"c++", "g++", "clang++"}) {
    const std::string program = find_program(name);
    if (!program.empty()) return {program};
  }
  throw_missing("no C++ compiler was found, and mechanisms from .mod files need one");
}

Compiler identify_compiler(std::vector<std::string> command, const std::filesystem::path& memory_folder) {
  const fs::path memory = memory_folder / (to_hex(hash_bytes(fingerprint(command))) + ".txt");
  std::error_code code;
  if (fs::is_regular_file(memory, code)) return {std::move(command), read_file(memory)};
  std::vector<std::string> question = command;
  question.emplace_back("--version");
  const process::ProgramResult answer = process::run_program(question);
  if (answer.exit_code != 0 || answer.output.empty()) {
    throw_missing(fmt::format("'{}' failed: {}", fmt::join(question, " "), answer.output));
  }
  fs::create_directories(memory_folder, code);
  try {
    write_file_atomically(memory, answer.output);
  } catch (const Error&) {
    // Without the memory the next run only has to ask again.
  }
  return {std::move(command), answer.output};
}

std::vector<std::string> compile_flags(NumericMode mode, bool derivatives) {
  const bool fast = mode != NumericMode::strict;
  // -fno-tree-pre: behind `if (v == -40) v = v + 0.0001` all would be computed twice, for the number and for v.
  std::vector<std::string> flags = {
      "-std=c++20",
      "-O3",
      architecture_flag(),
      "-fPIC",
      "-shared",
      "-w",
      "-fvisibility=hidden",
      "-fopenmp-simd",
      "-fno-trapping-math",
      "-fno-math-errno",
      "-fno-tree-pre",
      fast ? "-ffp-contract=fast" : "-ffp-contract=off",
      fast ? "-freciprocal-math" : "-fno-reciprocal-math",
      fast ? "-DCELLWRIGHT_FAST=1" : "-DCELLWRIGHT_FAST=0",
      fmt::format("-DCELLWRIGHT_LANES={}", lanes_of(mode)),
      mode == NumericMode::single ? "-DCELLWRIGHT_REAL=float" : "-DCELLWRIGHT_REAL=double"};
#if defined(__x86_64__)
  // A pack of lanes is one register of 512 bits; compilers prefer 256 unless told.
  flags.emplace_back("-mprefer-vector-width=512");
#endif
  if (derivatives) flags.emplace_back("-DCELLWRIGHT_DERIVATIVES=1");
  return flags;
}

std::string processor_identity() {
#if defined(__x86_64__) || defined(__i386__)
  std::string text = "x86";
  for (const auto& [leaf, subleaf] : {std::pair{1U, 0U}, {7U, 0U}, {7U, 1U}, {0x80000001U, 0U}}) {
    unsigned a = 0, b = 0, c = 0, d = 0;
    if (__get_cpuid_count(leaf, subleaf, &a, &b, &c, &d) == 0) continue;
    if (leaf == 1) b = 0;  // holds the number of the core that happens to run this
    text += fmt::format(" {:x}.{}:{:x}.{:x}.{:x}.{:x}", leaf, subleaf, a, b, c, d);
  }
  return text;
#else
  return fmt::format("auxv {:x} {:x}", ::getauxval(AT_HWCAP), ::getauxval(AT_HWCAP2));
#endif
}

}  // namespace cellwright::nmodl
