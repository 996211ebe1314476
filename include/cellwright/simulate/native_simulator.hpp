#pragma once
/// cellwright's own engine: NMODL mechanisms, NEURON's cable equation and staggered fixed step, packs of lanes.

#include "cellwright/nmodl/mechanism_library.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace cellwright::simulate {

struct NativeSettings {
  double dt_ms = 0.025;  ///< fixed step, > 0
  NumericMode numeric = NumericMode::fast;
  nmodl::ToolchainSettings toolchain;
};

/// Simulates with the native engine.
///
/// The method is NEURON's staggered fixed step with `secondorder` 0 (Hines 1984): cable at mid-step, states with the
/// new voltage. Samples are taken at t = 0 and after every step: round(tstop/dt) + 1 of them.
/// @note A lane's samples are the same bits whatever the batch, the lane's position and the number of threads.
class NativeSimulator final : public Simulator {
 public:
  explicit NativeSimulator(NativeSettings settings) : settings_(std::move(settings)) {}

  /// Imports the morphology, compiles the mechanisms (or finds them in the cache) and resolves all names.
  /// @throws MorphologyError, NmodlError, ToolchainError, ModelError.
  std::unique_ptr<PreparedModel> prepare(const model::CellModel& cell,
                                         std::span<const model::SweepProtocol> protocols) const override;

 private:
  NativeSettings settings_;
};

}  // namespace cellwright::simulate
