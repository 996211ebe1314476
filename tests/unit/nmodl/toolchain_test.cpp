#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/host.hpp"
#include "cellwright/nmodl/front_end.hpp"
#include "cellwright/nmodl/toolchain.hpp"
#include "nmodl/toolchain/cache.hpp"
#include "nmodl/toolchain/compiler.hpp"
#include "support/temporary_folder.hpp"

namespace cellwright::nmodl {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

const char* const leak = R"(
NEURON { SUFFIX leak NONSPECIFIC_CURRENT i RANGE g }
PARAMETER { g = 0.001 }
ASSIGNED { v i }
BREAKPOINT { i = g*v }
)";

BuildRequest request_for(const std::string& text = leak, const std::string& file = "leak.mod") {
  const MechanismDescription description = compile_front_end(text, file);
  return {description.name, generate_cpp(description), file};
}

LoadedMechanism build(const BuildRequest& request, const fs::path& cache, NumericMode mode = NumericMode::fast) {
  return build_mechanisms({&request, 1}, mode, {.compiler = {}, .cache_folder = cache, .jobs = 1}).front();
}

std::vector<fs::path> libraries_in(const fs::path& cache) {
  std::vector<fs::path> found;
  for (const auto& entry : fs::recursive_directory_iterator(cache)) {
    if (entry.path().extension() == ".so") found.push_back(entry.path());
  }
  return found;
}

/// Sets an environment variable for the time of a test.
class Environment {
 public:
  Environment(const char* name, const std::string& value) : name_(name) {
    if (const char* old = std::getenv(name)) old_ = old, had_ = true;
    ::setenv(name, value.c_str(), 1);
  }
  ~Environment() {
    if (had_) {
      ::setenv(name_, old_.c_str(), 1);
    } else {
      ::unsetenv(name_);
    }
  }
  Environment(const Environment&) = delete;
  Environment& operator=(const Environment&) = delete;

 private:
  const char* name_;
  std::string old_;
  bool had_ = false;
};

std::string error_of(const auto& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.what();
  }
  return "no error";
}

// -------------------------------------------------------------------------------------------------------- cache

TEST(Toolchain, the_second_build_is_a_cache_hit_and_fast) {
  const cellwright::test::TemporaryFolder folder;
  const BuildRequest request = request_for();
  EXPECT_EQ(build(request, folder.path()).origin, MechanismOrigin::compiled);
  const auto begin = std::chrono::steady_clock::now();
  const LoadedMechanism second = build(request, folder.path());
  const std::chrono::duration<double> time = std::chrono::steady_clock::now() - begin;
  EXPECT_EQ(second.origin, MechanismOrigin::cache);
  EXPECT_STREQ(second.descriptor->name, "leak");
  EXPECT_LT(time.count(), 0.1);
}

TEST(Toolchain, the_key_knows_mode_and_text_but_not_the_folder_of_the_mod) {
  const cellwright::test::TemporaryFolder folder;
  build(request_for(), folder.path());
  EXPECT_EQ(build(request_for(leak, "elsewhere/leak.mod"), folder.path()).origin, MechanismOrigin::cache);
  EXPECT_EQ(build(request_for(), folder.path(), NumericMode::strict).origin, MechanismOrigin::compiled);
  const LoadedMechanism single = build(request_for(), folder.path(), NumericMode::single);
  EXPECT_EQ(single.origin, MechanismOrigin::compiled);
  EXPECT_EQ(single.descriptor->lanes, 2U * CELLWRIGHT_LANES);
  EXPECT_EQ(single.descriptor->real_bytes, 4U);
  EXPECT_EQ(build(request_for(), folder.path(), NumericMode::single).origin, MechanismOrigin::cache);
  EXPECT_EQ(build(request_for(), folder.path()).descriptor->real_bytes, 8U);
  const std::string other = std::string(leak).replace(std::string(leak).find("0.001"), 5, "0.002");
  EXPECT_EQ(build(request_for(other), folder.path()).descriptor->param[0].default_value, 0.002);
  EXPECT_EQ(libraries_in(folder.path()).size(), 4U);
}

