#pragma once
/// cellwright's own engine: NMODL mechanisms, NEURON's cable equation and staggered fixed step, packs of lanes.

#include <cstdint>

#include "cellwright/nmodl/mechanism_library.hpp"
#include "cellwright/simulate/simulator.hpp"

namespace cellwright::simulate {

enum class StepKind : std::uint8_t { fixed, variable };

/// The local error of a state that a variable step may have; of v 1000 times as many mV.
inline constexpr double default_atol = 1e-5;

struct NativeSettings {
  double dt_ms = 0.025;  ///< fixed step, > 0
  NumericMode numeric = NumericMode::fast;
  nmodl::ToolchainSettings toolchain;
  StepKind step = StepKind::fixed;
  double atol = default_atol;
  double sample_ms = 0;  ///< variable step: samples at 0, this, twice this ... and at the end; 0: see NativeSimulator
};

/// Simulates with the native engine.
///
/// The method is NEURON's staggered fixed step with `secondorder` 0 (Hines 1984): cable at mid-step, states with the
/// new voltage. Samples are taken at t = 0 and after every step: round(tstop/dt) + 1 of them.
///
/// Or with a variable step (docs/decisions/0008-variable-step.md): backward differentiation of order 1 to 4, each lane
/// at its own pace. Samples as `sample_ms` says; without it every step, both sides of discontinuities (equal times) and
/// so many points between that straight lines are nowhere off by more than 0.01 of the recorded unit, nor by more than
/// 1e-4 of the recording's largest magnitude.
/// In single precision (NumericMode::single) the variable step wants an atol of at least 1e-6.
/// @note A lane's samples are the same bits whatever the batch, the lane's position and the number of threads.
class NativeSimulator final : public Simulator {
 public:
  explicit NativeSimulator(NativeSettings settings) : settings_(std::move(settings)) {}

  /// Imports the morphology, compiles the mechanisms (or finds them in the cache) and resolves all names.
  /// @throws MorphologyError, NmodlError, ToolchainError, ModelError ("model-fixed-step" for a mechanism that the
  ///   variable step cannot run); ConfigError "config-atol" (less than 1e-6 for it in single precision).
  std::unique_ptr<PreparedModel> prepare(const model::CellModel& cell,
                                         std::span<const model::SweepProtocol> protocols) const override;

 private:
  NativeSettings settings_;
};

}  // namespace cellwright::simulate
