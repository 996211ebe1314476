#include "cellwright/ephys/simulators.hpp"

#include <fmt/format.h>

#include "cellwright/simulate/neuron_simulator.hpp"

namespace cellwright::ephys {

NrnSimulator::NrnSimulator(NrnSimulatorArguments given) : Record(std::move(given)) {
  if (!(dt > 0))
    throw ConfigError(
        Diagnostic{.code = "ephys-simulator", .message = fmt::format("the time step must be above 0 ms, not {}", dt)});
  if (!(atol > 0))
    throw ConfigError(
        Diagnostic{.code = "ephys-simulator", .message = fmt::format("atol must be above 0, not {}", atol)});
  if (engine != "native" && engine != "neuron")
    throw ConfigError(Diagnostic{.code = "ephys-simulator",
                                 .message = fmt::format("there is no engine '{}'", engine),
                                 .fix = "use \"native\" or \"neuron\""});
  if (!numeric::numeric_mode(numeric))
    throw ConfigError(Diagnostic{.code = "ephys-simulator",
                                 .message = fmt::format("there is no numeric mode '{}'", numeric),
                                 .fix = "use \"fast\", \"strict\" or \"float\""});
}

std::unique_ptr<simulate::Simulator> NrnSimulator::simulator(std::optional<bool> cvode) const {
  const bool variable = cvode.value_or(cvode_active);
  if (variable && cvode_minstep) {
    throw NrnSimulatorException(Diagnostic{.code = "ephys-cvode",
                                           .message = "variable time steps cannot have a least length",
                                           .fix = "leave out cvode_minstep"});
  }
  if (engine == "neuron")
    return std::make_unique<simulate::NeuronSimulator>(
        simulate::NeuronSettings{.variable_step = variable, .dt_ms = dt, .cache_folder = {}});
  return std::make_unique<simulate::NativeSimulator>(
      simulate::NativeSettings{.dt_ms = dt,
                               .numeric = *numeric::numeric_mode(numeric),
                               .toolchain = {},
                               .step = variable ? simulate::StepKind::variable : simulate::StepKind::fixed,
                               .atol = atol});
}

}  // namespace cellwright::ephys
