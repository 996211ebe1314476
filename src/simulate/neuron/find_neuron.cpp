#include <cstdlib>
#include <filesystem>

#include <fmt/format.h>

#include "cellwright/base/error.hpp"
#include "cellwright/simulate/neuron_simulator.hpp"
#include "cellwright/text/located_json.hpp"
#include "nmodl/toolchain/cache.hpp"
#include "simulate/neuron/driver_process.hpp"

namespace cellwright::simulate {
namespace {

/// What runs Python text inside NEURON: a Python, or NEURON's own program with Python in it.
std::vector<std::string> command_of(const std::string& program) {
  const bool is_nrniv = std::filesystem::path(program).filename().string().starts_with("nrniv");
  return is_nrniv ? std::vector<std::string>{program, "-nobanner", "-nogui", "-python"} : std::vector{program};
}

/// Starts it and waits for its greeting; adds to `notes` why it does not work.
std::optional<NeuronInstallation> try_program(const std::string& program, std::string found_by,
                                              std::vector<Note>& notes) {
  constexpr double patience_s = 120;
  const nmodl::TemporaryFolder folder;
  NeuronInstallation result{.command = command_of(program), .found_by = std::move(found_by)};
  try {
    neuron::DriverProcess driver(result.command, folder.path() / "log");
    const neuron::DriverReply reply = driver.exchange("", "", patience_s);
    if (reply.kind != neuron::DriverReply::Kind::frame || reply.frame.kind != "HELO") {
      notes.push_back({fmt::format("{}: {}", program, reply.text.empty() ? "it does not answer" : reply.text), {}});
      return std::nullopt;
    }
    const text::JsonDocument greeting = text::parse_json(reply.frame.payload, "NEURON's greeting");
    result.version = greeting.root().at("version").as_string();
    result.nrnivmodl = greeting.root().at("nrnivmodl").as_string();
    const std::filesystem::path beside = std::filesystem::path(program).parent_path() / "nrnivmodl";
    if (program.find('/') != std::string::npos && std::filesystem::exists(beside)) result.nrnivmodl = beside.string();
    return result;
  } catch (const Error& error) {
    notes.push_back({fmt::format("{}: {}", program, error.diagnostics().front().message), {}});
    return std::nullopt;
  }
}

}  // namespace

NeuronInstallation find_neuron() {
  std::vector<Note> notes;
  const char* wanted = std::getenv("CELLWRIGHT_NEURON");
  if (wanted != nullptr && *wanted != '\0') {
    if (auto found = try_program(wanted, "$CELLWRIGHT_NEURON", notes)) return *std::move(found);
  } else {
    for (const char* program : {"python3", "python", "nrniv"}) {
      if (auto found = try_program(program, "PATH", notes)) return *std::move(found);
    }
  }
  throw ToolchainError(
      Diagnostic{.code = "neuron-missing",
                 .message = "NEURON was not found",
                 .fix = "install it with `pip install neuron` and set CELLWRIGHT_NEURON to that Python (or to nrniv)",
                 .notes = notes});
}

}  // namespace cellwright::simulate
