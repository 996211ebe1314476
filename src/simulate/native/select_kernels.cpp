/// Compiled once for each precision; the accessors are made by src/simulate/CMakeLists.txt.

#include "cellwright/numeric/instruction_set.hpp"
#include "simulate/native/implicit_kernels.hpp"
#include "simulate/native/kernels.hpp"

#ifdef __x86_64__
#define CELLWRIGHT_DECLARE(Table, stem, mode) \
  const Table& stem##_v2_##mode();            \
  const Table& stem##_v3_##mode();            \
  const Table& stem##_v4_##mode();
#define CELLWRIGHT_SELECT(stem, mode) select(stem##_v2_##mode, stem##_v3_##mode, stem##_v4_##mode)
#else
#define CELLWRIGHT_DECLARE(Table, stem, mode) const Table& stem##_any_##mode();
#define CELLWRIGHT_SELECT(stem, mode) stem##_any_##mode()
#endif

namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION {

#ifdef CELLWRIGHT_SINGLE
CELLWRIGHT_DECLARE(Kernels, kernels, float)
CELLWRIGHT_DECLARE(ImplicitKernels, implicit_kernels, float)
#else
CELLWRIGHT_DECLARE(Kernels, kernels, strict)
CELLWRIGHT_DECLARE(Kernels, kernels, fast)
CELLWRIGHT_DECLARE(ImplicitKernels, implicit_kernels, strict)
CELLWRIGHT_DECLARE(ImplicitKernels, implicit_kernels, fast)
#endif

namespace {

#ifdef __x86_64__
template <class Table>
const Table& select(const Table& (*v2)(), const Table& (*v3)(), const Table& (*v4)()) {
  const auto set = numeric::best_instruction_set();
  return set == numeric::InstructionSet::v4 ? v4() : set == numeric::InstructionSet::v3 ? v3() : v2();
}
#endif

}  // namespace

#ifdef CELLWRIGHT_SINGLE
const Kernels& select_kernels(numeric::NumericMode) { return CELLWRIGHT_SELECT(kernels, float); }
const ImplicitKernels& select_implicit_kernels(numeric::NumericMode) {
  return CELLWRIGHT_SELECT(implicit_kernels, float);
}
#else
const Kernels& select_kernels(numeric::NumericMode numeric) {
  return numeric == numeric::NumericMode::strict ? CELLWRIGHT_SELECT(kernels, strict)
                                                 : CELLWRIGHT_SELECT(kernels, fast);
}
const ImplicitKernels& select_implicit_kernels(numeric::NumericMode numeric) {
  return numeric == numeric::NumericMode::strict ? CELLWRIGHT_SELECT(implicit_kernels, strict)
                                                 : CELLWRIGHT_SELECT(implicit_kernels, fast);
}
#endif

}  // namespace cellwright::simulate::native::inline CELLWRIGHT_PRECISION
