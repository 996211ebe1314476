#pragma once
/// C++ text that solves the ImplicitSystems of a mechanism, over one lane's Frame.
///
/// For a block `s`: q_s(f, a) advances it by f.x_dt; y_s(f, a), if INITIAL asks for it, goes to the steady state. Both
/// leave NaN in the unknowns where NEURON would stop with an error.

#include "nmodl/codegen/elimination.hpp"
#include "nmodl/codegen/statement_writer.hpp"

namespace cellwright::nmodl {

class SystemWriter {
 public:
  SystemWriter(const MechanismDescription& mechanism, StatementWriter& statements)
      : mechanism_(mechanism), statements_(statements) {}

  /// All functions of one block. @pre it has a system
  void write(CodeText& code, const SolveBlock& solve);

 private:
  // kinetic.cpp
  void balance(CodeText& code, const SolveBlock& solve);
  void balance_round(CodeText& code, const SolveBlock& solve);
  void unrolled_elimination(CodeText& code, const ImplicitSystem& system, const EliminationPlan& plan) const;
  void table_elimination(CodeText& code, const ImplicitSystem& system, const EliminationPlan& plan) const;
  void elimination_tables(CodeText& code, const SolveBlock& solve, const EliminationPlan& plan) const;
  void balance_once(CodeText& code, const SolveBlock& solve);
  void balance_iteration(CodeText& code, const SolveBlock& solve);
  void balance_steady_state(CodeText& code, const SolveBlock& solve);
  std::string right_side(const ImplicitSystem& system, int row) const;
  static std::string coefficient(const ImplicitSystem& system, int row, int column);
  // newton.cpp
  void newton(CodeText& code, const SolveBlock& solve);
  void linear(CodeText& code, const SolveBlock& solve);

  void short_steady_state(CodeText& code, const SolveBlock& solve) const;
  bool is_solved_for_steady_state(const std::string& block) const;
  /// The unknown as an lvalue of the Frame or Arrays.
  std::string unknown(const ImplicitSystem& system, int k) const;
  void save_unknowns(CodeText& code, const ImplicitSystem& system) const;

  const MechanismDescription& mechanism_;
  StatementWriter& statements_;
};

/// True if some SOLVE ... STEADYSTATE changes dt for the time of a call.
bool has_steady_state(const MechanismDescription& mechanism);

}  // namespace cellwright::nmodl