TEST(Toolchain, functions_for_tests_of_derivatives_are_compiled_where_they_are_asked_for) {
  const test::TemporaryFolder cache;
  const BuildRequest request = request_for();
  const auto derivatives = [&](bool wanted) {
    const ToolchainSettings settings{.compiler = {}, .cache_folder = cache.path(), .jobs = 1, .derivatives = wanted};
    return build_mechanisms({&request, 1}, NumericMode::fast, settings).front();
  };

  const LoadedMechanism without = derivatives(false), with = derivatives(true);

  EXPECT_EQ(with.origin, MechanismOrigin::compiled) << "the key knows what is asked for";
  EXPECT_EQ(without.descriptor->derivatives->currents, nullptr);
  EXPECT_NE(with.descriptor->derivatives->currents, nullptr);
  for (const LoadedMechanism* mechanism : {&without, &with}) {
    EXPECT_EQ(mechanism->descriptor->derivatives->n_current_outputs, 2) << "i and di/dv";
    EXPECT_NE(mechanism->descriptor->derivatives->implicit, nullptr);
  }
}

TEST(Toolchain, a_damaged_or_cut_entry_is_built_anew) {
  const cellwright::test::TemporaryFolder folder;
  const BuildRequest request = request_for();
  build(request, folder.path());
  const fs::path library = libraries_in(folder.path()).at(0);
  const std::string whole = read_file(library);
  for (const std::string& broken : {whole.substr(0, whole.size() / 2), std::string(), [&] {
                                      std::string flipped = whole;
                                      flipped[whole.size() / 3] = static_cast<char>(flipped[whole.size() / 3] ^ 1);
                                      return flipped;
                                    }()}) {
    write_file_atomically(library, broken);
    EXPECT_EQ(build(request, folder.path()).origin, MechanismOrigin::compiled);
    EXPECT_TRUE(has_valid_checksum(library));
  }
}

