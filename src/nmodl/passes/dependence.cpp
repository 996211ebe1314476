#include "nmodl/passes/dependence.hpp"

#include <algorithm>

namespace cellwright::nmodl {

bool have_common(const std::set<std::string>& a, const std::set<std::string>& b) {
  return std::any_of(a.begin(), a.end(), [&](const std::string& name) { return b.contains(name); });
}

Dependence DependenceFinder::of(const Expression& expression) {
  Dependence result;
  add(expression, result);
  return result;
}

Dependence DependenceFinder::of(const Statement& statement) {
  Dependence result;
  for_each_expression(statement, [&](const Expression& e) { add(e, result); });
  if (const auto* call = std::get_if<CallStatement>(&statement.node)) add_call(call->call.name, result);
  if (const auto* assignment = std::get_if<Assignment>(&statement.node)) result.writes.insert(assignment->target.name);
  return result;
}

void DependenceFinder::add(const Expression& expression, Dependence& result) {
  walk_expression(expression, [&](const Expression& e) {
    if (const auto* name = std::get_if<Name>(&e.node)) result.reads.insert(name->name);
    if (const auto* call = std::get_if<Call>(&e.node)) add_call(call->name, result);
  });
}

void DependenceFinder::add_call(const std::string& name, Dependence& result) {
  const Symbol* symbol = context_.symbols.find(name);
  const CodeBlock* block = symbol != nullptr ? code_block_at(context_.module, symbol->index) : nullptr;
  if (symbol == nullptr || symbol->kind == SymbolKind::variable || block == nullptr) return;
  const Dependence& function = of_function(name, *block);
  result.reads.insert(function.reads.begin(), function.reads.end());
  result.writes.insert(function.writes.begin(), function.writes.end());
}

/// Of Variables only: a function's locals are its own.
const Dependence& DependenceFinder::of_function(const std::string& name, const CodeBlock& function) {
  if (const auto found = functions_.find(name); found != functions_.end()) return found->second;
  Dependence whole;
  walk_statements(function.body, [&](const Statement& statement) {
    const Dependence own = of(statement);
    whole.reads.insert(own.reads.begin(), own.reads.end());
    whole.writes.insert(own.writes.begin(), own.writes.end());
    if (const auto* table = std::get_if<TableStatement>(&statement.node)) {
      for (const Identifier& output : table->outputs) whole.writes.insert(output.name);
    }
  });
  const auto is_local = [&](const std::string& n) {
    return context_.symbols.find_variable(n) == nullptr && !is_engine_variable(n);
  };
  std::erase_if(whole.reads, is_local);
  std::erase_if(whole.writes, is_local);
  return functions_.emplace(name, std::move(whole)).first->second;
}

}  // namespace cellwright::nmodl
