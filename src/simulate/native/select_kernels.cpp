#include "cellwright/numeric/instruction_set.hpp"
#include "simulate/native/implicit_kernels.hpp"
#include "simulate/native/kernels.hpp"

namespace cellwright::simulate::native {

#ifdef __x86_64__
const Kernels& kernels_v2_strict();
const Kernels& kernels_v2_fast();
const Kernels& kernels_v3_strict();
const Kernels& kernels_v3_fast();
const Kernels& kernels_v4_strict();
const Kernels& kernels_v4_fast();
const ImplicitKernels& implicit_kernels_v2_strict();
const ImplicitKernels& implicit_kernels_v2_fast();
const ImplicitKernels& implicit_kernels_v3_strict();
const ImplicitKernels& implicit_kernels_v3_fast();
const ImplicitKernels& implicit_kernels_v4_strict();
const ImplicitKernels& implicit_kernels_v4_fast();

const Kernels& select_kernels(numeric::NumericMode numeric) {
  const bool strict = numeric == numeric::NumericMode::strict;
  const auto set = numeric::best_instruction_set();
  if (set == numeric::InstructionSet::v4) return strict ? kernels_v4_strict() : kernels_v4_fast();
  if (set == numeric::InstructionSet::v3) return strict ? kernels_v3_strict() : kernels_v3_fast();
  return strict ? kernels_v2_strict() : kernels_v2_fast();
}

const ImplicitKernels& select_implicit_kernels(numeric::NumericMode numeric) {
  const bool strict = numeric == numeric::NumericMode::strict;
  const auto set = numeric::best_instruction_set();
  if (set == numeric::InstructionSet::v4) return strict ? implicit_kernels_v4_strict() : implicit_kernels_v4_fast();
  if (set == numeric::InstructionSet::v3) return strict ? implicit_kernels_v3_strict() : implicit_kernels_v3_fast();
  return strict ? implicit_kernels_v2_strict() : implicit_kernels_v2_fast();
}
#else
const Kernels& kernels_any_strict();
const Kernels& kernels_any_fast();
const ImplicitKernels& implicit_kernels_any_strict();
const ImplicitKernels& implicit_kernels_any_fast();

const Kernels& select_kernels(numeric::NumericMode numeric) {
  return numeric == numeric::NumericMode::strict ? kernels_any_strict() : kernels_any_fast();
}
const ImplicitKernels& select_implicit_kernels(numeric::NumericMode numeric) {
  return numeric == numeric::NumericMode::strict ? implicit_kernels_any_strict() : implicit_kernels_any_fast();
}
#endif

}  // namespace cellwright::simulate::native
