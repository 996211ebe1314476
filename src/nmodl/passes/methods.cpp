/// Gives each SOLVE of a DERIVATIVE block the METHOD by which it is solved:
///   SOLVE states                          ->  SOLVE states METHOD derivimplicit
///   SOLVE states METHOD cnexp, with x' = 1/(1 + x) in it  ->  SOLVE states METHOD derivimplicit
/// The second is what NEURON's translator does where a STATE is an argument of a function, or stands in a denominator
/// or power, of its own equation.

#include "nmodl/passes/methods.hpp"

#include <fmt/format.h>

#include "nmodl/passes/nonlinear.hpp"
#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

/// Calls handle(solve, statement's place) for every SOLVE of a module.
template <class M, class Handle>
void for_each_solve(M& module, const Handle& handle) {
  for (auto& item : module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr) continue;
    walk_statements(block->body, [&](auto& statement) {
      if (auto* solve = std::get_if<Solve>(&statement.node)) handle(*solve, statement.place);
    });
  }
}

const CodeBlock* solved_block(const PassContext& context, const Solve& solve) {
  const Symbol* symbol = context.symbols.find(solve.block.name);
  return symbol != nullptr ? code_block_at(context.module, symbol->index) : nullptr;
}

/// The first equation of the block for which NEURON turns from cnexp to derivimplicit.
std::optional<NonlinearReason> fallback_reason(const CodeBlock& block) {
  std::optional<NonlinearReason> reason;
  walk_statements(block.body, [&](const Statement& statement) {
    const auto* equation = std::get_if<Equation>(&statement.node);
    if (equation == nullptr || reason) return;
    using Kind = NonlinearReason::Kind;
    const auto found = nonlinear_reason(equation->rhs, equation->state);
    if (found && found->kind != Kind::product && found->kind != Kind::other) reason = found;
  });
  return reason;
}

void complete(PassContext& context, Solve& solve, const Place& place) {
  const CodeBlock* block = solved_block(context, solve);
  if (block == nullptr) return;
  if (block->kind != CodeBlock::Kind::derivative) return;
  if (!solve.method) {
    context.reporter.warning("nmodl-solve", place,
                             fmt::format("'{}' has no METHOD: derivimplicit is used", solve.block.name),
                             "write the METHOD: without it NEURON 9 leaves the STATEs as they are in fixed steps");
    solve.method = Identifier{"derivimplicit", place};
  }
  if (solve.steady_state && solve.method->name == "derivimplicit") {
    context.reporter.warning("nmodl-solve", place,
                             "STEADYSTATE derivimplicit does not reach the steady state: NEURON 9 takes one step of "
                             "1e-9 ms, and so does this program",
                             "use STEADYSTATE sparse with a KINETIC block, or a METHOD");
  }
  if (solve.method->name != "cnexp") return;
  const auto reason = fallback_reason(*block);
  if (!reason) return;
  context.reporter.warning(
      "nmodl-nonlinear", reason->place,
      fmt::format("'{}' is solved by derivimplicit instead of cnexp: {}", solve.block.name, reason->text),
      "write METHOD derivimplicit");
  solve.method->name = "derivimplicit";
}

/// Two different methods for one block are refused.
void check_agreement(PassContext& context) {
  const std::map<std::string, Identifier> methods = solve_methods(context.module);
  for_each_solve(context.module, [&](const Solve& solve, const Place&) {
    if (!solve.method || methods.at(solve.block.name).name == solve.method->name) return;
    context.reporter.error("nmodl-solve", solve.method->place,
                           fmt::format("'{}' is solved by two different methods", solve.block.name), "use one method",
                           {context.reporter.note("the other method is here", methods.at(solve.block.name).place)});
  });
}

}  // namespace

std::map<std::string, Identifier> solve_methods(const Module& module) {
  std::map<std::string, Identifier> methods;
  for_each_solve(module, [&](const Solve& solve, const Place&) {
    if (solve.method) methods.try_emplace(solve.block.name, *solve.method);
  });
  return methods;
}

void methods_pass(PassContext& context) {
  check_agreement(context);
  if (context.diagnostics.has_errors()) return;
  for_each_solve(context.module, [&](Solve& solve, const Place& place) { complete(context, solve, place); });
}

}  // namespace cellwright::nmodl
