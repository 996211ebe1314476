#pragma once

#include <memory>
#include <mutex>
#include <vector>

#include "cellwright/compile/compiled_model.hpp"
#include "cellwright/simulate/native_simulator.hpp"
#include "simulate/native/pack_state.hpp"
#include "simulate/native/precision.hpp"
#include "simulate/native/variable_pack.hpp"

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

/// A compiled model and the loop over packs. What makes one in either precision: make_model.hpp.
class NativeModel final : public PreparedModel {
 public:
  NativeModel(compile::CompiledModel model, NativeSettings settings);
  void run(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const override;
  std::vector<double> protocol_durations_ms() const override;
  const std::vector<Diagnostic>& warnings() const override { return model_.warnings; }

 private:
  using Pack = std::vector<std::size_t>;  ///< indices into LaneBatch::lanes, 1 to W of them
  bool is_variable(const compile::CompiledProtocol& protocol) const {
    return protocol.cvode_active.value_or(settings_.step == StepKind::variable);
  }
  std::vector<std::size_t> longest_first(StepKind step) const;  ///< the protocols that run with this step
  std::unique_ptr<VariablePack> take_variable() const;
  void give_variable(std::unique_ptr<VariablePack> pack) const;
  std::vector<Pack> form_packs(const LaneBatch& batch) const;
  void run_fixed(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const;
  void run_variable(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const;
  void run_pack(const Pack& pack, const LaneBatch& batch, const ResponseSink& sink) const;
  std::unique_ptr<PackState> take_state() const;
  void give_state(std::unique_ptr<PackState> state) const;

  compile::CompiledModel model_;
  NativeSettings settings_;
  const Kernels* kernels_;
  /// Pack states that no thread uses now: building one costs more than a short simulation.
  mutable std::mutex idle_mutex_;
  mutable std::vector<std::unique_ptr<PackState>> idle_;
  mutable std::vector<std::unique_ptr<VariablePack>> idle_variable_;
};

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
