#pragma once
/// What a piece of a mechanism reads and assigns, through all the functions that it calls.

#include <map>
#include <set>
#include <string>

#include "cellwright/nmodl/mechanism_description.hpp"

namespace cellwright::nmodl {

struct Effects {
  std::set<std::string> reads, writes;  ///< Variables
  bool has_open_loop = false;           ///< WHILE, FROM between values that are not numbers, or iterated equations
  bool is_ordered = false;              ///< draws random numbers or asks for events
  /// Several lanes may run it at once.
  bool fits_vectors() const { return !has_open_loop && !is_ordered; }
  void merge(const Effects& other);
};

class EffectsFinder {
 public:
  explicit EffectsFinder(const MechanismDescription& mechanism);

  /// Effects of statements outside any function. A function with a TABLE counts by its look-up: it writes the outputs.
  Effects of(const Block& block);
  /// Effects of advancing a SOLVEd block, its unknowns and all.
  Effects of(const SolveBlock& solve);
  /// Effects of a function's body itself (with a TABLE: of what fills the table).
  Effects of_body(const Function& function);
  /// A call of the function changes something besides its value.
  bool has_side_effects(const Function& function);

 private:
  struct Scope {
    const Function* function;  ///< its arguments and its name hide Variables; may be nullptr
    Effects* effects;
  };
  void visit(const Block& block, const Scope& scope);
  void visit(const Statement& statement, const Scope& scope);
  void visit(const Expression& expression, const Scope& scope);
  void visit_call(const Call& call, const Scope& scope);
  void visit_solve(const Solve& solve, const Scope& scope);
  void assign(const Name& target, const Scope& scope);
  bool is_variable(const std::string& name, const Scope& scope) const;
  const Effects& of_call(const Function& function);

  const MechanismDescription& mechanism_;
  std::set<std::string> variables_;
  std::map<std::string, Effects> calls_;
};

/// True if the block is solved by iteration, or with loops over a large matrix: lanes then go one by one.
bool goes_lane_by_lane(const SolveBlock& solve);

/// The SolveBlock that a SOLVE in INITIAL names. @throws InternalError if there is none.
const SolveBlock& find_solve(const MechanismDescription& mechanism, const std::string& name);

}  // namespace cellwright::nmodl
