#include "cellwright/nmodl/toolchain.hpp"

#include <algorithm>
#include <atomic>
#include <charconv>
#include <exception>
#include <functional>
#include <optional>
#include <thread>

#include <dlfcn.h>
#include <unistd.h>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "cellwright/base/error.hpp"
#include "cellwright/base/file.hpp"
#include "cellwright/base/host.hpp"
#include "cellwright/process/run_program.hpp"
#include "nmodl/toolchain/cache.hpp"
#include "nmodl/toolchain/compiler.hpp"
#include "nmodl/toolchain/embedded_headers.hpp"
#include "nmodl/toolchain/hash.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;

/// Everything that the jobs of one build share.
struct BuildContext {
  NumericMode mode;
  Compiler compiler;
  std::vector<std::string> flags;
  fs::path cache_folder;    ///< looked in; may be empty or read-only
  fs::path folder;          ///< written to: the cache, or a private folder
  fs::path include_folder;  ///< holds cellwright/...
};

void write_if_different(const fs::path& path, std::string_view content) {
  std::error_code code;
  if (fs::is_regular_file(path, code) && read_file(path) == content) return;
  fs::create_directories(path.parent_path(), code);
  write_file_atomically(path, content);
}

void write_headers(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  const EntryLock lock(folder / "lock");
  write_if_different(folder / "cellwright/abi/mechanism_abi.h", mechanism_abi_text);
  write_if_different(folder / "cellwright/numeric/lane_math.hpp", lane_math_text);
  write_if_different(folder / "cellwright/numeric/lane_rows.hpp", lane_rows_text);
}

std::string key_of(const BuildRequest& request, const BuildContext& context) {
  return to_hex(hash_texts({request.name, request.source, mechanism_abi_text, lane_math_text, lane_rows_text,
                            std::to_string(CELLWRIGHT_ABI_VERSION), std::to_string(generator_version),
                            fmt::format("{}", fmt::join(context.compiler.command, "\n")), context.compiler.version,
                            fmt::format("{}", fmt::join(context.flags, "\n")), processor_identity()}));
}

/// The place in the mod file that the first error line "file:line:column: error: text" names, if it does.
SourceSpan first_error_place(const std::string& output, const std::string& file) {
  const std::size_t error = output.find(": error: ");
  if (error == std::string::npos) return {.file = file};
  const std::size_t begin = output.rfind('\n', error) + 1;  // npos + 1 == 0
  const std::string place = output.substr(begin, error - begin);
  const std::size_t first = place.find(':');
  if (first == std::string::npos || place.substr(0, first) != fs::path(file).filename().string()) return {.file = file};
  SourceSpan span{.file = file};
  std::from_chars(place.data() + first + 1, place.data() + place.size(), span.line);
  return span;
}

[[noreturn]] void throw_refused(const BuildRequest& request, const std::vector<std::string>& command,
                                const process::ProgramResult& result) {
  std::string output = result.output.substr(0, 4000);
  if (output.empty()) output = fmt::format("(it printed nothing and ended with code {})", result.exit_code);
  Diagnostic diagnostic{
      .code = "toolchain-compile",
      .message = fmt::format("the C++ compiler refused the code generated for mechanism '{}'", request.name),
      .span = first_error_place(result.output, request.file),
      .fix =
          "check that CELLWRIGHT_CXX (or CXX, c++) is a working C++20 compiler; if it is, this is a bug in "
          "cellwright: please report it with the mod file"};
  diagnostic.notes.push_back({fmt::format("command: {}", fmt::join(command, " ")), {}});
  diagnostic.notes.push_back({output, {}});
  throw ToolchainError(diagnostic);
}

/// What processes of this machine that were killed while they compiled this entry left behind. Only for who holds the
/// entry's lock, which on a shared file system need not mean anything to other machines.
void remove_left_overs(const fs::path& folder) {
  const std::string ours = fmt::format("tmp.{}.", host_name());
  std::error_code code;
  for (const auto& file : fs::directory_iterator(folder, code)) {
    if (file.path().filename().string().find(ours) == std::string::npos) continue;
    std::error_code ignored;
    fs::remove(file.path(), ignored);
  }
}

/// Makes `temporary` the entry. One that is there stays if it is whole: another machine may have built it and be
/// running it, and over NFS a program must not lose the file that it runs.
void publish(const fs::path& temporary, const fs::path& target) {
  std::error_code code;
  const bool is_new = ::link(temporary.c_str(), target.c_str()) == 0;
  if (is_new || has_valid_checksum(target)) {
    fs::remove(temporary, code);
  } else {
    fs::rename(temporary, target);  // a damaged entry, or a file system without links
  }
}

void compile(const BuildRequest& request, const BuildContext& context, const fs::path& target) {
  const fs::path source = target.parent_path() / "mechanism.cpp";
  const fs::path temporary =
      target.parent_path() /
      fmt::format("tmp.{}.{}.{}.so", host_name(), ::getpid(), std::hash<std::thread::id>{}(std::this_thread::get_id()));
  write_if_different(source, request.source);  // another machine may be reading it
  std::vector<std::string> command = context.compiler.command;
  command.insert(command.end(), context.flags.begin(), context.flags.end());
  for (const std::string& word :
       {std::string("-I"), context.include_folder.string(), std::string("-o"), temporary.string(), source.string()}) {
    command.push_back(word);
  }
  const process::ProgramResult result = process::run_program(command);
  std::error_code code;
  if (result.exit_code != 0 || !fs::is_regular_file(temporary, code)) {
    fs::remove(temporary, code);
    throw_refused(request, command, result);
  }
  append_checksum(temporary);
  publish(temporary, target);
}

