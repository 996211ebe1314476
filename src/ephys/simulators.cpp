#include "cellwright/ephys/simulators.hpp"

#include <fmt/format.h>

#include "cellwright/simulate/native_simulator.hpp"

namespace cellwright::ephys {

NrnSimulator::NrnSimulator(NrnSimulatorArguments given) : Record(std::move(given)) {
  if (!(dt > 0))
    throw ConfigError(
        Diagnostic{.code = "ephys-simulator", .message = fmt::format("the time step must be above 0 ms, not {}", dt)});
  if (numeric != "fast" && numeric != "strict")
    throw ConfigError(Diagnostic{.code = "ephys-simulator",
                                 .message = fmt::format("there is no numeric mode '{}'", numeric),
                                 .fix = "use \"fast\" or \"strict\""});
}

std::unique_ptr<simulate::Simulator> NrnSimulator::simulator(std::optional<bool> cvode) const {
  if (cvode.value_or(cvode_active)) {
    throw NrnSimulatorException(Diagnostic{.code = "ephys-cvode",
                                           .message = "this version has no variable time step",
                                           .fix = "give the simulator {.cvode_active = false}"});
  }
  const auto mode = numeric == "strict" ? simulate::NumericMode::strict : simulate::NumericMode::fast;
  return std::make_unique<simulate::NativeSimulator>(
      simulate::NativeSettings{.dt_ms = dt, .numeric = mode, .toolchain = {}});
}

}  // namespace cellwright::ephys
