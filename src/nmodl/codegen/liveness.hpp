#pragma once
/// Which variables a phase needs from before: those that it may read before it has assigned them.

#include <map>
#include <set>
#include <string>

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

/// Finds the live variables at the entry of a piece of a mechanism. Sound, not complete: a variable that is not
/// reported is never read before it is assigned; elements of arrays and assignments inside loops count as not assigned.
class LivenessFinder {
 public:
  explicit LivenessFinder(const MechanismDescription& mechanism);

  using Names = std::set<std::string>;

  /// @param assigned  in: what has been assigned before the block; out: what certainly has been after it.
  /// @returns the Variables that the block may read before they are assigned.
  Names live_in(const Block& block, Names& assigned);

 private:
  /// A function as its caller sees it.
  struct Summary {
    Names live, assigned;
  };
  struct Scope {
    const Function* function;  ///< its arguments and its name hide Variables; may be nullptr
    Names* live;
  };
  void visit(const Block& block, const Scope& scope, Names& assigned);
  void visit(const Statement& statement, const Scope& scope, Names& assigned);
  void visit(const Expression& expression, const Scope& scope, Names& assigned);
  void visit_if(const If& statement, const Scope& scope, Names& assigned);
  void visit_call(const Call& call, const Scope& scope, Names& assigned);
  const Summary& summary(const Function& function);
  bool is_variable(const std::string& name, const Scope& scope) const;

  const MechanismDescription& mechanism_;
  Names variables_;
  std::map<std::string, Summary> summaries_;
};

}  // namespace cellwright::nmodl
