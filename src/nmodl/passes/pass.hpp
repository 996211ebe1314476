#pragma once
/// The passes between parsing and the mechanism description: one table, one driver.

#include <filesystem>
#include <map>
#include <span>
#include <string_view>

#include "cellwright/nmodl/front_end.hpp"
#include "nmodl/semantics/symbols.hpp"

namespace cellwright::nmodl {

/// What the passes work on. Not movable: the reporter refers to the module.
struct PassContext {
  explicit PassContext(Module parsed) : module(std::move(parsed)) {}
  PassContext(const PassContext&) = delete;
  PassContext& operator=(const PassContext&) = delete;

  Module module;
  DiagnosticList diagnostics{DiagnosticList::parser_limit};
  Reporter reporter{module, diagnostics};
  std::filesystem::path folder;  ///< where INCLUDE looks
  SymbolTable symbols;
  bool marks_times = false;  ///< at_time() stands somewhere as a statement, from the pass "tidy"
  std::map<std::string, std::vector<StateEquation>> equations;  ///< by DERIVATIVE block, from the pass "solve"
  std::map<std::string, Block> right_hand_sides;                ///< by SOLVEd block, from the pass "equations"
  std::map<std::string, ImplicitSystem> systems;                ///< by block, from "kinetic", "linear" and "implicit"
};

/// `needs` and `gives` name facts about the module, separated by spaces; the driver refuses an order that breaks them.
struct Pass {
  std::string_view name;
  std::string_view needs;
  std::string_view gives;
  void (*run)(PassContext&);
};

/// All passes in the order in which they run.
std::span<const Pass> passes();

/// Runs passes, the whole table by default; after each one `dump` gets the module as text. Stops with NmodlError behind
/// a pass that found errors.
void run_passes(PassContext& context, const DumpCallback& dump = {});
void run_passes(PassContext& context, std::span<const Pass> chosen, const DumpCallback& dump = {});

// One file each. Every header comment shows what comes in and what goes out.
void include_pass(PassContext& context);
void define_pass(PassContext& context);
void verbatim_pass(PassContext& context);
void check_pass(PassContext& context);
void tidy_pass(PassContext& context);
void fold_pass(PassContext& context);
void fold_block(Block& block);  ///< the same for one block
void locals_pass(PassContext& context);
void equations_pass(PassContext& context);
void methods_pass(PassContext& context);
void unroll_pass(PassContext& context);
void kinetic_pass(PassContext& context);
void linear_pass(PassContext& context);
void implicit_pass(PassContext& context);
void solve_pass(PassContext& context);

}  // namespace cellwright::nmodl
