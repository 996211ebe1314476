/// Removes what has no effect on numbers: UNITSON, UNITSOFF, MUTEXLOCK, printf(...); PROTECT x = 1 -> x = 1.

#include <algorithm>

#include <fmt/format.h>

#include "nmodl/passes/pass.hpp"
#include "nmodl/semantics/checker.hpp"
#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {
namespace {

bool is_print(const Statement& statement) {
  const auto* call = std::get_if<CallStatement>(&statement.node);
  return call != nullptr && call->call.name == "printf";
}

bool has_no_effect(const Statement& statement) {
  return std::holds_alternative<UnitsSwitch>(statement.node) || std::holds_alternative<MutexLock>(statement.node) ||
         is_print(statement);
}

void tidy(Block& block, PassContext& context) {
  for (Statement& statement : block) {
    if (is_print(statement)) {
      context.reporter.warning("nmodl-printf", statement.place, "printf is left out: simulations do not print");
    }
    if (auto* protect = std::get_if<Protect>(&statement.node)) {
      Assignment assignment = std::move(protect->assignment);
      statement.node = std::move(assignment);
    }
    for_each_block(statement, [&](Block& inner) { tidy(inner, context); });
  }
  std::erase_if(block, has_no_effect);
}

}  // namespace

void tidy_pass(PassContext& context) {
  for (Item& item : context.module.items) {
    if (auto* block = std::get_if<CodeBlock>(&item.node)) tidy(block->body, context);
  }
}

}  // namespace cellwright::nmodl
