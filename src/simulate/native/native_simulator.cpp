#include "cellwright/simulate/native_simulator.hpp"

#include "cellwright/compile/cell_geometry.hpp"
#include "cellwright/compile/compiled_model.hpp"
#include "simulate/native/native_model.hpp"

namespace cellwright::simulate {
namespace {

/// The names of all mechanisms that a simulation needs.
std::vector<std::string> suffixes(const model::CellModel& cell, std::span<const model::SweepProtocol> protocols) {
  std::vector<std::string> result;
  for (const model::SweepProtocol& protocol : protocols) {
    for (const model::Stimulus& stimulus : protocol.stimuli) {
      if (std::holds_alternative<model::NrnNetStimStimulus>(stimulus)) result.emplace_back("NetStim");
    }
  }
  for (const model::NrnMODPointProcessMechanism& mechanism : cell.point_processes) result.push_back(mechanism.suffix);
  for (const model::ArtificialCell& artificial : cell.artificial_cells) result.push_back(artificial.suffix);
  for (const model::NrnMODMechanism& mechanism : cell.mechanisms) result.push_back(mechanism.suffix);
  return result;
}

}  // namespace

std::unique_ptr<PreparedModel> NativeSimulator::prepare(const model::CellModel& cell,
                                                        std::span<const model::SweepProtocol> protocols) const {
  if (cell.hoc) {
    throw ModelError(
        Diagnostic{.code = "model-hoc",
                   .message = "the cell model exists as hoc: the native engine cannot run it",
                   .span = cell.hoc->span,
                   .fix = "use the engine neuron: --engine neuron, or \"simulator\": {\"engine\": \"neuron\"}"});
  }
  const morphology::Morphology shape = compile::import_morphology(cell.morphology);
  // What cannot be loaded is told by compile_model, which knows where the user named it, beside all else that is wrong.
  const auto library = nmodl::MechanismLibrary::of_what_can_be_loaded(
      {cell.mechanism_directories, settings_.numeric, settings_.toolchain}, suffixes(cell, protocols));
  compile::CompiledModel compiled = compile::compile_model(cell, shape, library, protocols);
  std::vector<Diagnostic> warnings = shape.warnings;
  warnings.insert(warnings.end(), library.warnings().begin(), library.warnings().end());
  compiled.warnings.insert(compiled.warnings.begin(), warnings.begin(), warnings.end());
  return std::make_unique<native::NativeModel>(std::move(compiled), settings_);
}

}  // namespace cellwright::simulate