TEST(Toolchain, two_processes_share_one_cache) {
  const cellwright::test::TemporaryFolder folder;
  const BuildRequest request = request_for();
  std::vector<pid_t> children;
  for (int i = 0; i < 3; ++i) {
    const pid_t child = ::fork();
    if (child == 0) {
      const LoadedMechanism loaded = build(request, folder.path());
      ::_exit(loaded.descriptor && loaded.descriptor->n_params == 1 ? 0 : 1);
    }
    children.push_back(child);
  }
  for (const pid_t child : children) {
    int status = 1;
    ::waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  EXPECT_EQ(libraries_in(folder.path()).size(), 1U);
  EXPECT_EQ(build(request, folder.path()).origin, MechanismOrigin::cache);
}

/// A compiler that tells in `started` that it runs, by one byte a run, and then takes its time.
fs::path slow_compiler(const cellwright::test::TemporaryFolder& folder) {
  const fs::path program =
      folder.write("slow-c++", "#!/bin/sh\nif [ \"$1\" != --version ]; then printf x >> '" +
                                   (folder.path() / "started").string() + "'; sleep 0.3; fi\nexec c++ \"$@\"\n");
  fs::permissions(program, fs::perms::owner_all);
  return program;
}

pid_t start_build(const std::vector<BuildRequest>& requests, const fs::path& compiler, const fs::path& cache) {
  const pid_t child = ::fork();
  if (child != 0) return child;
  try {
    const auto loaded = build_mechanisms(requests, NumericMode::fast,
                                         {.compiler = {compiler.string()}, .cache_folder = cache, .jobs = 2});
    const bool good = std::equal(loaded.begin(), loaded.end(), requests.begin(), requests.end(),
                                 [](const auto& l, const auto& r) { return l.descriptor->name == r.name; });
    ::_exit(good ? 0 : 1);
  } catch (...) {
    ::_exit(2);
  }
}

TEST(Toolchain, processes_that_share_an_empty_cache_outlive_the_death_of_one) {
  const cellwright::test::TemporaryFolder folder, cache;
  const fs::path compiler = slow_compiler(folder), started = folder.path() / "started";
  std::vector<BuildRequest> requests;
  for (const char* name : {"c1", "c2", "c3"}) {
    requests.push_back(request_for(std::string(leak).replace(std::string(leak).find("leak"), 4, name)));
  }
  const auto compilers_started = [&] { return fs::exists(started) ? fs::file_size(started) : 0; };
  const auto wait_until = [](const auto& condition) {
    for (int tries = 0; tries < 6000 && !condition(); ++tries) ::usleep(10000);
    return condition();
  };

  const pid_t victim = start_build(requests, compiler, cache.path());
  ASSERT_TRUE(wait_until([&] { return compilers_started() > 0; }));
  std::vector<pid_t> others;
  for (int i = 0; i < 4; ++i) others.push_back(start_build(requests, compiler, cache.path()));
  ::kill(victim, SIGKILL);  // while its compilers run: their results have no owner
  int status = 0;
  ::waitpid(victim, &status, 0);
  EXPECT_TRUE(WIFSIGNALED(status)) << "it ended before it was killed";

  for (const pid_t other : others) {
    ::waitpid(other, &status, 0);
    EXPECT_EQ(status, 0);
  }
  // The dead one's work at most was done twice, not once for each of the four.
  EXPECT_LE(compilers_started(), 2 * requests.size());
  std::size_t libraries = 0;
  for (const fs::path& library : libraries_in(cache.path())) {
    if (library.filename() != "mechanism.so") continue;  // an orphaned compiler may still write its own file
    EXPECT_TRUE(has_valid_checksum(library)) << library;
    ++libraries;
  }
  EXPECT_EQ(libraries, requests.size());
  const auto again =
      build_mechanisms(requests, NumericMode::fast, {.compiler = {compiler.string()}, .cache_folder = cache.path()});
  for (const LoadedMechanism& mechanism : again) EXPECT_EQ(mechanism.origin, MechanismOrigin::cache);
}

TEST(Toolchain, what_a_killed_process_left_in_an_entry_goes_with_the_next_build) {
  const cellwright::test::TemporaryFolder folder;
  const BuildRequest request = request_for();
  build(request, folder.path());
  const fs::path library = libraries_in(folder.path()).at(0);
  const fs::path left_over = library.parent_path() / ("tmp." + host_name() + ".1234.5.so"),
                 source = library.parent_path() / "mechanism.cpp";
  for (const fs::path& file : {left_over, fs::path(source.string() + ".tmp." + host_name() + ".1234")})
    std::ofstream(file) << "x";
  fs::remove(library);

  EXPECT_EQ(build(request, folder.path()).origin, MechanismOrigin::compiled);
  EXPECT_FALSE(fs::exists(left_over));
  EXPECT_FALSE(fs::exists(source.string() + ".tmp." + host_name() + ".1234"));
  EXPECT_TRUE(fs::exists(source));
}

TEST(Toolchain, several_mechanisms_build_at_once_in_the_order_asked_for) {
  const cellwright::test::TemporaryFolder folder;
  std::vector<BuildRequest> requests;
  for (const char* name : {"c1", "c2", "c3", "c4", "c2"}) {
    requests.push_back(request_for(std::string(leak).replace(std::string(leak).find("leak"), 4, name)));
  }
  const auto loaded = build_mechanisms(requests, NumericMode::fast, {.compiler = {}, .cache_folder = folder.path()});
  ASSERT_EQ(loaded.size(), 5U);
  for (std::size_t i = 0; i < 5; ++i) EXPECT_EQ(loaded[i].descriptor->name, requests[i].name);
}

TEST(Toolchain, an_impossible_cache_folder_is_replaced) {
  const cellwright::test::TemporaryFolder folder;
  const fs::path file = folder.write("file", "");
  const LoadedMechanism loaded = build(request_for(), file / "below");
  EXPECT_EQ(loaded.origin, MechanismOrigin::compiled);
  EXPECT_STREQ(loaded.descriptor->name, "leak");
}

TEST(Toolchain, the_cache_folder_comes_from_the_environment) {
  const Environment cache("CELLWRIGHT_CACHE", ""), xdg("XDG_CACHE_HOME", ""), home("HOME", "/home/someone");
  EXPECT_EQ(resolve_cache_folder({}), "/home/someone/.cache/cellwright");
  const Environment xdg_set("XDG_CACHE_HOME", "/x");
  EXPECT_EQ(resolve_cache_folder({}), "/x/cellwright");
  const Environment cache_set("CELLWRIGHT_CACHE", "/c");
  EXPECT_EQ(resolve_cache_folder({}), "/c");
  EXPECT_EQ(resolve_cache_folder("/asked"), "/asked");
}

// ----------------------------------------------------------------------------------------------------- compiler

TEST(Toolchain, says_how_to_get_a_compiler) {
  const cellwright::test::TemporaryFolder empty;
  const Environment path("PATH", empty.path().string()), own("CELLWRIGHT_CXX", ""), cxx("CXX", "");
  EXPECT_EQ(error_of([] { find_compiler({}); }),
            "error: no C++ compiler was found, and mechanisms from .mod files need one [toolchain-missing]\n"
            "  fix: install a C++20 compiler (Debian, Ubuntu: apt install g++) or name one in CELLWRIGHT_CXX; the "
            "built-in mechanisms need none");
}

TEST(Toolchain, a_compiler_from_the_environment_must_exist) {
  const Environment own("CELLWRIGHT_CXX", "no-such-compiler --flag");
  EXPECT_THAT(error_of([] { find_compiler({}); }),
              HasSubstr("the C++ compiler 'no-such-compiler' (from the environment variable CELLWRIGHT_CXX) does not "
                        "exist [toolchain-missing]"));
}

TEST(Toolchain, the_own_variable_wins_and_may_have_arguments) {
  const cellwright::test::TemporaryFolder folder;
  const fs::path program = folder.write("my compiler", "#!/bin/sh\necho mine 1.0\n");
  fs::permissions(program, fs::perms::owner_all);
  const Environment cxx("CXX", "false");
  const Environment own("CELLWRIGHT_CXX", program.string());
  EXPECT_EQ(find_compiler({}), std::vector<std::string>{program.string()});
  const Environment with_argument("CELLWRIGHT_CXX", "sh -c");
  const std::vector<std::string> command = find_compiler({});
  ASSERT_EQ(command.size(), 2U);
  EXPECT_THAT(command[0], ::testing::EndsWith("/sh"));
  EXPECT_EQ(command[1], "-c");
}

TEST(Toolchain, the_version_is_asked_for_once_per_compiler) {
  const cellwright::test::TemporaryFolder folder;
  const fs::path program =
      folder.write("cxx", "#!/bin/sh\necho x >> \"" + (folder.path() / "calls").string() + "\"\necho mine 1.0\n");
  fs::permissions(program, fs::perms::owner_all);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(identify_compiler({program.string()}, folder.path() / "memory").version, "mine 1.0\n");
  }
  EXPECT_EQ(read_file(folder.path() / "calls"), "x\n");
  std::ofstream(program, std::ios::app) << "# changed\n";
  identify_compiler({program.string()}, folder.path() / "memory");
  EXPECT_EQ(read_file(folder.path() / "calls"), "x\nx\n");
}

