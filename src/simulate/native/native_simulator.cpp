#include "cellwright/simulate/native_simulator.hpp"

#include "cellwright/compile/cell_geometry.hpp"
#include "cellwright/compile/compiled_model.hpp"
#include "simulate/native/make_model.hpp"

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

struct ImportedShape {
  morphology::Morphology shape;
  std::vector<Diagnostic> problems;  ///< why `shape` is only a stand-in; empty if it is the cell's
};

ImportedShape import_or_stand_in(const model::NrnFileMorphology& source) {
  try {
    return {compile::import_morphology(source), {}};
  } catch (const MorphologyError& error) {
    return {compile::stand_in_morphology(), error.diagnostics()};
  } catch (const ConfigError& error) {
    return {compile::stand_in_morphology(), error.diagnostics()};
  }
}

/// Beside the morphology's problems all that would be wrong with a cell of any shape: the user mends them together.
[[noreturn]] void throw_with_other_problems(std::vector<Diagnostic> problems, const model::CellModel& cell,
                                            const morphology::Morphology& stand_in,
                                            const nmodl::MechanismLibrary& library,
                                            std::span<const model::SweepProtocol> protocols) {
  try {
    compile::compile_model(cell, stand_in, library, protocols);
  } catch (const ModelError& error) {
    for (const Diagnostic& other : error.diagnostics())
      if (!compile::depends_on_shape(other)) problems.push_back(other);
  }
  throw MorphologyError(std::move(problems));
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
  const auto [shape, shape_problems] = import_or_stand_in(cell.morphology);
  // What cannot be loaded is told by compile_model, which knows where the user named it, beside all else that is wrong.
  const auto library = nmodl::MechanismLibrary::of_what_can_be_loaded(
      {cell.mechanism_directories, settings_.numeric, settings_.toolchain}, suffixes(cell, protocols));
  if (!shape_problems.empty()) throw_with_other_problems(shape_problems, cell, shape, library, protocols);
  compile::CompiledModel compiled = compile::compile_model(cell, shape, library, protocols);
  std::vector<Diagnostic> warnings = shape.warnings;
  warnings.insert(warnings.end(), library.warnings().begin(), library.warnings().end());
  compiled.warnings.insert(compiled.warnings.begin(), warnings.begin(), warnings.end());
  return settings_.numeric == NumericMode::single ? native::make_float_model(std::move(compiled), settings_)
                                                  : native::make_double_model(std::move(compiled), settings_);
}

}  // namespace cellwright::simulate
