#include "cellwright/simulate/neuron_simulator.hpp"

#include "simulate/neuron/neuron_model.hpp"

namespace cellwright::simulate {

std::unique_ptr<PreparedModel> NeuronSimulator::prepare(const model::CellModel& cell,
                                                        std::span<const model::SweepProtocol> protocols) const {
  return std::make_unique<neuron::NeuronModel>(cell, protocols, settings_);
}

}  // namespace cellwright::simulate
