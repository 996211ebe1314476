#pragma once
/// What NEURON is told about a cell model and its protocols.

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "cellwright/model/cell_model.hpp"
#include "cellwright/model/protocol.hpp"
#include "cellwright/simulate/neuron_simulator.hpp"

namespace cellwright::simulate::neuron {

/// JSON for driver.py.
/// @param library  the compiled mechanisms; "" if there are none.
std::string describe_model(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
                           const NeuronSettings& settings, const std::filesystem::path& library);

/// The numbers of stimuli in the order in which driver.py takes them.
std::vector<double> stimulus_numbers(std::span<const model::Stimulus> stimuli);

/// The problem that driver.py found with an item, with the item's place in the user's files.
/// @param kind   the list in the description: "mechanisms", "parameters", ..., or "stimuli" and "recordings" of a
///   protocol.
Diagnostic describe_problem(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols,
                            const std::string& kind, std::size_t protocol, std::size_t index, const std::string& text);

}  // namespace cellwright::simulate::neuron
