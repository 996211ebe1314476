#include "nmodl/passes/fresh_names.hpp"

#include <algorithm>

#include "nmodl/semantics/walk.hpp"

namespace cellwright::nmodl {

FreshNames::FreshNames(const SymbolTable& symbols, const CodeBlock& block) : symbols_(symbols) {
  for (const Declarator& argument : block.arguments) taken_.insert(argument.name);
  walk_statements(block.body, [this](const Statement& statement) {
    if (const auto* local = std::get_if<Local>(&statement.node)) {
      for (const Declarator& declarator : local->variables) taken_.insert(declarator.name);
    }
    if (const auto* loop = std::get_if<From>(&statement.node)) taken_.insert(loop->variable.name);
  });
}

bool FreshNames::is_taken(const std::string& name) const {
  return symbols_.find(name) != nullptr || is_engine_variable(name) || taken_.contains(name);
}

std::string FreshNames::take(std::string name) {
  while (is_taken(name)) name += "_";
  taken_.insert(name);
  return name;
}

std::string FreshNames::take_prefix(std::string prefix) const {
  const auto begins = [&](const std::string& name) { return name.starts_with(prefix + "_"); };
  const std::vector<std::string> symbols = symbols_.all_names();
  while (std::any_of(symbols.begin(), symbols.end(), begins) || std::any_of(taken_.begin(), taken_.end(), begins)) {
    prefix += "_";
  }
  return prefix;
}

}  // namespace cellwright::nmodl
