#include "simulate/neuron/mechanism_build.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <map>
#include <string_view>

#include <signal.h>
#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "cellwright/base/host.hpp"
#include "cellwright/process/run_program.hpp"
#include "nmodl/toolchain/cache.hpp"
#include "nmodl/toolchain/hash.hpp"
#include "nmodl/toolchain/mod_file_scan.hpp"

namespace cellwright::simulate::neuron {
namespace {

namespace fs = std::filesystem;

/// Name in the build folder -> content.
using Sources = std::map<std::string, std::string>;

bool may_be_included(const fs::path& file) {
  const std::string extension = file.extension().string();
  return extension == ".inc" || extension == ".h" || extension == ".hpp";
}

bool is_wanted(const nmodl::ModFile& file, const MechanismRequest& request) {
  return !file.name.empty() && (request.all || std::ranges::count(request.names, file.name) > 0);
}

std::vector<nmodl::ModFile> wanted_files(const MechanismRequest& request) {
  std::vector<nmodl::ModFile> files = nmodl::scan_folders(request.directories);
  std::erase_if(files, [&](const nmodl::ModFile& file) { return !is_wanted(file, request); });
  return files;
}

Sources collect(const std::vector<nmodl::ModFile>& files, const MechanismRequest& request) {
  Sources sources;
  for (const nmodl::ModFile& file : files) {
    std::string name = file.path.filename().string();
    for (int k = 2; sources.contains(name); ++k) name = fmt::format("{}_{}.mod", file.path.stem().string(), k);
    sources[name] = file.text;
  }
  if (sources.empty()) return sources;
  for (const fs::path& directory : request.directories) {
    for (const auto& entry : fs::directory_iterator(directory)) {
      if (entry.is_regular_file() && may_be_included(entry.path()))
        sources.try_emplace(entry.path().filename().string(), read_file(entry.path()));
    }
  }
  return sources;
}

std::string key_of(const Sources& sources, const NeuronInstallation& neuron) {
  std::string all = neuron.version + '\n' + neuron.nrnivmodl + '\n';
  for (const auto& [name, content] : sources) all += fmt::format("{}\n{}\n{}", name, content.size(), content);
  return nmodl::to_hex(nmodl::hash_bytes(all));
}

/// What nrnivmodl left below `folder`; "" if there is none.
fs::path find_library(const fs::path& folder) {
  std::error_code code;
  for (const auto& entry : fs::recursive_directory_iterator(folder, code)) {
    const std::string name = entry.path().filename().string();
    if (name == "libnrnmech.so" || name == "libnrnmech.dylib") return entry.path();
  }
  return {};
}

[[noreturn]] void throw_refused(const NeuronInstallation& neuron, const std::string& output) {
  constexpr std::size_t most = 3000;
  const std::string end = output.size() > most ? "..." + output.substr(output.size() - most) : output;
  throw ToolchainError(Diagnostic{.code = "neuron-nrnivmodl",
                                  .message = "NEURON's nrnivmodl did not compile the mod files",
                                  .fix = "mend the mod file that it names; `nrnivmodl` in their folder shows the same",
                                  .notes = {{fmt::format("command: {}", neuron.nrnivmodl), {}}, {end, {}}}});
}

/// Removes what processes of this machine that were killed while building left beside `folder`. With the lock nobody
/// else builds it (a killed process that its parent has not waited for still has its number); without, only the dead's.
void remove_abandoned(const fs::path& folder, bool locked) {
  const std::string prefix = fmt::format("{}.{}.", folder.filename().string(), host_name());
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(folder.parent_path(), code)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    pid_t builder = 0;
    const char* end = name.data() + name.size();
    const auto [rest, problem] = std::from_chars(name.data() + prefix.size(), end, builder);
    if (problem != std::errc{} || rest != end || builder <= 0) continue;
    std::error_code ignored;
    if (locked || (::kill(builder, 0) != 0 && errno == ESRCH)) fs::remove_all(entry.path(), ignored);
  }
}

void compile(const Sources& sources, const NeuronInstallation& neuron, const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  fs::create_directories(folder / "mod");
  for (const auto& [name, content] : sources) write_file_atomically(folder / "mod" / name, content);
  const process::ProgramResult result = process::run_program({neuron.nrnivmodl, "mod"}, folder);
  if (result.exit_code != 0 || find_library(folder).empty()) {
    fs::remove_all(folder, code);
    throw_refused(neuron, result.output);
  }
}

/// The library for NEURON, from the cache or compiled into it; "" without sources.
fs::path build_or_find(const Sources& sources, const NeuronInstallation& neuron, const fs::path& cache_folder) {
  if (sources.empty()) return {};
  const fs::path cache = nmodl::resolve_cache_folder(cache_folder);
  if (!nmodl::is_writable_folder(cache)) {
    throw ToolchainError(
        Diagnostic{.code = "neuron-cache",
                   .message = fmt::format("the cache folder '{}' cannot be written to", cache.string()),
                   .fix = "set CELLWRIGHT_CACHE to a folder that you may write to"});
  }
  const fs::path folder = cache / fmt::format("neuron-{}", key_of(sources, neuron));
  if (const fs::path library = find_library(folder); !library.empty()) return library;
  const nmodl::EntryLock lock(folder.string() + ".lock");
  if (const fs::path library = find_library(folder); !library.empty()) return library;  // built while this one waited
  remove_abandoned(folder, lock.held());
  const fs::path unfinished = fmt::format("{}.{}.{}", folder.string(), host_name(), ::getpid());
  compile(sources, neuron, unfinished);
  std::error_code code;
  fs::rename(unfinished, folder, code);  // fails where another one was quicker, on a file system without locks
  if (code) fs::remove_all(unfinished, code);
  return find_library(folder);
}

bool is_word_character(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// `next`: what follows the word, without blanks.
bool is_random_word(std::string_view word, std::string_view next) {
  constexpr std::array functions = {"scop_random", "exprand",    "normrand",   "poisrand", "set_seed", "mcell_ran4",
                                    "mcell_iran4", "nrnRan4int", "nrnRan4dbl", "rand",     "random",   "drand48",
                                    "erand48",     "lrand48",    "nrand48",    "mrand48",  "jrand48",  "rand_r"};
  if (word == "RANDOM" || word.starts_with("nrnran123_") || word.starts_with("nrn_random_")) return true;
  return next.starts_with('(') && std::ranges::find(functions, word) != functions.end();
}

}  // namespace

bool draws_random_numbers(std::string_view mod_text) {
  while (!mod_text.empty()) {
    const auto start = std::ranges::find_if(mod_text, is_word_character);
    const auto end = std::find_if_not(start, mod_text.end(), is_word_character);
    const std::string_view word(start, end);
    mod_text = std::string_view(end, mod_text.end());
    const std::size_t next = mod_text.find_first_not_of(" \t\r\n");
    if (is_random_word(word, next == std::string_view::npos ? "" : mod_text.substr(next))) return true;
  }
  return false;
}

BuiltMechanisms build_mechanisms(const MechanismRequest& request, const NeuronInstallation& neuron,
                                 const fs::path& cache_folder) {
  const std::vector<nmodl::ModFile> files = wanted_files(request);
  const bool noisy = std::ranges::any_of(files, [&](const nmodl::ModFile& file) {
    const bool is_silent = !request.all && std::ranges::count(request.silenced, file.name) > 0;
    return !is_silent && draws_random_numbers(file.text);
  });
  return {build_or_find(collect(files, request), neuron, cache_folder), noisy};
}

}  // namespace cellwright::simulate::neuron
