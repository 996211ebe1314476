#pragma once
/// The names that a module declares outside its blocks' bodies.

#include <map>
#include <string>
#include <vector>

#include "cellwright/nmodl/mechanism_description.hpp"
#include "nmodl/semantics/units.hpp"
#include "nmodl/syntax/reporter.hpp"

namespace cellwright::nmodl {

enum class SymbolKind { variable, function, procedure, function_table, solvable, random, vector };

struct Symbol {
  SymbolKind kind = SymbolKind::variable;
  Place place;
  std::size_t index = 0;  ///< variable: into SymbolTable::variables; else: into Module::items
  std::size_t arity = 0;  ///< functions and procedures
};

struct SymbolTable {
  std::map<std::string, Symbol> symbols;
  std::vector<Variable> variables;
  std::vector<Ion> ions;
  std::vector<Current> currents;
  std::string name;
  MechanismKind kind = MechanismKind::density;
  std::string title;
  bool thread_safe = false;
  std::vector<std::string> weights;  ///< arguments of NET_RECEIVE as written

  const Symbol* find(const std::string& symbol_name) const;
  Variable* find_variable(const std::string& variable_name);
  const Variable* find_variable(const std::string& variable_name) const;
  std::vector<std::string> names(SymbolKind kind) const;
  std::vector<std::string> all_names() const;
};

/// True for v, t, dt, celsius, area, diam.
bool is_engine_variable(const std::string& name);

/// Collects all declarations of a module and reports those that contradict each other.
SymbolTable collect_symbols(const Module& module, Reporter& reporter);

/// A whole module's CodeBlock at an item index, or nullptr.
const CodeBlock* code_block_at(const Module& module, std::size_t item);
CodeBlock* code_block_at(Module& module, std::size_t item);

/// The value of a number with signs; nothing for other expressions.
std::optional<double> literal_value(const Expression& expression);

}  // namespace cellwright::nmodl
