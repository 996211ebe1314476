/// Removes what has no effect on numbers: UNITSON, UNITSOFF, MUTEXLOCK, printf(...), prterr(...). at_time(t) as a
/// statement only makes variable steps end at t: it stays for them where it can be meant. Rewrites
///   PROTECT x = 1                      ->  x = 1
///   state_discontinuity(x, 1)          ->  x = 1
///   INITIAL { states() } of DERIVATIVE states  ->  INITIAL { SOLVE states METHOD cnexp } with BREAKPOINT's method

#include <algorithm>
#include <map>

#include <fmt/format.h>

#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/checker.hpp"
#include "nmodl/semantics/special_functions.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

bool is_print(const Statement& statement) {
  const auto* call = std::get_if<CallStatement>(&statement.node);
  return call != nullptr && (call->call.name == "printf" || call->call.name == "prterr");
}

bool marks_time(const Statement& statement) {
  const auto* call = std::get_if<CallStatement>(&statement.node);
  return call != nullptr && is_time_mark(*call);
}

bool has_no_effect(const Statement& statement) {
  return std::holds_alternative<UnitsSwitch>(statement.node) || std::holds_alternative<MutexLock>(statement.node) ||
         is_print(statement);
}

/// Blocks that run in each step, and what they call.
bool may_mark_times(CodeBlock::Kind kind) {
  return kind != CodeBlock::Kind::initial && kind != CodeBlock::Kind::net_receive;
}

/// How BREAKPOINT solves each block.
std::map<std::string, Solve> breakpoint_solves(const Module& module) {
  std::map<std::string, Solve> solves;
  for (const Item& item : module.items) {
    const auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr || block->kind != CodeBlock::Kind::breakpoint) continue;
    walk_statements(block->body, [&](const Statement& statement) {
      if (const auto* solve = std::get_if<Solve>(&statement.node)) solves.emplace(solve->block.name, *solve);
    });
  }
  return solves;
}

void calls_to_solves(Block& initial, PassContext& context) {
  const std::map<std::string, Solve> solves = breakpoint_solves(context.module);
  walk_statements(initial, [&](Statement& statement) {
    const auto* call = std::get_if<CallStatement>(&statement.node);
    const Symbol* symbol = call != nullptr ? context.symbols.find(call->call.name) : nullptr;
    if (symbol == nullptr || symbol->kind != SymbolKind::solvable) return;
    const auto solve = solves.find(call->call.name);
    if (solve == solves.end()) {
      context.reporter.error("nmodl-solve", statement.place,
                             fmt::format("'{}' is called here but BREAKPOINT does not SOLVE it", call->call.name),
                             "add a SOLVE to BREAKPOINT");
      return;
    }
    statement.node = solve->second;
  });
}

void discontinuity_to_assignment(Statement& statement) {
  const auto* call = std::get_if<CallStatement>(&statement.node);
  if (call == nullptr || call->call.name != "state_discontinuity") return;
  const std::vector<Expression> arguments = call->call.arguments;
  statement.node = Assignment{std::get<Name>(arguments[0].node), arguments[0].place, arguments[1]};
}

void tidy(Block& block, bool keep_marks, PassContext& context) {
  for (Statement& statement : block) {
    if (is_print(statement)) {
      context.reporter.warning(
          "nmodl-printf", statement.place,
          fmt::format("{} is left out: simulations do not print", std::get<CallStatement>(statement.node).call.name));
    }
    if (auto* protect = std::get_if<Protect>(&statement.node)) {
      Assignment assignment = std::move(protect->assignment);
      statement.node = std::move(assignment);
    }
    discontinuity_to_assignment(statement);
    for_each_block(statement, [&](Block& inner) { tidy(inner, keep_marks, context); });
  }
  if (!keep_marks) std::erase_if(block, marks_time);
  context.marks_times = context.marks_times || std::any_of(block.begin(), block.end(), marks_time);
  std::erase_if(block, has_no_effect);
}

}  // namespace

void tidy_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    auto* block = std::get_if<CodeBlock>(&item.node);
    if (block == nullptr) continue;
    tidy(block->body, may_mark_times(block->kind), context);
    if (block->kind == CodeBlock::Kind::initial) calls_to_solves(block->body, context);
  }
}

}  // namespace cellwright::nmodl
