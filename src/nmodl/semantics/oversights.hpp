#pragma once
/// Looks for what is legal but hardly meant: blocks that nothing runs, values that nothing sets.

#include "nmodl/semantics/symbols.hpp"
#include "nmodl/syntax/reporter.hpp"

namespace cellwright::nmodl {

/// Warns of blocks that are never solved, FUNCTIONs without a value and currents that are never assigned; refuses a
/// DERIVATIVE block without an equation, as NEURON does. C code (VERBATIM) may do what seems forgotten: a module with
/// it is left alone.
void check_oversights(const Module& module, const SymbolTable& symbols, Reporter& reporter);

}  // namespace cellwright::nmodl
