#pragma once
/// What a pass knows of the variables of a block while it walks over its statements: numbers, intervals.

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "cellwright/nmodl/ast.hpp"

namespace cellwright::nmodl {

template <typename Value>
using KnownValues = std::map<std::string, Value>;

/// Nothing for elements of arrays: they are not followed.
template <typename Value>
std::optional<Value> known_value(const KnownValues<Value>& known, const Name& name) {
  const auto found = known.find(name.name);
  return found == known.end() || name.index ? std::nullopt : std::optional(found->second);
}

/// A LOCAL begins unknown, and hides what had its name.
template <typename Value>
void forget(KnownValues<Value>& known, const Local& local) {
  for (const Declarator& variable : local.variables) known.erase(variable.name);
}

/// @param value of the right-hand side, nothing where it is not known
template <typename Value>
void assign(KnownValues<Value>& known, const Name& target, std::optional<Value> value) {
  known.erase(target.name);
  if (value && !target.index) known.emplace(target.name, std::move(*value));
}

}  // namespace cellwright::nmodl
