#pragma once
/// NEURON as a simulator: for models that only it can run, and to check the native engine.

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "cellwright/simulate/simulator.hpp"

namespace cellwright::simulate {

/// A NEURON that was found on this machine. It is never bundled.
struct NeuronInstallation {
  std::vector<std::string> command;  ///< what runs Python text inside NEURON, but for the text itself
  std::string version;               ///< for example "9.0.2"
  std::string nrnivmodl;             ///< its compiler of mod files
  std::string found_by;              ///< "$CELLWRIGHT_NEURON" or "PATH"
};

/// Looks for NEURON: $CELLWRIGHT_NEURON (a Python that has the package `neuron`, or `nrniv`), else python3, python and
/// nrniv on PATH, in this order; starts it to see whether it works.
/// @throws ToolchainError "neuron-missing", with what was tried and how to install it.
NeuronInstallation find_neuron();

struct NeuronSettings {
  bool variable_step = false;  ///< CVODE with NEURON's tolerances, as BluePyOpt uses it; else the fixed step
  double dt_ms = 0.025;        ///< of the fixed step
  /// Folder of compiled mechanisms; "": as nmodl::ToolchainSettings::cache_folder.
  std::filesystem::path cache_folder;
  /// What the data of one NEURON process may take; 0: an equal share of nine tenths of the machine's memory for each
  /// hardware thread, at least 1 GiB.
  std::size_t memory_bytes = 0;
  /// What NEURON may take to start and build the cell, for a template may never end; none: what the environment variable
  /// CELLWRIGHT_NEURON_START_TIMEOUT says, else 600.
  std::optional<double> start_timeout_s;
};

/// Simulates with NEURON in child processes, one for each worker of the executor, which live as long as the prepared
/// model: each builds the cell once and gets the numbers of every individual and protocol through a pipe.
///
/// Places and path distances are found by NEURON by BluePyOpt's rules, independently of the native engine; distance
/// scalers are evaluated here. All variables of the mechanisms (but arrays) and their globals start every run with the
/// values that they had when the cell was built.
/// @note A crash, an exit, an error of hoc or a protocol beyond its time limit costs that lane alone: its status tells
///   so, and the process is replaced.
class NeuronSimulator final : public Simulator {
 public:
  explicit NeuronSimulator(NeuronSettings settings) : settings_(std::move(settings)) {}

  /// Compiles the mechanisms with nrnivmodl (or finds them in the cache, whose key is the content of the mod files and
  /// NEURON's version) and builds the cell in a first process.
  /// @throws ToolchainError "neuron-missing", "neuron-nrnivmodl" (a mod file is refused); ModelError with all names and
  ///   places that NEURON does not find; SimulationError "neuron-start" (NEURON ends, or is not done in time).
  std::unique_ptr<PreparedModel> prepare(const model::CellModel& cell,
                                         std::span<const model::SweepProtocol> protocols) const override;

 private:
  NeuronSettings settings_;
};

}  // namespace cellwright::simulate