TEST(Toolchain, a_refusal_names_the_line_of_the_mod_file) {
  const cellwright::test::TemporaryFolder folder;
  const BuildRequest request{"bad", "#line 12 \"bad.mod\"\nint x = ;\n", "mods/bad.mod"};
  try {
    build(request, folder.path());
    FAIL();
  } catch (const ToolchainError& error) {
    const Diagnostic& diagnostic = error.diagnostics().front();
    EXPECT_EQ(diagnostic.code, "toolchain-compile");
    EXPECT_EQ(diagnostic.message, "the C++ compiler refused the code generated for mechanism 'bad'");
    EXPECT_EQ(diagnostic.span.file, "mods/bad.mod");
    EXPECT_EQ(diagnostic.span.line, 12);
    EXPECT_THAT(error.what(), HasSubstr("bad.mod:12:9: error:"));
  }
  EXPECT_TRUE(libraries_in(folder.path()).empty());
}

TEST(Toolchain, a_library_of_another_abi_is_refused) {
  const cw_mechanism other{.abi_version = CELLWRIGHT_ABI_VERSION + 1, .lanes = CELLWRIGHT_LANES, .real_bytes = 8};
  EXPECT_THAT(error_of([&] { check_descriptor(&other, NumericMode::fast, "mechanism 'x'"); }),
              HasSubstr(fmt::format(
                  "error: mechanism 'x' does not fit this program: ABI version {} instead of {} [toolchain-abi]",
                  CELLWRIGHT_ABI_VERSION + 1, CELLWRIGHT_ABI_VERSION)));
  cw_mechanism lanes = other;
  lanes.abi_version = CELLWRIGHT_ABI_VERSION;
  lanes.lanes = 3;
  EXPECT_THAT(error_of([&] { check_descriptor(&lanes, NumericMode::fast, "mechanism 'x'"); }),
              HasSubstr(": 3 lanes instead of 8 ["));
  lanes.lanes = CELLWRIGHT_LANES;
  EXPECT_THAT(error_of([&] { check_descriptor(&lanes, NumericMode::single, "mechanism 'x'"); }),
              HasSubstr(": 8 lanes instead of 16 ["));
  lanes.real_bytes = 4;
  EXPECT_THAT(error_of([&] { check_descriptor(&lanes, NumericMode::fast, "mechanism 'x'"); }),
              HasSubstr(": numbers of 4 bytes instead of 8 ["));
  EXPECT_THAT(error_of([&] { check_descriptor(nullptr, NumericMode::fast, "mechanism 'x'"); }),
              HasSubstr(": it describes no mechanism ["));
}

}  // namespace
}  // namespace cellwright::nmodl
