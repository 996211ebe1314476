#include "compile/model_compiler.hpp"

namespace cellwright::compile {

CompiledModel compile_model(const model::CellModel& cell, const morphology::Morphology& morphology,
                            const nmodl::MechanismLibrary& library, std::span<const model::SweepProtocol> protocols) {
  return ModelCompiler(cell, morphology, library, protocols).compile();
}

}  // namespace cellwright::compile