LoadedMechanism load(const BuildRequest& request, NumericMode mode, const fs::path& file, MechanismOrigin origin) {
  void* handle = ::dlopen(file.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!handle) {
    const char* reason = ::dlerror();
    throw ToolchainError(Diagnostic{.code = "toolchain-load",
                                    .message = fmt::format("the compiled mechanism '{}' cannot be loaded: {}",
                                                           request.name, reason ? reason : "no reason given"),
                                    .fix = "set CELLWRIGHT_CACHE to a folder from which programs may run"});
  }
  LoadedMechanism loaded{
      .library = std::shared_ptr<const void>(handle, [](const void* h) { ::dlclose(const_cast<void*>(h)); }),
      .origin = origin};
  const auto entry = reinterpret_cast<cw_library_entry>(::dlsym(handle, CELLWRIGHT_LIBRARY_ENTRY));
  int32_t count = 0;
  if (entry) loaded.descriptor = entry(&count);
  if (count < 1) loaded.descriptor = nullptr;
  check_descriptor(loaded.descriptor, mode, fmt::format("mechanism '{}' ('{}')", request.name, file.string()));
  return loaded;
}

LoadedMechanism build_one(const BuildRequest& request, const BuildContext& context) {
  const std::string key = key_of(request, context);
  const fs::path cached = context.cache_folder / key / "mechanism.so";
  if (has_valid_checksum(cached)) return load(request, context.mode, cached, MechanismOrigin::cache);
  const fs::path target = context.folder / key / "mechanism.so";
  std::error_code code;
  fs::create_directories(target.parent_path(), code);
  const EntryLock lock(target.parent_path() / "lock");
  // Another process may have built it while this one waited.
  if (has_valid_checksum(target)) return load(request, context.mode, target, MechanismOrigin::cache);
  if (lock.held()) remove_left_overs(target.parent_path());
  write_headers(context.include_folder);
  compile(request, context, target);
  return load(request, context.mode, target, MechanismOrigin::compiled);
}

/// Calls job(0) ... job(count - 1) on up to `workers` threads; afterwards throws the exception of the lowest index.
template <class Job>
void run_jobs(std::size_t count, std::size_t workers, const Job& job) {
  std::vector<std::exception_ptr> failures(count);
  std::atomic<std::size_t> next{0};
  const auto work = [&] {
    for (std::size_t index = next++; index < count; index = next++) {
      try {
        job(index);
      } catch (...) {
        failures[index] = std::current_exception();
      }
    }
  };
  std::vector<std::jthread> threads;
  for (std::size_t i = 1; i < std::min(workers, count); ++i) threads.emplace_back(work);
  work();
  threads.clear();  // joins
  for (const std::exception_ptr& failure : failures) {
    if (failure) std::rethrow_exception(failure);
  }
}

}  // namespace

void check_descriptor(const cw_mechanism* descriptor, NumericMode mode, const std::string& where) {
  const auto refuse = [&](const std::string& what) {
    throw ToolchainError(Diagnostic{.code = "toolchain-abi",
                                    .message = fmt::format("{} does not fit this program: {}", where, what),
                                    .fix = "delete the cache folder (CELLWRIGHT_CACHE, ~/.cache/cellwright)"});
  };
  if (!descriptor) refuse("it describes no mechanism");
  if (descriptor->abi_version != CELLWRIGHT_ABI_VERSION) {
    refuse(fmt::format("ABI version {} instead of {}", descriptor->abi_version, CELLWRIGHT_ABI_VERSION));
  }
  if (descriptor->lanes != static_cast<std::uint32_t>(lanes_of(mode))) {
    refuse(fmt::format("{} lanes instead of {}", descriptor->lanes, lanes_of(mode)));
  }
  if (descriptor->real_bytes != static_cast<std::uint32_t>(real_bytes_of(mode))) {
    refuse(fmt::format("numbers of {} bytes instead of {}", descriptor->real_bytes, real_bytes_of(mode)));
  }
}

std::vector<LoadedMechanism> build_mechanisms(std::span<const BuildRequest> requests, NumericMode mode,
                                              const ToolchainSettings& settings) {
  if (requests.empty()) return {};
  BuildContext context{.mode = mode,
                       .compiler = {},
                       .flags = compile_flags(mode, settings.derivatives),
                       .cache_folder = resolve_cache_folder(settings.cache_folder),
                       .folder = {},
                       .include_folder = {}};
  std::optional<TemporaryFolder> own_folder;
  context.folder = is_writable_folder(context.cache_folder) ? context.cache_folder : own_folder.emplace().path();
  context.compiler = identify_compiler(find_compiler(settings.compiler), context.folder / "compilers");
  context.include_folder =
      context.folder /
      fmt::format("include-{}", to_hex(hash_texts({mechanism_abi_text, lane_math_text, lane_rows_text})));
  std::vector<LoadedMechanism> loaded(requests.size());
  const std::size_t workers =
      settings.jobs > 0 ? static_cast<std::size_t>(settings.jobs) : std::max(1U, std::thread::hardware_concurrency());
  run_jobs(requests.size(), workers, [&](std::size_t i) { loaded[i] = build_one(requests[i], context); });
  return loaded;
}

}  // namespace cellwright::nmodl
