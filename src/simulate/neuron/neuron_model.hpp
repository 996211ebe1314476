#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "cellwright/simulate/neuron_simulator.hpp"
#include "nmodl/toolchain/cache.hpp"
#include "simulate/neuron/driver_process.hpp"
#include "simulate/neuron/parameter_plan.hpp"

namespace cellwright::simulate::neuron {

/// A model that NEURON processes have built, and the lanes that they are given.
class NeuronModel final : public PreparedModel {
 public:
  /// Builds the cell in a first process. @throws as NeuronSimulator::prepare.
  NeuronModel(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
              const NeuronSettings& settings);
  void run(const LaneBatch& batch, parallel::Executor& executor, const ResponseSink& sink) const override;
  std::vector<double> protocol_durations_ms() const override;
  const std::vector<Diagnostic>& warnings() const override { return warnings_; }

 private:
  /// A number of a stimulus that a meta parameter sets.
  struct VariedAttribute {
    std::size_t stimulus = 0;
    std::string name;
    NumberSource source;
  };
  struct ProtocolPlan {
    double duration_ms = 0;
    std::optional<double> timeout_s;
    std::vector<model::Stimulus> stimuli;
    std::vector<VariedAttribute> varied;
  };
  using Driver = std::unique_ptr<DriverProcess>;

  static ProtocolPlan plan_protocol(const model::CellModel& cell, const model::SweepProtocol& protocol);
  /// A process that has built the cell, and what it told about it.
  Driver start_driver(std::string& plan) const;
  void read_plan(const std::string& plan, const model::CellModel& cell,
                 std::span<const model::SweepProtocol> protocols);
  Driver take_driver() const;
  void give_driver(Driver driver) const;
  void run_lane(std::size_t lane, const LaneBatch& batch, const ResponseSink& sink) const;
  std::string request(const Lane& lane, const LaneBatch& batch) const;

  NeuronInstallation neuron_;
  double start_timeout_s_;
  nmodl::TemporaryFolder logs_;
  std::string description_;
  std::vector<ProtocolPlan> protocols_;
  std::optional<ParameterPlan> parameters_;
  std::uint32_t random123_globalindex_ = 0;
  bool noisy_ = false;  ///< random streams go on from run to run: each run gets a process of its own
  std::vector<Diagnostic> warnings_;
  mutable std::mutex idle_mutex_;
  mutable std::vector<Driver> idle_;
  mutable std::size_t started_ = 0;
};

}  // namespace cellwright::simulate::neuron
