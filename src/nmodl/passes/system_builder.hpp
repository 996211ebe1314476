#pragma once
/// What the passes that make an ImplicitSystem of a block share.

#include <map>

#include "nmodl/passes/fresh_names.hpp"
#include "nmodl/passes/pass.hpp"

namespace cellwright::nmodl {

class SystemBuilder {
 public:
  SystemBuilder(PassContext& context, CodeBlock& block, ImplicitSystem::Kind kind);

  /// The number of a STATE's unknown, made if it is new. Nothing for other variables, and after a report for an element
  /// whose index is not a number.
  std::optional<int> unknown(const Name& name, const Place& place);
  /// The same, but only of one that was made before.
  std::optional<int> find(const Name& name) const;
  /// The Name of an unknown.
  Name name_of(int unknown) const;
  int size() const { return static_cast<int>(system.unknowns.size()); }

  /// The number of the matrix element, made if it is new.
  int entry(int row, int column);

  /// <prefix>_<array>[index]
  Expression element(const std::string& array, int index) const;
  /// <prefix>_<array>[index] = value
  Statement assign(const std::string& array, int index, Expression value, const Place& place) const;
  /// <prefix>_<array>[index] = <prefix>_<array>[index] + value
  Statement add(const std::string& array, int index, Expression value, const Place& place) const;

  /// Declares an array at the top of the block. Nothing for size 0.
  void declare(const std::string& array, int size);
  void declare_scalar(const std::string& name);
  /// Puts the declarations at the top and the system where the description finds it.
  void finish();

  PassContext& context;
  CodeBlock& block;
  ImplicitSystem system;

 private:
  std::map<std::pair<std::string, int>, int> numbers_;
  std::map<std::pair<int, int>, int> entries_;
  Local arrays_;
};

}  // namespace cellwright::nmodl
