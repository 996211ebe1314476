#pragma once
/// Checks of the blocks' bodies: names, arguments, arrays, SOLVE, TABLE, recursion.

#include <optional>
#include <string>
#include <vector>

#include "nmodl/semantics/symbols.hpp"

namespace cellwright::nmodl {

/// Reports what is wrong in the blocks. Adds the implicit variables that they use (engine variables, x0 of a STATE x)
/// to `symbols`, and the calls between functions.
void check_blocks(const Module& module, SymbolTable& symbols, Reporter& reporter);

/// Item indices of the FUNCTIONs and PROCEDUREs reached from INITIAL, BREAKPOINT and the SOLVEd blocks, callees first.
/// @pre there is no recursion (check_blocks).
std::vector<std::size_t> reachable_functions(const Module& module, const SymbolTable& symbols);

/// Item indices of INITIAL, BREAKPOINT, NET_RECEIVE, BEFORE/AFTER blocks and of the blocks that they SOLVE.
std::vector<std::size_t> entry_blocks(const Module& module, const SymbolTable& symbols);

/// The moment of a BEFORE or AFTER block; nothing if NEURON has none of that name.
std::optional<HookBlock::Moment> hook_moment(const CodeBlock& block);

/// Refuses by name what lies on the way of the code generator but is not supported yet (support.cpp).
void check_support(const Module& module, const SymbolTable& symbols, Reporter& reporter);

}  // namespace cellwright::nmodl
