#pragma once
/// Names that nothing in a block means yet.

#include <set>
#include <string>

#include "nmodl/semantics/symbols.hpp"

namespace cellwright::nmodl {

class FreshNames {
 public:
  FreshNames(const SymbolTable& symbols, const CodeBlock& block);
  /// The name itself or, if it is taken, the name with underscores behind it; taken from then on.
  std::string take(std::string name);
  /// A prefix with which no name in the block and no symbol begins: `prefix` or `prefix` with underscores behind it.
  std::string take_prefix(std::string prefix) const;

 private:
  bool is_taken(const std::string& name) const;

  const SymbolTable& symbols_;
  std::set<std::string> taken_;
};

}  // namespace cellwright::nmodl
