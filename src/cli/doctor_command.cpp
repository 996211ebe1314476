#include <chrono>
#include <cstdlib>
#include <filesystem>

#include <unistd.h>

#include <fmt/format.h>

#include "cellwright/base/file.hpp"
#include "cellwright/base/version.hpp"
#include "cellwright/nmodl/mechanism_library.hpp"
#include "cellwright/numeric/instruction_set.hpp"
#include "cellwright/parallel/executor.hpp"
#include "cellwright/parallel/ranks.hpp"
#include "cellwright/simulate/neuron_simulator.hpp"
#include "cli/commands.hpp"
#include "cli/exit_status.hpp"
#include "cli/options.hpp"

namespace cellwright::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view test_mechanism = R"(NEURON {
  SUFFIX cellwright_doctor
  NONSPECIFIC_CURRENT i
  RANGE g
}
UNITS {
  (mA) = (milliamp)
  (mV) = (millivolt)
  (S) = (siemens)
}
PARAMETER { g = 0.001 (S/cm2) }
ASSIGNED {
  v (mV)
  i (mA/cm2)
}
BREAKPOINT { i = g * (v + 70) }
)";

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::string compiler_choice() {
  for (const char* name : {"CELLWRIGHT_CXX", "CXX"}) {
    if (!environment(name).empty()) return fmt::format("{} (${})", environment(name), name);
  }
  return "the first of c++, g++, clang++ on PATH";
}

std::string cache_folder() {
  if (!environment("CELLWRIGHT_CACHE").empty()) return environment("CELLWRIGHT_CACHE");
  if (!environment("XDG_CACHE_HOME").empty()) return environment("XDG_CACHE_HOME") + "/cellwright";
  return environment("HOME").empty() ? std::string("none: $HOME is not set")
                                     : environment("HOME") + "/.cache/cellwright";
}

/// What earlier runs left in the cache.
std::string compiled_before() {
  std::size_t native = 0, neuron = 0;
  std::error_code code;
  for (const auto& entry : fs::directory_iterator(cache_folder(), code)) {
    native += fs::exists(entry.path() / "mechanism.so", code) ? 1 : 0;
    neuron += entry.path().filename().string().starts_with("neuron-") && entry.is_directory(code) ? 1 : 0;
  }
  return fmt::format("{} mechanisms for the native engine, {} libraries for NEURON", native, neuron);
}

/// NEURON is optional: without it everything but the engine `neuron` and `verify` works.
std::string neuron_row() {
  try {
    const simulate::NeuronInstallation found = simulate::find_neuron();
    const bool compiles = found.nrnivmodl.find('/') != std::string::npos && fs::exists(found.nrnivmodl);
    return fmt::format(
        "{} ({}, from {}); {}", found.version, found.command.front(), found.found_by,
        compiles ? found.nrnivmodl : "its nrnivmodl, which compiles mod files, was not found: put its folder on PATH");
  } catch (const ToolchainError& error) {
    const Diagnostic& problem = error.diagnostics().front();
    const bool was_named = std::getenv("CELLWRIGHT_NEURON") != nullptr && !problem.notes.empty();
    return fmt::format("not found, needed for --engine neuron and verify only: {}{}", problem.fix,
                       was_named ? fmt::format(" ({})", problem.notes.front().text) : "");
  }
}

/// Compiles a small mechanism, as a run does with mod files. @returns what happened; throws what the toolchain throws.
std::string try_compiler() {
  const fs::path folder = fs::temp_directory_path() / fmt::format("cellwright-doctor-{}", ::getpid());
  fs::create_directories(folder);
  write_file_atomically(folder / "cellwright_doctor.mod", test_mechanism);
  const auto start = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count(); };
  std::error_code code;
  try {
    const nmodl::MechanismLibrary library({.directories = {folder}}, {"cellwright_doctor"});
    const bool cached = library.at("cellwright_doctor").origin == nmodl::MechanismOrigin::cache;
    fs::remove_all(folder, code);
    return fmt::format("works: a test mechanism was {} in {:.2f} s", cached ? "taken from the cache" : "compiled",
                       seconds());
  } catch (...) {
    fs::remove_all(folder, code);
    throw;
  }
}

int doctor_command(const Console& console) {
  std::vector<std::vector<std::string>> rows = {{"version", version()},
                                                {"instruction set", numeric::instruction_set()},
                                                {"threads", fmt::format("{}", parallel::hardware_threads())},
                                                {"compiler", compiler_choice()},
                                                {"cache", cache_folder()},
                                                {"compiled before", compiled_before()}};
  int status = exit_status::success;
  std::vector<Diagnostic> problems;
  try {
    rows.push_back({"compilation", try_compiler()});
  } catch (const Error& error) {
    rows.push_back({"compilation", "does not work: only the built-in mechanisms can be used"});
    problems = error.diagnostics();
    status = exit_status::failed;
  }
  rows.push_back({"MPI", parallel::find_ranks_support().text});
  rows.push_back({"NEURON", neuron_row()});
  console.print(format_table(rows, {false, false}));
  console.diagnostics(problems);
  return status;
}

}  // namespace

void add_doctor_command(CLI::App& app, Program& program) {
  CLI::App* command =
      app.add_subcommand("doctor", "Show what the program finds on this machine and whether it can compile mechanisms");
  add_verbosity(*command, program.verbosity);
  command->callback([&program] { program.command = [&program] { return doctor_command(program.console); }; });
}

}  // namespace cellwright::cli
