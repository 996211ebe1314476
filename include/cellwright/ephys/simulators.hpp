#pragma once
/// How protocols are simulated, as `bluepyopt.ephys.simulators`.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "cellwright/ephys/described.hpp"
#include "cellwright/simulate/native_simulator.hpp"

namespace cellwright::ephys {

/// A simulation that could not be run.
struct NrnSimulatorException : SimulationError {
  using SimulationError::SimulationError;
};

struct NrnSimulatorArguments {
  double dt = 0.025;                                          ///< fixed time step, ms
  bool cvode_active = true;                                   ///< variable time step
  std::optional<double> cvode_minstep;                        ///< ms; the engine has none: see simulator()
  std::optional<std::uint32_t> random123_globalindex;         ///< part of the key of every random stream; none: 0
  std::optional<std::filesystem::path> mechanisms_directory;  ///< folder of the cell's .mod files
  std::string engine = "native";         ///< what simulates: "native", or "neuron" for NEURON in processes of its own
  std::string numeric = "fast";          ///< "fast", "strict" for NEURON's order, or "float"; of the native engine
  double atol = simulate::default_atol;  ///< local error that the native engine's variable step may have
  static void fields(auto& self, auto&& visit) {
    visit("dt", self.dt);
    visit("cvode_active", self.cvode_active);
    visit("cvode_minstep", self.cvode_minstep);
    visit("random123_globalindex", self.random123_globalindex);
    visit("mechanisms_directory", self.mechanisms_directory);
    visit("engine", self.engine);
    visit("numeric", self.numeric);
    visit("atol", self.atol);
  }
};

/// The settings of simulations. Other than BluePyOpt's, the object owns no process-global state: two simulators with
/// different steps can be used side by side.
class NrnSimulator : public Record<NrnSimulator, DictMixin, NrnSimulatorArguments> {
 public:
  static constexpr const char* python_name = "bluepyopt.ephys.simulators.NrnSimulator";
  /// @throws ConfigError "ephys-simulator" if dt or atol is not above 0 or `engine` or `numeric` is another
  ///   word.
  explicit NrnSimulator(NrnSimulatorArguments arguments = {});

  /// What simulates. NEURON is looked for when a cell is prepared (simulate::find_neuron).
  /// @param cvode a protocol's wish for a variable time step; none: cvode_active.
  /// @throws NrnSimulatorException "ephys-cvode" for a variable time step with a cvode_minstep: the engine's steps have
  ///   no least length.
  std::unique_ptr<simulate::Simulator> simulator(std::optional<bool> cvode = std::nullopt) const;
};

}  // namespace cellwright::ephys
